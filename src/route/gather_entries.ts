/**
 * Gathers one answer per entry from as many workers as the entries live on, and
 * replies once, with the entries in the order they were asked in. Called by
 * `askEntries`.
 */
import { assert, type Fault, fault, type Receiver, type ShardOutput } from "../model/mod.ts";
import type { Deadlines, Expiring } from "./deadlines.ts";

/** Turns what came for entry `index` into its answer. */
export type Answer<Entry> = (index: number, output: ShardOutput | Fault) => Entry;

export class EntryGather<Entry> implements Expiring {
  readonly deadlineMs: number;
  readonly #entries: (Entry | null)[];
  readonly #answer: Answer<Entry>;
  readonly #done: (entries: Entry[]) => void;
  readonly #deadlines: Deadlines;
  #missing: number;
  #sealed = false;

  constructor(
    count: number,
    deadlineMs: number,
    deadlines: Deadlines,
    answer: Answer<Entry>,
    done: (entries: Entry[]) => void,
  ) {
    this.deadlineMs = deadlineMs;
    this.#entries = new Array<Entry | null>(count).fill(null);
    this.#missing = count;
    this.#answer = answer;
    this.#done = done;
    this.#deadlines = deadlines;
  }

  /** The receiver for entry `index`. */
  receiver(index: number): Receiver {
    return {
      receive: (output) => this.settle(index, output),
      fail: (failed) => this.settle(index, failed),
    };
  }

  /** Settles one entry; a second answer for it comes too late and is dropped. */
  settle(index: number, output: ShardOutput | Fault): void {
    if (this.#entries[index] !== null || this.#missing === 0) return;
    this.#entries[index] = this.#answer(index, output);
    this.#missing--;
    this.#finish();
  }

  /** Every entry has been sent: from now on the last answer ends it. */
  seal(): void {
    this.#sealed = true;
    if (this.#missing > 0) this.#deadlines.add(this);
    this.#finish();
  }

  expire(): void {
    const overdue = fault("REQUEST_TIMED_OUT", "The partition's worker did not answer in time");
    for (let index = 0; index < this.#entries.length; index++) this.settle(index, overdue);
  }

  #finish(): void {
    if (this.#missing > 0 || !this.#sealed) return;
    this.#sealed = false;
    this.#deadlines.remove(this);
    assert(!this.#entries.includes(null), "a gather ends with every entry answered");
    this.#done(this.#entries as Entry[]);
  }
}
