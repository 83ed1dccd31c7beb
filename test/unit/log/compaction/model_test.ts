/**
 * Any history, any number of cleanings, of which steps alternate with appends: a
 * reader from the start ends with the last value of each key, what survives has its
 * offset, value and time, and the files are sound in the eyes of `verifyLog`.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { verifyLog } from "../../../../src/log/mod.ts";
import type { CodecName } from "../../../../src/record/mod.ts";
import { DIRECTORY } from "../fixtures.ts";
import { History, type Pair } from "./history.ts";
import { compare, type Past } from "./survey.ts";

type Step =
  | { kind: "append"; keys: number[]; codec: CodecName; producer: number }
  | { kind: "transaction"; keys: number[]; producer: number; outcome: "commit" | "abort" }
  | { kind: "clean"; keysMax: number; budgetBytes: number; appends: number[] }
  | { kind: "wait"; ms: number }
  | { kind: "roll" | "restart" | "recover" };

/** Negative: a tombstone of the key. */
const key = fc.integer({ min: -4, max: 6 });
const keys = fc.array(key, { minLength: 1, maxLength: 5 });
const append = fc.record({
  kind: fc.constant("append" as const),
  keys,
  codec: fc.constantFrom<CodecName>("none", "none", "gzip", "lz4"),
  producer: fc.integer({ min: -3, max: 2 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: append },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("transaction" as const),
      keys,
      producer: fc.integer({ min: 0, max: 2 }),
      outcome: fc.constantFrom("commit" as const, "abort" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("clean" as const),
      keysMax: fc.integer({ min: 1, max: 12 }),
      budgetBytes: fc.integer({ min: 1, max: 1_000 }),
      appends: fc.array(key, { maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 80 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("roll" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("restart" as const, "recover" as const) }),
  },
);

class World {
  readonly history = new History({
    segmentBytesMax: 500,
    indexIntervalBytes: 100,
    indexBytesMax: 120,
    tombstoneMs: 100,
  });
  readonly past = new Map<number, Past>();
  readonly #sequences = [0, 0, 0];
  #count = 0;

  run(step: Step): void {
    const { history } = this;
    if (step.kind === "append") this.append(step.keys, step.producer, { codec: step.codec });
    if (step.kind === "transaction") this.#transact(step.keys, step.producer, step.outcome);
    if (step.kind === "clean") this.#clean(step);
    if (step.kind === "wait") history.nowMs += step.ms;
    if (step.kind === "roll") history.roll();
    if (step.kind === "restart") history.restart();
    if (step.kind === "recover") history.recover(0);
  }

  append(keys: readonly number[], producer: number, options: object, isAborted = false): void {
    const pairs = keys.map((key): Pair => [`k${Math.abs(key)}`, key < 0 ? null : `v${this.#count++}`]);
    const idempotent = producer < 0 ? {} : {
      producerId: producer,
      producerEpoch: 0,
      baseSequence: this.#sequences[producer]!,
    };
    const base = this.history.append(pairs, { ...options, ...idempotent });
    if (producer >= 0) this.#sequences[producer]! += keys.length;
    pairs.forEach(([key, value], index) => {
      this.past.set(base + index, { key: key!, value, timestamp: this.history.nowMs, isAborted });
    });
  }

  #transact(keys: readonly number[], producer: number, outcome: "commit" | "abort"): void {
    const isAborted = outcome === "abort";
    for (const key of keys) this.append([key, key], producer, { isTransactional: true }, isAborted);
    this.history.marker(outcome, producer);
  }

  #clean(step: Extract<Step, { kind: "clean" }>): void {
    const { history } = this;
    history.keysMax = step.keysMax;
    const producers = history.log.describeProducers(0);
    const cleaning = history.begin();
    const appends = [...step.appends];
    while (cleaning.step(step.budgetBytes) === "more") {
      const key = appends.pop();
      if (key !== undefined) this.append([key], -1, {});
      compare(history.log, this.past);
    }
    assert.equal(cleaning.why, null);
    assert.ok(cleaning.cleanedUpTo >= history.checkpoint);
    history.checkpoint = cleaning.cleanedUpTo;
    assert.deepEqual(history.log.describeProducers(0), producers);
  }

  check(): void {
    compare(this.history.log, this.past);
    this.history.restart();
    assert.deepEqual(this.history.log.takeNotices(), []);
    assert.deepEqual(verifyLog(this.history.disk, DIRECTORY), []);
    const largest = this.history.log.findMaxTimestamp();
    assert.ok(largest === null || !("code" in largest));
  }
}

describe("Cleaning", () => {
  it("loses no last value and moves no offset, over any history and any number of cleanings", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50, size: "max" }), (steps) => {
        const world = new World();
        for (const step of steps) world.run(step);
        world.check();
      }),
      { numRuns: 150 },
    );
  });
});
