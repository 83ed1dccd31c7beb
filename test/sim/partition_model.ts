/**
 * The oracle: what clients were told, and what may therefore never be otherwise.
 * Each record sent has a value of its own; each partition is an array of them.
 *
 *     acks=all acknowledged, or shown to a reader  -> survives everything
 *     anything in the log                          -> survives the process
 *     a send that failed for certain               -> is never read
 *
 * So `durableEnd` of a partition is the first offset that a power cut may take.
 * A partition with a flipped bit may lose records, and may refuse to serve, but
 * what it serves is checked as ever.
 */
import type { Keeping } from "./keeping.ts";
import type { Oracle } from "./oracle.ts";
import type { SentRecord, ShownRecord } from "./sent_record.ts";
import { UpkeepModel } from "./upkeep_model.ts";
import { Violation } from "./world.ts";

/** A topic, from its creation to its deletion. */
export class TopicModel {
  readonly partitions: PartitionModel[] = [];
  /** "creating" and "deleting" are asked for and not answered. */
  state: "creating" | "live" | "deleting" | "gone" = "creating";
  usesLogAppendTime = false;
  /** Requests about it that are not answered: while there are any, its name is not given again. */
  outstanding = 0;
  /** What upkeep may take; `null` where it takes nothing. */
  keeping: Keeping | null = null;
  /** All that was asked for where upkeep is told of. */
  settings: Readonly<Record<string, string | null>> = {};

  constructor(readonly name: string) {}

  get isCompacted(): boolean {
    return this.keeping?.latest.compacts === true;
  }
}

/** What was known of a partition when a request was sent. */
export interface Floor {
  readonly highWatermark: number;
  readonly knownEnd: number;
  readonly trimmedTo: number;
  readonly startTold: number;
}

export class PartitionModel {
  sent: SentRecord[] = [];
  readonly records = new Map<number, SentRecord>();
  /** Above every known record. */
  knownEnd = 0;
  durableEnd = 0;
  highWatermark = 0;
  /** What was acknowledged, and what was asked for. */
  trimmedTo = 0;
  trimAsked = 0;
  /** The highest log start that was told and that nobody asked for: it stays until a power cut. */
  startTold = 0;
  /** What was told last. */
  lastStart = 0;
  /** Times that retention was seen to have moved the log's start. */
  expiries = 0;
  /** A bit was flipped in one of its files. */
  isDamaged = false;
  /** `null` where upkeep takes nothing. */
  readonly upkeep: UpkeepModel | null;

  constructor(readonly topic: TopicModel, readonly index: number) {
    this.upkeep = topic.keeping === null ? null : new UpkeepModel(topic.keeping, this.records);
  }

  get name(): string {
    return `${this.topic.name}-${this.index}`;
  }

  /** A record is at an offset: acknowledged there, or read. */
  place(offset: number, record: SentRecord): void {
    const known = this.records.get(offset);
    if (record.partition !== this) {
      this.#wrong(`record "${short(record)}" of "${record.partition.name}"`, offset);
    }
    // The recovery of a damaged log may cut it; then its offsets are given again.
    if (known !== undefined && known !== record && !this.isDamaged) {
      this.#wrong(`two values, "${short(known)}" and "${short(record)}"`, offset);
    }
    if (record.offset !== -1 && record.offset !== offset) {
      this.#wrong(`record "${short(record)}" that is at offset ${record.offset} too`, offset);
    }
    if (record.state === "failed") this.#wrong(`record "${short(record)}", which failed`, offset);
    record.offset = offset;
    this.records.set(offset, record);
    this.knownEnd = Math.max(this.knownEnd, offset + 1);
  }

  /** A produce was acknowledged. */
  acknowledge(batch: readonly SentRecord[], baseOffset: number, logAppendTimeMs: number): void {
    if (baseOffset < 0) this.#wrong("an acknowledgement without an offset", baseOffset);
    batch.forEach((record, index) => {
      this.place(baseOffset + index, record);
      record.state = "acked";
      if (logAppendTimeMs >= 0) record.timestamp = logAppendTimeMs;
    });
    if (batch[0]!.acks === -1) this.#raiseDurable(baseOffset + batch.length);
  }

  /** A reader was shown a record. */
  show(offset: number, { value, key, isTombstone, timestamp }: ShownRecord, oracle: Oracle): SentRecord {
    const record = oracle.find(value);
    if (record === undefined) this.#wrong(`value "${value.slice(0, 40)}" that nobody sent`, offset);
    if (record.key !== key) this.#wrong(`key "${key}", sent was "${record.key}"`, offset);
    if (record.isTombstone !== isTombstone) this.#wrong(`the value of "${short(record)}" is gone`, offset);
    this.place(offset, record);
    if (!this.topic.usesLogAppendTime && record.timestamp !== timestamp) {
      this.#wrong(`timestamp ${timestamp}, sent was ${record.timestamp}`, offset);
    }
    record.timestamp = timestamp;
    if (record.acks === -1) this.#raiseDurable(offset + 1);
    return record;
  }

  /** What a request sent now may count on. */
  get floor(): Floor {
    const { highWatermark, knownEnd, trimmedTo, startTold } = this;
    return { highWatermark, knownEnd, trimmedTo, startTold };
  }

  /** A reader was told where the log begins and ends; `floor` is from when it asked. */
  bounds(logStartOffset: number, highWatermark: number, floor: Floor): void {
    if (logStartOffset > highWatermark && !this.isDamaged) {
      this.#wrong(`a log start above the high watermark ${highWatermark}`, logStartOffset);
    }
    this.endsAt(highWatermark, floor);
    this.beginsAt(logStartOffset, floor);
  }

  /** A reader was told the high watermark. */
  endsAt(highWatermark: number, floor: Floor): void {
    if (this.isDamaged) return;
    const known = Math.max(floor.highWatermark, floor.knownEnd);
    if (highWatermark < known) this.#wrong(`a high watermark that was ${known} before`, highWatermark);
    this.highWatermark = Math.max(this.highWatermark, highWatermark);
  }

  /** A reader was told the log's start: somebody asked for it, or the settings keep nothing that lies below. */
  beginsAt(logStartOffset: number, floor: Floor): void {
    if (this.isDamaged) return;
    if (logStartOffset > this.trimAsked) {
      if (this.upkeep === null) this.#wrong(`a log start above "${this.trimAsked}"`, logStartOffset);
      this.#complain(this.upkeep.checkStart(logStartOffset, this.trimAsked), logStartOffset);
      if (logStartOffset > this.startTold) this.expiries++;
      this.startTold = Math.max(this.startTold, logStartOffset);
    }
    const lowest = Math.max(floor.trimmedTo, this.upkeep === null ? 0 : floor.startTold);
    if (logStartOffset < lowest) this.#wrong(`a log start below "${lowest}"`, logStartOffset);
    this.lastStart = logStartOffset;
  }

  /** A reader found nothing at `offset`, but something behind it. */
  misses(offset: number): void {
    if (this.isDamaged) return;
    if (this.upkeep === null) this.#wrong("a gap", offset);
    this.#complain(this.upkeep.checkMissing(offset), offset);
  }

  /** A reader was told that `offset` is out of range. */
  outOfRange(offset: number, floor: Floor): void {
    const isKnown = offset >= floor.trimmedTo && offset >= this.trimAsked && offset < floor.knownEnd &&
      this.records.has(offset);
    if (this.isDamaged || !isKnown || this.upkeep?.mayBeGone(offset) === true) return;
    this.#wrong("out of range, though the settings keep it", offset);
  }

  /** A trim was acknowledged: offsets below are never given again. */
  trimmed(offset: number): void {
    if (offset > this.trimAsked) this.#wrong(`a trim beyond "${this.trimAsked}"`, offset);
    this.trimmedTo = Math.max(this.trimmedTo, offset);
    this.#raiseDurable(offset);
  }

  /** An answer to "the first record at or after `timestamp`": offset −1 for none. */
  checkLookup(timestamp: number, offset: number, found: number, floor: Floor): void {
    if (this.isDamaged) return;
    const until = offset === -1 ? Math.min(floor.knownEnd, this.knownEnd) : offset;
    if (offset !== -1 && found < timestamp) this.#wrong(`timestamp ${found}, wanted ${timestamp}`, offset);
    for (let at = this.trimAsked; at < until; at++) {
      const record = this.records.get(at);
      if (record === undefined || record.timestamp < timestamp) continue;
      if (this.upkeep?.mayBeGone(at) === true) continue;
      this.#wrong(`found for ${timestamp}, but ${record.timestamp} is at offset ${at}`, offset);
    }
    const there = this.records.get(offset);
    if (there !== undefined && there.timestamp !== found) {
      this.#wrong(`timestamp ${found}, known is ${there.timestamp}`, offset);
    }
  }

  /** The power was cut: what was not promised may be gone. */
  losePower(): void {
    for (const [offset] of this.records) if (offset >= this.durableEnd) this.records.delete(offset);
    this.knownEnd = Math.min(this.knownEnd, this.durableEnd);
    this.highWatermark = Math.min(this.highWatermark, this.durableEnd);
    this.startTold = this.trimmedTo;
  }

  /** The process died: a damaged log may be cut anywhere by its recovery. */
  restart(): void {
    if (!this.isDamaged) return;
    this.records.clear();
    this.knownEnd =
      this.highWatermark =
      this.durableEnd =
      this.trimmedTo =
      this.startTold =
        0;
  }

  /** Everything in the log has been read, while nothing was sent: what is not there never will be. */
  settle(logStartOffset: number, endOffset: number): void {
    if (!this.isDamaged) {
      if (logStartOffset < this.trimmedTo) {
        this.#wrong(`a log start below "${this.trimmedTo}"`, logStartOffset);
      }
      if (endOffset < this.knownEnd) this.#wrong(`the log's end, known was ${this.knownEnd}`, endOffset);
    }
    const orders = new Map<number, number>();
    for (let offset = logStartOffset; offset < endOffset; offset++) {
      const record = this.records.get(offset);
      if (record === undefined) {
        if (!this.isDamaged && !this.topic.isCompacted) this.#wrong("a gap", offset);
        continue;
      }
      const before = orders.get(record.producer) ?? -1;
      if (record.sequence <= before) this.#wrong(`sequence ${record.sequence} after ${before}`, offset);
      orders.set(record.producer, record.sequence);
    }
    if (this.isDamaged) return;
    this.#complain(this.upkeep?.settle(logStartOffset) ?? null, logStartOffset);
    const isFinal = (record: SentRecord) => !record.isRetried;
    for (const record of this.sent.filter(isFinal)) {
      const isThere = record.offset >= 0 && record.offset < endOffset &&
        this.records.get(record.offset) === record;
      // It may have been in the log, and gone before anybody saw it.
      const mayHaveGone = record.offset < 0
        ? logStartOffset > this.trimmedTo
        : record.offset < logStartOffset;
      if (this.topic.isCompacted || (this.upkeep !== null && mayHaveGone)) continue;
      if (record.state !== "failed" && !isThere) record.state = "failed";
    }
    this.sent = this.sent.filter((record) => record.isRetried);
  }

  #complain(complaint: string | null, offset: number): void {
    if (complaint !== null) this.#wrong(complaint, offset);
  }

  #raiseDurable(offset: number): void {
    this.durableEnd = Math.max(this.durableEnd, offset);
  }

  #wrong(what: string, offset: number): never {
    throw new Violation(`Partition "${this.name}" at offset ${offset}: ${what}`);
  }
}

function short(record: SentRecord): string {
  return record.value.length > 24 ? `${record.value.slice(0, 24)}...` : record.value;
}
