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
import { Violation } from "./world.ts";

/** One record that was sent, once. */
export interface SentRecord {
  readonly value: string;
  readonly partition: PartitionModel;
  readonly acks: -1 | 0 | 1;
  readonly producer: number;
  /** Ascends with each record a producer sends to a partition. */
  readonly sequence: number;
  /** As sent; the log's own time once a reader saw it. */
  timestamp: number;
  /** "pending" may still be written, "failed" is certain not to be. */
  state: "pending" | "acked" | "failed";
  /** Where it was seen; −1 nowhere. */
  offset: number;
  /** An idempotent producer will send it again: it may come into the log later. */
  isRetried: boolean;
}

/** A topic, from its creation to its deletion. */
export class TopicModel {
  readonly partitions: PartitionModel[] = [];
  /** "creating" and "deleting" are asked for and not answered. */
  state: "creating" | "live" | "deleting" | "gone" = "creating";
  usesLogAppendTime = false;
  /** Requests about it that are not answered: while there are any, its name is not given again. */
  outstanding = 0;

  constructor(readonly name: string) {}
}

/** What was known of a partition when a request was sent. */
export interface Floor {
  readonly highWatermark: number;
  readonly knownEnd: number;
  readonly trimmedTo: number;
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
  /** A bit was flipped in one of its files. */
  isDamaged = false;

  constructor(readonly topic: TopicModel, readonly index: number) {}

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
  show(offset: number, value: string, timestamp: number, oracle: Oracle): SentRecord {
    const record = oracle.find(value);
    if (record === undefined) this.#wrong(`value "${value.slice(0, 40)}" that nobody sent`, offset);
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
    return { highWatermark: this.highWatermark, knownEnd: this.knownEnd, trimmedTo: this.trimmedTo };
  }

  /** A reader was told where the log begins and ends; `floor` is from when it asked. */
  bounds(logStartOffset: number, highWatermark: number, floor: Floor): void {
    if (this.isDamaged) return;
    const known = Math.max(floor.highWatermark, floor.knownEnd);
    if (highWatermark < known) this.#wrong(`a high watermark that was ${known} before`, highWatermark);
    if (logStartOffset > this.trimAsked) this.#wrong(`a log start above "${this.trimAsked}"`, logStartOffset);
    if (logStartOffset < floor.trimmedTo) {
      this.#wrong(`a log start below "${floor.trimmedTo}"`, logStartOffset);
    }
    this.highWatermark = Math.max(this.highWatermark, highWatermark);
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
  }

  /** The process died: a damaged log may be cut anywhere by its recovery. */
  restart(): void {
    if (!this.isDamaged) return;
    this.records.clear();
    this.knownEnd =
      this.highWatermark =
      this.durableEnd =
      this.trimmedTo =
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
        if (!this.isDamaged) this.#wrong("a gap", offset);
        continue;
      }
      const before = orders.get(record.producer) ?? -1;
      if (record.sequence <= before) this.#wrong(`sequence ${record.sequence} after ${before}`, offset);
      orders.set(record.producer, record.sequence);
    }
    if (this.isDamaged) return;
    const isFinal = (record: SentRecord) => !record.isRetried;
    for (const record of this.sent.filter(isFinal)) {
      const isThere = record.offset >= 0 && record.offset < endOffset &&
        this.records.get(record.offset) === record;
      if (record.state !== "failed" && !isThere) record.state = "failed";
    }
    this.sent = this.sent.filter((record) => record.isRetried);
  }

  #raiseDurable(offset: number): void {
    this.durableEnd = Math.max(this.durableEnd, offset);
  }

  #wrong(what: string, offset: number): never {
    throw new Violation(`Partition "${this.name}" at offset ${offset}: ${what}`);
  }
}

export class Oracle {
  readonly topics: TopicModel[] = [];
  readonly #byId = new Map<string, SentRecord>();
  #nextId = 0;
  /** For the report. */
  readonly counts = {
    sent: 0,
    acked: 0,
    shown: 0,
    refused: 0,
    retried: 0,
    kills: 0,
    powerCuts: 0,
    flips: 0,
    audits: 0,
  };

  /** Makes the next record of a producer; `size` is the length its value shall have about. */
  send(
    partition: PartitionModel,
    acks: -1 | 0 | 1,
    producer: number,
    timestamp: number,
    size: number,
  ): SentRecord {
    const id = `${this.#nextId++}`;
    const value = `${id}:${"x".repeat(size)}`;
    const sequence = this.#nextId;
    const record = {
      value,
      partition,
      acks,
      producer,
      sequence,
      timestamp,
      state: "pending",
      offset: -1,
      isRetried: false,
    } as const;
    const sent: SentRecord = { ...record };
    this.#byId.set(id, sent);
    partition.sent.push(sent);
    this.counts.sent++;
    return sent;
  }

  /** The record a value belongs to, if its bytes are those that were sent. */
  find(value: string): SentRecord | undefined {
    const record = this.#byId.get(value.slice(0, value.indexOf(":")));
    return record?.value === value ? record : undefined;
  }

  /** Every partition of every topic that is certain to exist. */
  get livePartitions(): PartitionModel[] {
    return this.topics.filter((topic) => topic.state === "live").flatMap((topic) => topic.partitions);
  }

  losePower(): void {
    for (const topic of this.topics) for (const partition of topic.partitions) partition.losePower();
  }

  restart(): void {
    for (const topic of this.topics) for (const partition of topic.partitions) partition.restart();
  }
}

function short(record: SentRecord): string {
  return record.value.length > 24 ? `${record.value.slice(0, 24)}...` : record.value;
}
