/**
 * Large records that tails are sending: few may lie in memory at once, however
 * many peers leave theirs untaken. A record that several send counts once. Who
 * finds no room waits, and takes its record anew when there may be some.
 */
import { assert } from "../../model/mod.ts";
import type { SharedRecord } from "./shared_record.ts";

/** Of large records in all; one always has room. */
const BYTES_MAX = 67_108_864;

export class LargeRecords {
  readonly #holders = new Map<SharedRecord, number>();
  #bytes = 0;
  #waiting: (() => void)[] = [];

  /** Makes room for a record, until `release`; false when there is none now. */
  hold(shared: SharedRecord): boolean {
    const holders = this.#holders.get(shared) ?? 0;
    if (holders === 0) {
      if (this.#bytes > 0 && this.#bytes + shared.bytes > BYTES_MAX) return false;
      this.#bytes += shared.bytes;
    }
    this.#holders.set(shared, holders + 1);
    return true;
  }

  release(shared: SharedRecord): void {
    const holders = this.#holders.get(shared);
    assert(holders !== undefined, "what is released was held");
    if (holders > 1) return void this.#holders.set(shared, holders - 1);
    this.#holders.delete(shared);
    this.#bytes -= shared.bytes;
    this.wake();
  }

  /** Resolves when a record was released since. */
  room(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets all look again. */
  wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
