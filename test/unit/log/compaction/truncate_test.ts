/**
 * `Log.truncate` of a log that was cleaned: of the batches that were there those
 * that end below the cut stay, to the byte, wherever the holes are; the log goes on
 * at its end, is sound, opens after stops of every kind, and can be cleaned again.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { dumpSegment, verifyLog } from "../../../../src/log/mod.ts";
import { DIRECTORY } from "../fixtures.ts";
import { History, type Pair } from "./history.ts";
import { readData } from "./survey.ts";

type Step =
  | { kind: "append"; keys: number[]; producer: boolean }
  | { kind: "truncate"; at: number }
  | { kind: "clean" | "roll" | "restart" | "recover" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      keys: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
      producer: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("truncate" as const), at: fc.integer({ min: 0, max: 100 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom("clean" as const, "clean" as const, "roll" as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("restart" as const, "recover" as const) }),
  },
);

interface Extent {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly crc: number;
}

class World {
  readonly history = new History({ segmentBytesMax: 420, indexIntervalBytes: 100, tombstoneMs: 100 });
  #count = 0;
  #sequence = 0;

  run(step: Step): void {
    const { history } = this;
    if (step.kind === "append") this.#append(step.keys, step.producer);
    if (step.kind === "clean") history.clean(300);
    if (step.kind === "roll") history.roll();
    if (step.kind === "restart") history.restart();
    if (step.kind === "recover") history.recover(0);
    if (step.kind === "truncate") this.#truncate(Math.floor(history.log.logEndOffset * step.at / 100));
  }

  #append(keys: readonly number[], isIdempotent: boolean): void {
    const { history } = this;
    const pairs = keys.map((key): Pair => [`k${key}`, key === 0 ? null : `v${this.#count++}`]);
    const options = { producerId: 7, producerEpoch: 0, baseSequence: this.#sequence };
    const end = history.log.logEndOffset;
    assert.equal(history.append(pairs, isIdempotent ? options : {}), end);
    if (isIdempotent) this.#sequence += keys.length;
  }

  #truncate(offset: number): void {
    const { history } = this;
    const before = this.#extents();
    const data = readData(history.log);
    const endBefore = history.log.logEndOffset;
    history.log.truncate(offset);
    const end = history.log.logEndOffset;
    const kept = before.filter(({ lastOffset }) => lastOffset < offset);
    const endMin = kept.at(-1) === undefined ? 0 : kept.at(-1)!.lastOffset + 1;
    assert.ok(end >= endMin && end <= Math.min(offset, endBefore) || offset >= endBefore);
    this.#check(end, kept, new Map([...data].filter(([at]) => at < end)), offset);
    history.checkpoint = Math.min(history.checkpoint, end);
    // What its batches were is known no more: it begins anew, as a producer does.
    const [producer] = history.log.describeProducers(0);
    this.#sequence = producer === undefined ? 0 : producer.lastSequence + 1;
  }

  #check(end: number, kept: readonly Extent[], data: ReadonlyMap<number, unknown>, offset: number): void {
    const { history } = this;
    const where = `truncated to ${offset}`;
    const look = () => {
      assert.equal(history.log.logEndOffset, end, where);
      if (offset <= end) assert.deepEqual(this.#extents(), kept, where);
      assert.deepEqual(readData(history.log), data, where);
    };
    look();
    history.restart();
    look();
    assert.deepEqual(verifyLog(history.disk, DIRECTORY), [], where);
    assert.deepEqual(history.log.takeNotices(), []);
    history.recover(0);
    look();
  }

  #extents(): Extent[] {
    const { disk, log } = this.history;
    const found: Extent[] = [];
    const names = disk.list(DIRECTORY).map(({ name }) => name).filter((name) => name.endsWith(".log"));
    for (const name of names) {
      dumpSegment(disk, `${DIRECTORY}/${name}`, { records: false }, (entry) => {
        assert.equal(entry.kind, "batch");
        if (entry.kind === "batch") found.push(entry);
      });
    }
    return found.filter(({ lastOffset }) => lastOffset < log.logEndOffset)
      .map(({ baseOffset, lastOffset, crc }) => ({ baseOffset, lastOffset, crc }));
  }
}

describe("Log.truncate of a log that was cleaned", () => {
  it("keeps what ends below the cut, over any history", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50, size: "max" }), (steps) => {
        const world = new World();
        for (const step of steps) world.run(step);
      }),
      { numRuns: 150 },
    );
  });

  it("keeps sound batches on both sides of damage below the cut", () => {
    const history = new History({ indexIntervalBytes: 1_000 });
    for (let index = 0; index < 9; index++) history.append([[`k${index % 4}`, `value ${index}`]]);
    history.roll();
    history.append([["last", "one"]]);
    history.clean();
    const path = `${DIRECTORY}/00000000000000000000.log`;
    const file = history.disk.open(path, "write");
    file.write(16, new Uint8Array(1));
    file.close();
    history.log.truncate(7);
    assert.deepEqual(readable(history), [6], "of 5, 6, 7 and 8, the first damaged and the last two cut");
    assert.equal(history.log.logEndOffset, 7);
    assert.equal(history.append([["k", "on it goes"]]), 7);
  });
});

/** Offsets at which a read succeeds. */
function readable({ log }: History): number[] {
  const offsets = Array.from({ length: log.logEndOffset }, (_, offset) => offset);
  return offsets.filter((offset) => {
    const slice = log.locate(offset, 1, log.logEndOffset, true);
    return !("code" in slice) && slice.firstOffset === offset;
  });
}
