/**
 * Holds a partition, read from its start after a crash, against what was promised
 * to its keys: what is there is what was sent, where it was acknowledged and in
 * order; what is not there the settings let go; what was gone does not come back.
 */
import { type KeyedLedger, type Sent, valueOf } from "./keyed_ledger.ts";

/** A record as it was read. */
export interface FoundRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  /** Of its header; NaN without one. */
  readonly sequence: number;
}

/** Where the log begins and ends, and when it was read. */
export interface LogFacts {
  /** Asked for after the records were read. */
  readonly startOffset: number;
  readonly endOffset: number;
  /** Base of the segment that was active before they were read: from there on nothing is compacted. */
  readonly activeOffset: number;
  /** When the reading was over, milliseconds since 1970. */
  readonly readMs: number;
  /** Bytes of its `.log` files. */
  readonly bytes: number;
}

/** What is wrong. The ledger then knows what was found, and forgets what was not. */
export function findWrong(ledger: KeyedLedger, found: readonly FoundRecord[], facts: LogFacts): string[] {
  const wrong = [
    ...checkRecords(ledger, found),
    ...checkExtent(ledger, facts),
    ...checkWhole(ledger, found, facts),
  ];
  const sequences = new Set(found.map(({ sequence }) => sequence));
  for (const { offset, sequence } of found) {
    const record = ledger.records.get(sequence);
    if (record !== undefined) record.offset = offset;
  }
  wrong.push(...checkMissing(ledger, sequences, facts));
  for (const [sequence, record] of ledger.records) {
    if (sequences.has(sequence)) continue;
    if (record.offset >= 0) ledger.gone++;
    ledger.records.delete(sequence);
  }
  ledger.startOffset = facts.startOffset;
  return wrong.map((words) => `${ledger.name}: ${words}`);
}

/** Each record is one that was sent, whole, at its offset, behind those sent before it. */
function checkRecords(ledger: KeyedLedger, found: readonly FoundRecord[]): string[] {
  const wrong: string[] = [];
  let [lastOffset, lastSequence] = [-1, -1];
  for (const { offset, sequence, key, value } of found) {
    const sent = ledger.records.get(sequence);
    if (offset <= lastOffset) wrong.push(`offset ${offset} stands behind ${lastOffset}`);
    if (sequence <= lastSequence) wrong.push(`record ${sequence} stands behind record ${lastSequence}`);
    if (sent === undefined) {
      wrong.push(
        `offset ${offset} has record ${sequence}, ${sequence < ledger.sent ? "gone before" : "never sent"}`,
      );
    } else {
      if (key !== sent.key || value !== valueOf(sequence, sent)) {
        wrong.push(`offset ${offset} has not what was sent as record ${sequence}`);
      }
      if (sent.offset >= 0 && sent.offset !== offset) {
        wrong.push(`record ${sequence} was at ${sent.offset} and is at ${offset}`);
      }
    }
    [lastOffset, lastSequence] = [offset, sequence];
  }
  return wrong;
}

/** The log begins where it may and ends behind what was acknowledged. */
function checkExtent(ledger: KeyedLedger, { startOffset, endOffset, bytes }: LogFacts): string[] {
  const wrong: string[] = [];
  const { policy } = ledger;
  const known = [...ledger.records.values()].reduce((highest, { offset }) => Math.max(highest, offset), -1);
  if (startOffset < ledger.startOffset) {
    wrong.push(`begins at ${startOffset}, and began at ${ledger.startOffset} before`);
  }
  if (startOffset < ledger.trimAcked) {
    wrong.push(`begins at ${startOffset}, below a trim to ${ledger.trimAcked}`);
  }
  if (endOffset <= known) wrong.push(`ends at ${endOffset}, and ${known} was acknowledged`);
  if (!policy.deletes && startOffset > 0) wrong.push(`begins at ${startOffset}, and nothing may be deleted`);
  if (startOffset > ledger.trimAsked && bytes < (policy.retentionBytes ?? 0)) {
    wrong.push(`has ${bytes} bytes, and ${policy.retentionBytes} are kept`);
  }
  return wrong;
}

/** Where nothing is compacted no offset is missing. */
function checkWhole({ policy }: KeyedLedger, found: readonly FoundRecord[], facts: LogFacts): string[] {
  const from = Math.max(facts.startOffset, policy.compacts ? facts.activeOffset : 0);
  let next = from;
  for (const { offset } of found) {
    if (offset < from) continue;
    if (offset !== next) return [`offset ${offset} comes where ${next} is due`];
    next++;
  }
  return next === facts.endOffset || from >= facts.endOffset
    ? []
    : [`ends at ${facts.endOffset}, read up to ${next}`];
}

/** What is not there may have gone. */
function checkMissing(ledger: KeyedLedger, found: ReadonlySet<number>, facts: LogFacts): string[] {
  const wrong: string[] = [];
  /** By key, of what was compacted with it: a record that is there, or a tombstone that is gone, or may be. */
  const later = new Map<string, "found" | "marked" | "maybe">();
  for (const [sequence, record] of [...ledger.records].reverse()) {
    const { key, offset } = record;
    const isFound = found.has(sequence);
    if (isFound && later.get(key) === "marked") {
      wrong.push(`record ${sequence} of ${key} is there, and the tombstone behind it is gone`);
    }
    const isMissing = !isFound && offset >= 0 && !mayBeDeleted(ledger, record, facts) &&
      !(later.has(key) && mayBeCompacted(ledger, record, facts)) && !mayBeForgotten(ledger, record, facts);
    if (isMissing) wrong.push(`record ${sequence} of ${key}, acknowledged at ${offset}, is missing`);
    if (!mayBeCompacted(ledger, record, facts)) continue;
    if (isFound) later.set(key, "found");
    else if (!later.has(key) && mayBeForgotten(ledger, record, facts)) {
      later.set(key, offset < 0 ? "maybe" : "marked");
    }
  }
  return wrong;
}

/** True when compaction may have looked at it: old enough, and its segment was sealed. */
function mayBeCompacted({ policy }: KeyedLedger, { offset, sentMs }: Sent, facts: LogFacts): boolean {
  return policy.compacts && offset < facts.activeOffset && sentMs + policy.lagMs <= facts.readMs;
}

/** True for a tombstone that was kept for as long as it has to be. */
function mayBeForgotten(ledger: KeyedLedger, record: Sent, facts: LogFacts): boolean {
  return record.filling < 0 && mayBeCompacted(ledger, record, facts) &&
    record.sentMs + ledger.policy.tombstoneMs <= facts.readMs;
}

/** True when retention or a trim may have taken it. */
function mayBeDeleted(
  { policy, trimAsked }: KeyedLedger,
  { offset, sentMs }: Sent,
  facts: LogFacts,
): boolean {
  if (!policy.deletes || offset >= facts.startOffset) return false;
  return offset < trimAsked || policy.retentionBytes !== null || sentMs + policy.retentionMs <= facts.readMs;
}
