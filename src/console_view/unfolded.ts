/**
 * Compressed batches that were read in part: whoever reads a large one piece by
 * piece has it unfolded once, not once for each piece. Keeps few, for a moment.
 */
import type { Clock } from "../host/mod.ts";
import { baseOffset, crc, type RecordCursor } from "../record/mod.ts";

const KEPT_MAX = 2;
const KEPT_MS = 5_000;

export class Unfolded {
  readonly #clock: Clock;
  readonly #kept = new Map<string, RecordCursor>();
  #callOff = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keeps a cursor at a record that was not taken yet. */
  keep(partition: string, batch: DataView, cursor: RecordCursor): void {
    const name = nameOf(partition, batch, cursor.offset);
    this.#kept.delete(name);
    this.#kept.set(name, cursor);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MAX) break;
      this.#kept.delete(oldest);
    }
    this.#callOff();
    this.#callOff = this.#clock.after(KEPT_MS, () => this.#kept.clear());
  }

  /** The cursor at the record of that offset in that batch, which is the caller's from now on. */
  take(partition: string, batch: DataView, offset: number): RecordCursor | undefined {
    const name = nameOf(partition, batch, offset);
    const cursor = this.#kept.get(name);
    this.#kept.delete(name);
    return cursor;
  }
}

function nameOf(partition: string, batch: DataView, offset: number): string {
  return `${partition} ${baseOffset(batch, 0)} ${batch.byteLength} ${crc(batch, 0)} ${offset}`;
}
