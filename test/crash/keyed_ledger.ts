/**
 * What was promised to the keys of one partition whose old records go, by
 * compaction or by retention. Sequence numbers count what was sent, from 0, and
 * stand in a header of each record, so that a tombstone says who it is, too.
 * Producers keep the order and never double, so neither may the log.
 */
import type { SettingValue } from "weir";

/** What the settings of a topic let go. Times in milliseconds. */
export interface Policy {
  readonly topic: string;
  readonly config: Readonly<Record<string, SettingValue>>;
  /** A record may go once a later one has its key. */
  readonly compacts: boolean;
  /** Old segments go. */
  readonly deletes: boolean;
  /** `delete.retention.ms`: a tombstone stays as long. */
  readonly tombstoneMs: number;
  /** `min.compaction.lag.ms`: a younger record stays. */
  readonly lagMs: number;
  /** `retention.ms`: a younger record stays, unless size takes it. */
  readonly retentionMs: number;
  /** `retention.bytes`: as many stay once anything went; `null` where size takes nothing. */
  readonly retentionBytes: number | null;
}

/** A record that was sent. */
export interface Sent {
  readonly key: string;
  /** Characters of filling in its value; −1 is a tombstone. */
  readonly filling: number;
  /** Its timestamp. */
  readonly sentMs: number;
  /** Where it was acknowledged, or once found; −1 while neither was. */
  offset: number;
}

export class KeyedLedger {
  readonly policy: Policy;
  readonly partition: number;
  /** By sequence number, in order: what may be in the log. What was seen to be gone is forgotten, and must stay so. */
  readonly records = new Map<number, Sent>();
  sent = 0;
  acked = 0;
  /** Acknowledged records that were compacted or retained away. */
  gone = 0;
  /** What its first segment was when it was last held against this. */
  firstSegment = "";
  /** Where the log began when it was last held against this. */
  startOffset = 0;
  /** Asked for by a trim: what is below it may be gone. */
  trimAsked = 0;
  /** Acknowledged by a trim: what is below it must not come back. */
  trimAcked = 0;

  constructor(policy: Policy, partition: number) {
    this.policy = policy;
    this.partition = partition;
  }

  get name(): string {
    return `${this.policy.topic}-${this.partition}`;
  }

  /** The next record to send: one of `keys` keys, a tombstone now and then. */
  next(keys: number, nowMs: number, random: () => number): { sequence: number; record: Sent } {
    const sequence = this.sent++;
    const key = `key-${Math.floor(random() * keys)}`;
    const filling = random() < 0.1 ? -1 : Math.floor(random() * 400);
    const record = { key, filling, sentMs: nowMs, offset: -1 };
    this.records.set(sequence, record);
    return { sequence, record };
  }

  acknowledge(sequence: number, offset: number): void {
    this.records.get(sequence)!.offset = offset;
    this.acked++;
  }
}

/** The value of a record, in which a filling must come back whole. */
export function valueOf(sequence: number, { key, filling }: Sent): string | null {
  return filling < 0 ? null : `${sequence}/${key}/${"x".repeat(filling)}`;
}
