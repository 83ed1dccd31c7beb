/**
 * What was promised: for each partition the records sent in their order and the
 * offsets that were acknowledged. After each crash the log is held against it.
 * Producers do not retry, or are idempotent when they do, so a record that stands
 * twice was duplicated by the broker.
 */
import type { ConsumerRecord } from "weir";

/** A partition's promises. Sequence numbers count what was sent, from 0. */
export interface Promises {
  readonly topic: string;
  readonly partition: number;
  sent: number;
  /** Offset acknowledged for a sequence number. */
  readonly acked: Map<number, number>;
  /** Asked for by a trim: what is below it may be gone. */
  trimAsked: number;
  /** Acknowledged by a trim: what is below it must not come back. */
  trimAcked: number;
}

/** A record's value: who it is, and a filling that must come back whole. */
export function valueOf(promises: Promises, sequence: number, filling: number): string {
  return `${promises.topic}/${promises.partition}/${sequence}/${"x".repeat(filling)}/${filling}`;
}

/** Holds the records of a whole partition, from its start, against what was promised; gives what is wrong. */
export function findBroken(promises: Promises, records: readonly ConsumerRecord[]): string[] {
  const wrong: string[] = [];
  const where = `${promises.topic}-${promises.partition}`;
  let nextOffset = records[0]?.offset ?? promises.trimAcked;
  let lastSequence = -1;
  const found = new Map<number, number>();
  for (const record of records) {
    if (record.offset !== nextOffset) {
      wrong.push(`${where}: offset ${record.offset} comes where ${nextOffset} is due`);
    }
    nextOffset = record.offset + 1;
    const sequence = sequenceOf(promises, record.text());
    if (sequence === null) wrong.push(`${where}: offset ${record.offset} holds what nobody sent`);
    else if (sequence <= lastSequence) {
      wrong.push(`${where}: record ${sequence} stands behind record ${lastSequence}`);
    } else {
      lastSequence = sequence;
      found.set(sequence, record.offset);
    }
  }
  for (const [sequence, offset] of promises.acked) {
    if (offset < (records[0]?.offset ?? 0)) {
      if (offset >= promises.trimAsked) {
        wrong.push(`${where}: acknowledged offset ${offset} is below the log start`);
      }
    } else if (found.get(sequence) !== offset) {
      wrong.push(
        `${where}: record ${sequence} was acknowledged at ${offset} and is at ${
          found.get(sequence) ?? "no offset"
        }`,
      );
    }
  }
  if ((records[0]?.offset ?? promises.trimAcked) < promises.trimAcked) {
    wrong.push(`${where}: begins at ${records[0]!.offset}, but was trimmed to ${promises.trimAcked}`);
  }
  return wrong;
}

function sequenceOf(promises: Promises, text: string | null): number | null {
  const [topic, partition, sequence, filling, length] = (text ?? "").split("/");
  const isWhole = topic === promises.topic && Number(partition) === promises.partition &&
    filling?.length === Number(length) && Number(sequence) < promises.sent;
  return isWhole ? Number(sequence) : null;
}
