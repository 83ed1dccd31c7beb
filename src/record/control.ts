/**
 * Control batches: one uncompressed record that is no data but a mark in the
 * log, the end of a transaction or a change of leader. Consumers step over them
 * and count their offset; clients may not send them.
 *
 *     key    version i16 = 0 | type i16
 *     value  of a transaction marker: version i16 = 0 | coordinator epoch i32
 *
 * Types a reader does not know are to be ignored. Source: KIP-98, KIP-595.
 */
import { DecodeError, Reader, Writer } from "../bytes/mod.ts";
import { type BatchOptions, encodeBatch } from "./build.ts";
import { RecordCursor } from "./read.ts";

/** The types of control records; 3 to 6 belong to KRaft's own log. */
export const CONTROL_ABORT = 0;
export const CONTROL_COMMIT = 1;
export const CONTROL_LEADER_CHANGE = 2;

/** What ends a transaction in one partition. */
export interface TransactionMarker {
  readonly outcome: "abort" | "commit";
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Epoch of the transaction coordinator that wrote it. */
  readonly coordinatorEpoch: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** A control record as it is read: its type, and the value's bytes. */
export interface ControlRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly type: number;
  readonly value: Uint8Array;
  /** Of a transaction marker; −1 for every other type. */
  readonly coordinatorEpoch: number;
}

/** Builds the batch of a transaction marker; base offset and leader epoch are stamped later, or given. */
export function encodeMarker(
  marker: TransactionMarker,
  options: Pick<BatchOptions, "baseOffset" | "leaderEpoch"> = {},
): Uint8Array<ArrayBuffer> {
  const writer = new Writer(10);
  writer.writeInt16(0);
  writer.writeInt16(marker.outcome === "abort" ? CONTROL_ABORT : CONTROL_COMMIT);
  writer.writeInt16(0);
  writer.writeInt32(marker.coordinatorEpoch);
  const bytes = writer.bytes();
  return encodeBatch([{ timestamp: marker.timestamp, key: bytes.subarray(0, 4), value: bytes.subarray(4) }], {
    ...options,
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    isTransactional: true,
    isControl: true,
  });
}

/** Reads the record of a control batch. Throws `DecodeError` when there is none, or its key is none of a control record. */
export function readControlRecord(bytes: Uint8Array): ControlRecord {
  const cursor = new RecordCursor();
  cursor.open(bytes);
  if (!cursor.next() || cursor.key === null) {
    throw new DecodeError("Control batch must have a record with a key");
  }
  const key = new Reader(cursor.key);
  const version = key.readInt16();
  if (version < 0) throw new DecodeError(`Control key's version "${version}" must be 0 or more`);
  const type = key.readInt16();
  const value = cursor.value ?? new Uint8Array(0);
  const isMarker = type === CONTROL_ABORT || type === CONTROL_COMMIT;
  const { offset, timestamp } = cursor;
  return { offset, timestamp, type, value, coordinatorEpoch: isMarker ? coordinatorEpochOf(value) : -1 };
}

function coordinatorEpochOf(value: Uint8Array): number {
  const reader = new Reader(value);
  const version = reader.readInt16();
  if (version < 0) throw new DecodeError(`Marker's version "${version}" must be 0 or more`);
  return reader.readInt32();
}
