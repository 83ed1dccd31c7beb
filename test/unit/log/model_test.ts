/**
 * The log against an array: random appends, reads, trims, cuts, flushes, clean
 * and unclean stops, power cuts and lost indexes, on tiny segments. After every
 * step the log holds exactly what the array holds; a power cut may take what was
 * not flushed, from the end only.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type Log, OpenFiles, openLog } from "../../../src/log/mod.ts";
import { FaultyDisk } from "../../../src/storage/mod.ts";
import { append, batchOf, DIRECTORY, fetch, NOW_MS, optionsOf, readAll, settingsOf } from "./fixtures.ts";

type Step =
  | { kind: "append"; count: number; size: number; ageMs: number }
  | { kind: "read"; at: number; bytesMax: number }
  | { kind: "time"; ageMs: number }
  | { kind: "trim" | "truncate"; at: number }
  | { kind: "flush" | "clean" | "kill" }
  | { kind: "crash"; seed: number }
  | { kind: "spoil"; file: number; way: number };

const fraction = fc.integer({ min: 0, max: 100 });
const append_ = fc.record({
  kind: fc.constant("append" as const),
  count: fc.integer({ min: 1, max: 4 }),
  size: fc.integer({ min: 0, max: 90 }),
  ageMs: fc.integer({ min: 0, max: 50 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: append_ },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("read" as const),
      at: fraction,
      bytesMax: fc.integer({ min: 0, max: 700 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("time" as const), ageMs: fc.integer({ min: -2, max: 55 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("trim" as const, "truncate" as const), at: fraction }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("flush" as const, "clean" as const, "kill" as const) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("crash" as const), seed: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("spoil" as const), file: fc.nat(), way: fc.nat(3) }),
  },
);

const SETTINGS = settingsOf({ segmentBytesMax: 600, indexIntervalBytes: 120, indexBytesMax: 60 });

interface ModelRecord {
  readonly value: string;
  readonly timestamp: number;
}

/** The log beside the array that says what it must hold. */
class World {
  readonly disk = new FaultyDisk();
  readonly records = new Map<number, ModelRecord>();
  start = 0;
  end = 0;
  log: Log;
  #count = 0;

  constructor(readonly checkCrcOnRead: boolean) {
    this.disk.makeDirectory("data");
    this.disk.syncDirectory(".");
    this.log = this.#open({});
  }

  run(step: Step): void {
    switch (step.kind) {
      case "append":
        return this.#append(step.count, step.size, step.ageMs);
      case "read":
        return this.#read(this.#offset(step.at), step.bytesMax);
      case "time":
        return this.#time(NOW_MS + step.ageMs);
      case "trim":
        this.start = this.log.trim(this.#offset(step.at));
        return;
      case "truncate":
        return this.#truncate(this.#offset(step.at));
      case "flush":
        this.log.flush();
        assert.equal(this.log.recoveryPoint, this.end);
        return;
      case "clean":
        return this.#reopenClean();
      case "kill":
        this.disk.kill();
        this.log = this.#open({ clean: false });
        return;
      case "crash":
        return this.#crash(step.seed);
      case "spoil":
        return this.#spoil(step.file, step.way);
    }
  }

  check(): void {
    assert.deepEqual([this.log.logStartOffset, this.log.logEndOffset], [this.start, this.end]);
    const expected = [...this.records].filter(([offset]) => offset >= this.start && offset < this.end);
    assert.deepEqual([...readAll(this.log)], expected.map(([offset, record]) => [offset, record.value]));
  }

  #offset(at: number): number {
    return this.start + Math.floor((this.end - this.start) * at / 100);
  }

  #open(changes: Parameters<typeof optionsOf>[0]): Log {
    const { log } = openLog(this.disk, DIRECTORY, {
      ...optionsOf({ settings: SETTINGS, checkCrcOnRead: this.checkCrcOnRead }),
      openFiles: new OpenFiles(this.disk, 4),
      recoveryPoint: this.log?.recoveryPoint ?? 0,
      logStartOffset: this.start,
      ...changes,
    });
    log.setHighWatermark(log.logEndOffset);
    return log;
  }

  #append(count: number, size: number, ageMs: number): void {
    const values = Array.from({ length: count }, () => `${this.#count++}`.padEnd(size, "."));
    const times = values.map((_, index) => NOW_MS + ((ageMs * (index + 7)) % 51));
    assert.equal(append(this.log, batchOf(values, times)), this.end);
    values.forEach((value, index) => {
      this.records.set(this.end + index, { value, timestamp: times[index]! });
    });
    this.end += count;
  }

  #read(offset: number, bytesMax: number): void {
    const fetched = fetch(this.log, offset, bytesMax, this.end);
    assert.equal(fetched.fault, null);
    assert.equal(fetched.bytes.length > 0, offset < this.end);
    assert.ok(fetched.nextOffset > offset || offset === this.end);
  }

  #time(timestamp: number): void {
    let expected = null;
    for (let offset = this.start; offset < this.end && expected === null; offset++) {
      const record = this.records.get(offset)!;
      if (record.timestamp >= timestamp) expected = { offset, timestamp: record.timestamp, leaderEpoch: 0 };
    }
    assert.deepEqual(this.log.findTimestamp(timestamp), expected);
    const largest = this.log.findMaxTimestamp();
    assert.ok(largest === null || !("code" in largest));
    const times = [...this.records].filter(([offset]) => offset >= this.start && offset < this.end);
    assert.equal(largest?.timestamp ?? -1, Math.max(-1, ...times.map(([, record]) => record.timestamp)));
  }

  #truncate(offset: number): void {
    this.log.truncate(offset);
    assert.ok(this.log.logEndOffset <= offset && this.log.logEndOffset > offset - 4);
    this.#shrink();
  }

  #reopenClean(): void {
    this.log.close();
    assert.equal(this.log.recoveryPoint, this.end);
    this.log = this.#open({});
  }

  #crash(seed: number): void {
    const flushed = this.log.recoveryPoint;
    let state = seed >>> 0;
    this.disk.crash(() => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296);
    this.log = this.#open({ clean: false, recoveryPoint: flushed });
    const { logEndOffset } = this.log;
    assert.ok(logEndOffset >= flushed && logEndOffset <= this.end, `${flushed} ${logEndOffset} ${this.end}`);
    this.#shrink();
  }

  /** Loses, cuts, zeroes or flips an index while the log is closed. */
  #spoil(file: number, way: number): void {
    this.log.close();
    const names = this.disk.list(DIRECTORY).map((entry) => entry.name).filter((name) =>
      name.endsWith("index")
    );
    const name = names[file % Math.max(1, names.length)];
    if (name !== undefined) spoilFile(this.disk, `${DIRECTORY}/${name}`, way, file);
    this.log = this.#open({});
  }

  #shrink(): void {
    this.end = this.log.logEndOffset;
    this.start = Math.min(this.start, this.end);
    for (const offset of [...this.records.keys()]) if (offset >= this.end) this.records.delete(offset);
  }
}

function spoilFile(disk: FaultyDisk, path: string, way: number, seed: number): void {
  if (way === 0) {
    disk.remove(path);
    disk.syncDirectory(DIRECTORY);
    return;
  }
  const file = disk.open(path, "write");
  const { size } = file;
  if (way === 1 && size > 0) file.truncate(cutSize(path, seed % size));
  if (way === 2) file.write(0, new Uint8Array(size));
  file.sync();
  file.close();
  if (way === 3 && size > 0) disk.flipBit(path, seed % (8 * size));
}

/** Whole time entries that vanish from the end can't be told from ones that never were; all else can. */
function cutSize(path: string, size: number): number {
  return path.endsWith(".timeindex") && size % 12 === 0 && size > 0 ? size - 1 : size;
}

describe("Log", () => {
  for (const checkCrcOnRead of [true, false]) {
    it(`holds what an array holds, over any steps, checkCrcOnRead ${checkCrcOnRead}`, () => {
      const steps = fc.array(step, { maxLength: 60, size: "max" });
      fc.assert(
        fc.property(steps, (steps) => {
          const world = new World(checkCrcOnRead);
          for (const step of steps) {
            world.run(step);
            world.check();
          }
        }),
        { numRuns: 150 },
      );
    });
  }
});
