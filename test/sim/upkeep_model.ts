/**
 * What upkeep may and must have done to one partition, as the oracle sees it:
 *
 *     retention   takes from the start only, whole batches, none that all settings
 *                 since it was sent would keep; what is told of the start only grows
 *     compaction  takes a record only if a later one of its key is there, or it is a
 *                 tombstone past its horizon, and no cleaned one is younger than the lag
 *     at last     what is due is gone, and nothing in the sealed part is superseded
 *
 * The oracle knows no segments, so each rule is held record by record: what a
 * segment may lose as a whole, each of its records may lose. Methods give a
 * complaint in words, or `null`.
 */
import type { Keeping } from "./keeping.ts";
import type { SentRecord } from "./sent_record.ts";

/** Later than this after it is due, nothing has an excuse. */
const LATE_MS = 1_500;

export class UpkeepModel {
  readonly keeping: Keeping;
  readonly #records: ReadonlyMap<number, SentRecord>;
  /** The first record of every batch. */
  readonly #batches: SentRecord[] = [];
  readonly #byKey = new Map<string, SentRecord[]>();
  /** Known records below it are known to have been due. */
  #startChecked = 0;
  /** Offsets a reader found nothing at since the last audit began. */
  readonly #missing = new Set<number>();

  constructor(keeping: Keeping, records: ReadonlyMap<number, SentRecord>) {
    this.keeping = keeping;
    this.#records = records;
  }

  /** A batch was sent. */
  sent(batch: readonly SentRecord[], bytes: number): void {
    const first = batch[0]!;
    first.batchBytes = bytes;
    this.#batches.push(first);
    for (const record of batch) {
      if (record.key === null) continue;
      const records = this.#byKey.get(record.key);
      if (records === undefined) this.#byKey.set(record.key, [record]);
      else records.push(record);
    }
  }

  /** The log was said to begin at `start`; what lies below `trimAsked` somebody asked to be taken. */
  checkStart(start: number, trimAsked: number): string | null {
    const from = Math.max(this.#startChecked, trimAsked);
    if (start <= from) return null;
    const first = this.#records.get(start);
    const isInside = first !== undefined && first.batchBytes === 0 && this.#records.has(start - 1) &&
      first.batch === this.#records.get(start - 1)!.batch;
    if (isInside) return "a log start in the middle of a batch";
    const sizes = this.#sizesFrom(from);
    for (let offset = from; offset < start; offset++) {
      const record = this.#records.get(offset);
      if (record === undefined || this.keeping.mayExpire(record, sizes(offset))) continue;
      if (this.#mayBeCompacted(record)) continue;
      return `a log start above offset ${offset}, which the settings keep`;
    }
    this.#startChecked = start;
    return null;
  }

  /** True when a reader need not find what is known to have been at `offset`. */
  mayBeGone(offset: number): boolean {
    const record = this.#records.get(offset);
    if (record === undefined || offset < this.#startChecked) return true;
    return this.keeping.mayExpire(record, this.#sizesFrom(offset)(offset)) || this.#mayBeCompacted(record);
  }

  /** An audit begins. */
  forgetMissing(): void {
    this.#missing.clear();
  }

  /** A reader found nothing at `offset`, but something behind it. */
  checkMissing(offset: number): string | null {
    if (!this.keeping.latest.compacts) return "a gap";
    this.#missing.add(offset);
    const record = this.#records.get(offset);
    if (record === undefined) return null;
    return this.#mayBeCompacted(record)
      ? null
      : "a gap, though no later record of its key may have closed it";
  }

  /** Everything from `start` on has been read: whatever takes a record's place is known by now. */
  settle(start: number): string | null {
    for (const offset of this.#missing) {
      const record = this.#records.get(offset);
      if (record === undefined || offset < start || this.#isReplaced(record)) continue;
      return `a gap: no later record of key "${record.key}" is there (missing)`;
    }
    return null;
  }

  /** All has been calm for long: retention has nothing left to take. */
  checkExpired(start: number, end: number, wallMs: number, segmentBytesMax: number): string | null {
    const { keeping } = this;
    const { deletes, retentionBytes } = keeping.latest;
    if (!deletes || !keeping.isSettled || start === end) return null;
    let [bytes, isAllOld] = [0, true];
    for (let offset = start; offset < end; offset++) {
      const record = this.#records.get(offset);
      if (record === undefined || this.#missing.has(offset)) continue;
      isAllOld &&= keeping.mustHaveExpired(record.timestamp, LATE_MS, wallMs);
      bytes += keeping.latest.compacts ? 0 : record.batchBytes;
    }
    if (isAllOld) return `records up to offset ${end} are left, though all are too old`;
    return bytes >= retentionBytes + segmentBytesMax
      ? `${bytes} bytes are left, wanted is ${retentionBytes}`
      : null;
  }

  /** All has been calm for long: what lies below `sealedEnd` is compacted. */
  checkCompacted(start: number, sealedEnd: number, wallMs: number): string | null {
    const { latest, isSettled } = this.keeping;
    const isDue = latest.ratioMin === 0 || latest.lagMsMax < LATE_MS;
    if (!latest.compacts || !isSettled || !isDue) return null;
    let twice: string | null = null;
    const seen = new Map<string, number>();
    for (let offset = sealedEnd - 1; offset >= start; offset--) {
      const record = this.#records.get(offset);
      if (record === undefined || record.key === null || this.#missing.has(offset)) continue;
      // The clock was set back: the segment of a record from the future waits, and all behind it.
      if (latest.lagMsMin > 0 && record.timestamp > wallMs - latest.lagMsMin - LATE_MS) return null;
      const later = seen.get(record.key) ?? null;
      twice ??= later === null ? null : `key "${record.key}" is there at offset ${offset} and at ${later}`;
      seen.set(record.key, offset);
    }
    return twice;
  }

  /** For ascending offsets from `from` on: bytes of all batches that begin behind one, or nobody knows where. */
  #sizesFrom(from: number): (offset: number) => number {
    const placed = this.#batches.filter(({ offset }) => offset >= from).sort((a, b) => a.offset - b.offset);
    const lost = this.#batches.filter(({ offset, state }) => offset < 0 && state !== "failed");
    let bytes = [...placed, ...lost].reduce((sum, { batchBytes }) => sum + batchBytes, 0);
    let passed = 0;
    return (offset) => {
      for (; passed < placed.length && placed[passed]!.offset <= offset; passed++) {
        bytes -= placed[passed]!.batchBytes;
      }
      return bytes;
    };
  }

  #mayBeCompacted(record: SentRecord): boolean {
    if (record.key === null || !this.keeping.mayBeCleaned(record)) return false;
    if (record.isTombstone && this.keeping.mayBeForgotten(record)) return true;
    return this.#byKey.get(record.key)!.some((other) =>
      other !== record && other.state !== "failed" && (other.offset < 0 || other.offset > record.offset) &&
      this.keeping.mayBeCleaned(other)
    );
  }

  #isReplaced(record: SentRecord): boolean {
    if (record.key === null) return false;
    if (record.isTombstone && this.keeping.mayBeForgotten(record)) return true;
    return this.#byKey.get(record.key)!.some((other) => {
      if (other === record || other.state === "failed" || !this.keeping.mayBeCleaned(other)) return false;
      if (other.isTombstone && this.keeping.mayBeForgotten(other)) {
        return other.offset < 0 || other.offset > record.offset;
      }
      return other.offset > record.offset && this.#records.get(other.offset) === other;
    });
  }
}
