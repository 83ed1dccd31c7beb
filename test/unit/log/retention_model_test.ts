/**
 * Retention against a list of segments: random appends, rolls, trims, changed
 * settings, time that passes, stops, kills and power cuts. After every step the
 * log holds exactly the records from its start on; retention has moved that start
 * exactly as far as the settings of the moment allow, which the model works out
 * from the sizes of the files and the times of the records.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type Log, OpenFiles, openLog } from "../../../src/log/mod.ts";
import type { LogSettings } from "../../../src/model/mod.ts";
import { FaultyDisk } from "../../../src/storage/mod.ts";
import { append, batchOf, DIRECTORY, NOW_MS, optionsOf, readAll, settingsOf } from "./fixtures.ts";

const NEVER = Number.MAX_SAFE_INTEGER;
const DELAY_MS = 15;
const FIXED: Partial<LogSettings> = {
  segmentBytesMax: 500,
  indexIntervalBytes: 120,
  timestampAfterMaxMs: NEVER,
  deleteDelayMs: DELAY_MS,
};

type Step =
  | { kind: "append"; size: number; ageMs: number }
  | { kind: "pass"; ms: number }
  | { kind: "settings"; retentionMs: number; retentionBytes: number; cleanupDelete: boolean }
  | { kind: "retain"; countMax: number }
  | { kind: "trim" | "watermark"; at: number }
  | { kind: "roll" | "flush" | "clean" | "kill" }
  | { kind: "crash"; seed: number };

const percent = fc.integer({ min: 0, max: 100 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      size: fc.integer({ min: 0, max: 200 }),
      ageMs: fc.integer({ min: -5, max: 40 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 20 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("settings" as const),
      retentionMs: fc.constantFrom(0, 10, 30, NEVER),
      retentionBytes: fc.constantFrom(0, 300, 1_000, NEVER),
      cleanupDelete: fc.constantFrom(true, true, false),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("retain" as const), countMax: fc.constantFrom(1, 2, 99, 99) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("trim" as const, "watermark" as const), at: percent }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom("roll" as const, "flush", "clean", "kill") }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("crash" as const), seed: fc.nat() }) },
);

interface ModelSegment {
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly bytes: number;
  readonly largestTimestamp: number;
}

class World {
  readonly disk = new FaultyDisk();
  readonly times = new Map<number, number>();
  settings = settingsOf({ ...FIXED, retentionMs: 30 });
  nowMs = NOW_MS;
  log: Log;

  constructor() {
    this.disk.makeDirectory("data");
    this.disk.syncDirectory(".");
    this.log = this.#open(true, 0, 0);
  }

  run(step: Step): void {
    switch (step.kind) {
      case "append":
        return this.#append(step.size, this.nowMs - step.ageMs);
      case "pass":
        this.nowMs += step.ms;
        this.log.deletedFiles.removeDue(this.nowMs, 99);
        return this.#checkDeleted();
      case "settings":
        this.settings = { ...this.settings, ...step };
        return this.log.configure(this.settings);
      case "retain":
        return this.#retain(step.countMax);
      case "trim":
        this.log.trim(this.#offset(step.at));
        return;
      case "watermark":
        return this.log.setHighWatermark(this.#offset(step.at));
      case "roll":
        return this.log.roll(this.nowMs);
      case "flush":
        return this.log.flush();
      case "clean":
        this.log.close();
        return this.#reopen(true, this.log.recoveryPoint, this.log.logEndOffset);
      case "kill":
        this.disk.kill();
        return this.#reopen(false, this.log.recoveryPoint, this.log.logEndOffset);
      case "crash": {
        let state = step.seed >>> 0;
        this.disk.crash(() => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296);
        return this.#reopen(false, this.log.recoveryPoint, this.log.recoveryPoint, step.seed % 2 === 0);
      }
    }
  }

  check(): void {
    const { logStartOffset, logEndOffset } = this.log;
    const expected = Array.from({ length: logEndOffset - logStartOffset }, (_, at) => logStartOffset + at);
    const found = [...readAll(this.log)].map(([offset, value]) => [offset, value.trimEnd()]);
    assert.deepEqual(found, expected.map((offset) => [offset, valueOf(offset)]));
  }

  #offset(at: number): number {
    const { logStartOffset, logEndOffset } = this.log;
    return logStartOffset + Math.floor((logEndOffset - logStartOffset) * at / 100);
  }

  #append(size: number, timestamp: number): void {
    const offset = this.log.logEndOffset;
    this.times.set(offset, timestamp);
    assert.equal(append(this.log, batchOf([valueOf(offset).padEnd(size)], timestamp), this.nowMs), offset);
  }

  #retain(countMax: number): void {
    const before = this.log.logStartOffset;
    const wanted = this.#allowedStart(countMax);
    const count = this.log.retain(this.nowMs, countMax);
    assert.ok(count <= countMax);
    assert.equal(this.log.logStartOffset, Math.max(before, wanted));
    if (countMax < 99) return;
    assert.equal(this.log.retain(this.nowMs, countMax), 0, "nothing is left to do");
  }

  /** Where the first segment begins once `countMax` segments at most went. */
  #allowedStart(countMax: number): number {
    const segments = this.#segments();
    const { retentionMs, retentionBytes, cleanupDelete } = this.settings;
    let kept = segments.reduce((sum, { bytes }) => sum + bytes, 0);
    let start = segments[0]!.baseOffset;
    for (const { endOffset, bytes, largestTimestamp } of segments.slice(0, countMax)) {
      if (bytes === 0 || endOffset > this.log.highWatermark) break;
      const isOld = this.nowMs - largestTimestamp > retentionMs;
      const isTooMuch = kept - bytes >= retentionBytes;
      if (endOffset > this.log.logStartOffset && !(cleanupDelete && (isOld || isTooMuch))) break;
      kept -= bytes;
      start = endOffset;
    }
    return start;
  }

  #segments(): ModelSegment[] {
    const names = this.disk.list(DIRECTORY).map(({ name }) => name).filter((name) => name.endsWith(".log"));
    const bases = names.map((name) => Number(name.slice(0, 20)));
    return names.map((name, index) => {
      const baseOffset = bases[index]!;
      const endOffset = bases[index + 1] ?? this.log.logEndOffset;
      const times = [...this.times].filter(([offset]) => offset >= baseOffset && offset < endOffset);
      const largestTimestamp = Math.max(...times.map(([, timestamp]) => timestamp));
      const bytes = this.disk.stat(`${DIRECTORY}/${name}`)!.size;
      return { baseOffset, endOffset, bytes, largestTimestamp };
    });
  }

  #checkDeleted(): void {
    const left = this.disk.list(DIRECTORY).filter(({ name }) => name.endsWith(".deleted")).length;
    assert.equal(left > 0, this.log.deletedFiles.dueMs < NEVER);
    assert.ok(this.log.deletedFiles.dueMs > this.nowMs);
  }

  #open(clean: boolean, recoveryPoint: number, logStartOffset: number): Log {
    const { settings, nowMs } = this;
    const openFiles = new OpenFiles(this.disk, 4);
    const options = { ...optionsOf({ settings, nowMs, clean, recoveryPoint, logStartOffset }), openFiles };
    const { log } = openLog(this.disk, DIRECTORY, options);
    log.setHighWatermark(log.logEndOffset);
    return log;
  }

  /** Opens what is left: its end is at `endMin` at least, its start where it was or, when no checkpoint says so, before it. */
  #reopen(clean: boolean, recoveryPoint: number, endMin: number, isStartKnown = true): void {
    const before = this.log;
    this.log = this.#open(clean, recoveryPoint, isStartKnown ? before.logStartOffset : 0);
    assert.ok(this.log.logEndOffset >= endMin && this.log.logEndOffset <= before.logEndOffset);
    assert.ok(this.log.logStartOffset <= before.logStartOffset);
    if (isStartKnown) assert.equal(this.log.logStartOffset, before.logStartOffset);
    for (const offset of [...this.times.keys()]) {
      if (offset >= this.log.logEndOffset) this.times.delete(offset);
    }
    this.#checkDeleted();
  }
}

function valueOf(offset: number): string {
  return `value ${offset}`;
}

describe("Log.retain", () => {
  it("leaves what the settings of the moment keep, over any steps", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const world = new World();
        for (const step of steps) {
          world.run(step);
          world.check();
        }
      }),
      { numRuns: 200 },
    );
  });
});
