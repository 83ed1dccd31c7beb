/**
 * What is in a segment's file, for people: every batch of a `.log`, every entry of
 * an `.index`, `.timeindex` or `.snapshot`, in file order. Reads only, trusts nothing, goes on
 * behind damage where it can. Called by the offline command `log dump`.
 */
import { assert } from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import type { Disk } from "../storage/disk.ts";
import { BatchScan, DATA_WINDOW_BYTES, findSoundBatch } from "./batch_scan.ts";
import { OffsetIndex } from "./offset_index.ts";
import { FileHandle, OpenFiles } from "./open_files.ts";
import type { SnapshotEntry } from "./producer_snapshot.ts";
import { readSnapshot } from "./producer_store.ts";
import { parseSegmentFileName, parseSnapshotFileName } from "./segment_name.ts";
import { TimeIndex } from "./time_index.ts";
import { isUnreadable } from "./unreadable.ts";

/** A batch as its header has it. Offsets are absolute, times milliseconds since 1970. */
export interface DumpedBatch {
  readonly kind: "batch";
  readonly position: number;
  readonly bytes: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly recordCount: number;
  readonly leaderEpoch: number;
  readonly codec: string;
  readonly timestampType: "CreateTime" | "LogAppendTime";
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly hasDeleteHorizon: boolean;
  readonly crc: number;
  /** The CRC fits the bytes. */
  readonly isSound: boolean;
  /** The batch's records when they were asked for and can be read, else `null`. Valid during the visit. */
  readonly records: readonly batch.BatchRecord[] | null;
}

/** One thing found in a file. */
export type DumpedEntry =
  | DumpedBatch
  | { readonly kind: "offset_entry"; readonly offset: number; readonly position: number }
  | { readonly kind: "time_entry"; readonly timestamp: number; readonly offset: number }
  | (SnapshotEntry & { readonly kind: "producer_entry" })
  /** Bytes that are no batch, from `position` on. */
  | { readonly kind: "damage"; readonly position: number; readonly what: string };

/**
 * Visits everything in a segment's file. `path` ends in `.log`, `.index`, `.timeindex` or `.snapshot`
 * after 20 digits; anything else returns false. Throws DiskError.
 *
 * @example
 * ```ts
 * dumpSegment(disk, "data/orders-0/00000000000000000000.log", { records: false }, console.log);
 * ```
 */
export function dumpSegment(
  disk: Disk,
  path: string,
  options: { readonly records: boolean },
  visit: (entry: DumpedEntry) => void,
): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const snapshotOffset = parseSnapshotFileName(name);
  if (snapshotOffset >= 0) return dumpSnapshot(disk, path, snapshotOffset, visit);
  const parsed = parseSegmentFileName(name);
  if (parsed === null) return false;
  const handle = new FileHandle(new OpenFiles(disk), path);
  try {
    handle.use("read");
    if (parsed.suffix === ".log") dumpBatches(handle, parsed.baseOffset, options.records, visit);
    else if (parsed.suffix === ".index") dumpOffsets(handle, parsed.baseOffset, visit);
    else dumpTimes(handle, parsed.baseOffset, visit);
  } finally {
    handle.close();
  }
  return true;
}

function dumpSnapshot(
  disk: Disk,
  path: string,
  offset: number,
  visit: (entry: DumpedEntry) => void,
): true {
  const entries = readSnapshot(disk, path, offset);
  if (typeof entries === "string") visit({ kind: "damage", position: 0, what: entries });
  else for (const entry of entries) visit({ kind: "producer_entry", ...entry });
  return true;
}

function dumpBatches(
  handle: FileHandle,
  baseOffset: number,
  withRecords: boolean,
  visit: (entry: DumpedEntry) => void,
): void {
  const end = handle.use("read").size;
  let from = 0;
  let expected = baseOffset;
  while (from >= 0) {
    const offsets = { nextOffset: expected, limitOffset: Number.MAX_SAFE_INTEGER };
    const scan = new BatchScan(handle, { from, end }, offsets, DATA_WINDOW_BYTES);
    while (scan.next()) visit(describeBatch(scan, withRecords));
    if (scan.damage === null) return;
    visit({ kind: "damage", position: scan.position, what: scan.damage });
    expected = scan.nextOffset;
    from = findSoundBatch(handle, scan.position + 1, end, expected, Number.MAX_SAFE_INTEGER);
  }
}

function describeBatch(scan: BatchScan, withRecords: boolean): DumpedBatch {
  assert(scan.bytes > 0, "a batch that is described was found");
  const isSound = scan.isSound();
  const { view, at } = scan;
  const attributes = batch.attributes(view, at);
  return {
    kind: "batch",
    position: scan.position,
    bytes: scan.bytes,
    baseOffset: scan.baseOffset,
    lastOffset: scan.lastOffset,
    recordCount: batch.recordCount(view, at),
    leaderEpoch: batch.partitionLeaderEpoch(view, at),
    codec: batch.CODEC_NAMES[batch.codecOf(attributes)] ?? `unknown ${batch.codecOf(attributes)}`,
    timestampType: batch.usesLogAppendTime(attributes) ? "LogAppendTime" : "CreateTime",
    baseTimestamp: batch.baseTimestamp(view, at),
    maxTimestamp: batch.maxTimestamp(view, at),
    producerId: batch.producerId(view, at),
    producerEpoch: batch.producerEpoch(view, at),
    baseSequence: batch.baseSequence(view, at),
    isTransactional: batch.isTransactional(attributes),
    isControl: batch.isControl(attributes),
    hasDeleteHorizon: batch.hasDeleteHorizon(attributes),
    crc: batch.crc(view, at),
    isSound,
    records: withRecords && isSound ? recordsOf(scan) : null,
  };
}

function recordsOf(scan: BatchScan): readonly batch.BatchRecord[] | null {
  try {
    return batch.readRecords(scan.load());
  } catch (error) {
    if (isUnreadable(error)) return null;
    throw error;
  }
}

function dumpOffsets(handle: FileHandle, baseOffset: number, visit: (entry: DumpedEntry) => void): void {
  const index = new OffsetIndex(handle, false);
  for (let entry = 0; entry < index.count; entry++) {
    const offset = baseOffset + index.offsetAt(entry);
    visit({ kind: "offset_entry", offset, position: index.positionAt(entry) });
  }
}

function dumpTimes(handle: FileHandle, baseOffset: number, visit: (entry: DumpedEntry) => void): void {
  const index = new TimeIndex(handle, false);
  for (let entry = 0; entry < index.count; entry++) {
    const timestamp = index.timestampAt(entry);
    visit({ kind: "time_entry", timestamp, offset: baseOffset + index.offsetAt(entry) });
  }
}
