/**
 * Which leader epoch wrote which offsets: Kafka's leader epoch cache (KIP-101,
 * KIP-279). An entry says at which offset an epoch begins; it ends where the next
 * one begins. Both ascend. In memory here; the log keeps the file
 * `leader-epoch-checkpoint` equal to it. Replicas ask it where to cut.
 */
import { assert } from "../model/mod.ts";
import type { EpochEntry } from "./checkpoint.ts";

/** The answer to "where does this epoch end": −1, −1 when it is not known. */
export interface EpochEnd {
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

const UNKNOWN: EpochEnd = { leaderEpoch: -1, endOffset: -1 };

export class LeaderEpochs {
  #entries: EpochEntry[];

  constructor(entries: readonly EpochEntry[]) {
    this.#entries = [...entries];
  }

  /** Ascending in both. */
  get entries(): readonly EpochEntry[] {
    return this.#entries;
  }

  /** The newest epoch, −1 when there is none. */
  get latest(): number {
    return this.#entries.at(-1)?.epoch ?? -1;
  }

  /** The epoch that wrote `offset`, −1 when it is older than all known. */
  at(offset: number): number {
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      const entry = this.#entries[index]!;
      if (entry.startOffset <= offset) return entry.epoch;
    }
    return -1;
  }

  /** `epoch` writes from `startOffset` on; what contradicts it goes. True when anything changed. */
  assign(epoch: number, startOffset: number): boolean {
    assert(epoch >= 0 && startOffset >= 0, "an epoch and its start are not negative");
    if (epoch === this.latest) return false;
    const kept = this.#entries.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset);
    kept.push({ epoch, startOffset });
    this.#entries = kept;
    return true;
  }

  /** The log ends at `endOffset` now. True when anything changed. */
  truncateEnd(endOffset: number): boolean {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => entry.startOffset < endOffset);
    return this.#entries.length !== before;
  }

  /** The log starts at `startOffset` now; the epoch in force there stays. True when anything changed. */
  truncateStart(startOffset: number): boolean {
    const epoch = this.at(startOffset);
    if (epoch === -1 || this.#entries[0]!.startOffset === startOffset) return false;
    const kept = this.#entries.filter((entry) => entry.epoch > epoch);
    this.#entries = [{ epoch, startOffset }, ...kept];
    return true;
  }

  /**
   * The largest known epoch up to `epoch`, and the offset after its last record. Source: Kafka's
   * `LeaderEpochFileCache.endOffsetFor`. `leaderEpoch`, which may have written nothing yet, begins at the end.
   */
  endOffsetFor(epoch: number, logEndOffset: number, leaderEpoch: number = this.latest): EpochEnd {
    if (epoch > this.latest && epoch <= leaderEpoch) {
      const isKnown = epoch === leaderEpoch || this.latest < 0;
      return { leaderEpoch: isKnown ? epoch : this.latest, endOffset: logEndOffset };
    }
    if (epoch < 0 || this.#entries.length === 0 || epoch > this.latest) return UNKNOWN;
    if (epoch === this.latest) return { leaderEpoch: epoch, endOffset: logEndOffset };
    const next = this.#entries.findIndex((entry) => entry.epoch > epoch);
    assert(next >= 0, "an epoch below the latest has one above it");
    const known = next === 0 ? epoch : this.#entries[next - 1]!.epoch;
    return { leaderEpoch: known, endOffset: this.#entries[next]!.startOffset };
  }
}
