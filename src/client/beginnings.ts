/**
 * Where a member begins in a partition the group has committed nothing in: where
 * the application said, and with "latest" at the start of what was made since the
 * consumer began, or its first records would be nobody's.
 */
import { TIMESTAMP_LATEST } from "../model/mod.ts";
import { ignore } from "./error.ts";
import type { Metadata } from "./metadata.ts";
import { type Place, placeOf, type Position } from "./offsets.ts";

/** See the file's head. */
export class Beginnings {
  readonly #place: Place;
  readonly #metadata: Metadata;
  /** How many partitions each topic had when the consumer began, by id; `null` while nobody looked. */
  #counts: ReadonlyMap<string, number> | null = null;

  constructor(from: Position | undefined, metadata: Metadata) {
    this.#place = placeOf(from ?? "latest");
    this.#metadata = metadata;
  }

  /** Looks what there is now. Without an answer everything counts as old. */
  async look(signal: AbortSignal): Promise<void> {
    const skipsOld = "timestamp" in this.#place && this.#place.timestamp === TIMESTAMP_LATEST;
    if (!skipsOld) return;
    const topics = await this.#metadata.list({ signal }).catch(ignore);
    if (topics) this.#counts = new Map(topics.map(({ id, partitions }) => [id, partitions.length]));
  }

  /** Where to begin in a partition of the topic with this id. */
  of(topicId: string, partition: number): Place {
    const isNew = this.#counts !== null && partition >= (this.#counts.get(topicId) ?? 0);
    return isNew ? placeOf("earliest") : this.#place;
  }
}
