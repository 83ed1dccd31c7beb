/**
 * Idempotent producers against a model: any sends, retries, reorderings, cuts,
 * trims, rolls and ends of the process or of the power. A record is never in the
 * log twice, a batch that is next in order is never refused, a retry of the last
 * batch is told where it lies, and whatever is served was accepted.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type Log, OpenFiles, openLog } from "../../../src/log/mod.ts";
import { baseSequence, forEachBatch, producerEpoch, producerId } from "../../../src/record/mod.ts";
import { FaultyDisk } from "../../../src/storage/mod.ts";
import { batchBy, DIRECTORY, fetch, NOW_MS, optionsOf, settingsOf } from "./fixtures.ts";

const SETTINGS = settingsOf({ segmentBytesMax: 500, indexIntervalBytes: 120 });
const PRODUCERS = 3;
/** Close to the end, so that sequences wrap. */
const FIRST_SEQUENCE = 2_147_483_640;
const SEQUENCES = 2 ** 31;

type Step =
  | { kind: "send"; producer: number; count: number }
  | { kind: "retry" | "skip" | "epoch"; producer: number }
  | { kind: "flush" | "clean" | "kill" }
  | { kind: "truncate" | "trim"; at: number }
  | { kind: "power"; seed: number; operation: number; after: number };

const producer = fc.integer({ min: 0, max: PRODUCERS - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      producer,
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("retry" as const, "skip" as const, "epoch" as const),
      producer,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("flush" as const, "clean" as const, "kill" as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("truncate" as const, "trim" as const),
      at: fc.integer({ min: 0, max: 100 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("power" as const),
      seed: fc.nat(),
      operation: fc.nat(4),
      after: fc.nat(3),
    }),
  },
);

interface Batch {
  readonly epoch: number;
  readonly sequence: number;
  readonly count: number;
  offset: number;
}

interface Sender {
  epoch: number;
  /** All that are in the log for certain, or were when it was last open. */
  batches: Batch[];
  next: number;
}

class World {
  readonly disk = new FaultyDisk();
  readonly senders: Sender[];
  log: Log;
  #start = 0;

  constructor() {
    this.disk.makeDirectory("data");
    this.disk.syncDirectory(".");
    this.senders = Array.from({ length: PRODUCERS }, () => ({ epoch: 0, batches: [], next: FIRST_SEQUENCE }));
    this.log = this.#open({});
  }

  run(step: Step): void {
    switch (step.kind) {
      case "send":
        return this.#send(step.producer, step.count);
      case "retry":
        return this.#retry(step.producer);
      case "skip":
        return this.#skip(step.producer);
      case "epoch":
        this.senders[step.producer]!.epoch++;
        this.senders[step.producer]!.next = 0;
        return;
      case "flush":
        return this.log.flush();
      case "clean":
        this.log.close();
        this.log = this.#open({});
        return;
      case "kill":
        this.disk.kill();
        this.log = this.#open({ clean: false });
        return;
      case "power":
        return this.#cutPower(step.seed, step.operation, step.after);
      default:
        return this.#shorten(step);
    }
  }

  #open(changes: Parameters<typeof optionsOf>[0]): Log {
    const { log } = openLog(this.disk, DIRECTORY, {
      ...optionsOf({ settings: SETTINGS }),
      openFiles: new OpenFiles(this.disk, 4),
      recoveryPoint: this.log?.recoveryPoint ?? 0,
      logStartOffset: this.#start,
      ...changes,
    });
    if (log.unflushedRecords > 0) log.flush();
    log.setHighWatermark(log.logEndOffset);
    return log;
  }

  #append(id: number, { epoch, sequence, count }: Omit<Batch, "offset">) {
    const result = this.log.append(batchBy(id, epoch, sequence, count), NOW_MS);
    this.log.setHighWatermark(this.log.logEndOffset);
    return "code" in result ? result.code : result.baseOffset;
  }

  #send(id: number, count: number): void {
    const sender = this.senders[id]!;
    const end = this.log.logEndOffset;
    const batch = { epoch: sender.epoch, sequence: sender.next, count, offset: end };
    assert.equal(this.#append(id, batch), end, "a batch that is next in order is taken");
    sender.batches.push(batch);
    sender.next = (sender.next + count) % SEQUENCES;
  }

  #retry(id: number): void {
    const { batches, epoch } = this.senders[id]!;
    const last = batches.at(-1);
    const end = this.log.logEndOffset;
    if (last === undefined || last.epoch !== epoch) return;
    assert.equal(this.#append(id, last), last.offset, "the last batch is known");
    assert.equal(this.log.logEndOffset, end);
  }

  #skip(id: number): void {
    const { batches, epoch, next } = this.senders[id]!;
    if (batches.at(-1)?.epoch !== epoch) return;
    const sequence = (next + 1) % SEQUENCES;
    assert.equal(this.#append(id, { epoch, sequence, count: 1 }), "OUT_OF_ORDER_SEQUENCE_NUMBER");
  }

  #shorten(step: { kind: "truncate" | "trim"; at: number }): void {
    const { logStartOffset, logEndOffset } = this.log;
    const offset = logStartOffset + Math.floor((logEndOffset - logStartOffset) * step.at / 100);
    if (step.kind === "trim") this.#start = this.log.trim(offset);
    else this.log.truncate(offset);
    this.#start = Math.min(this.#start, this.log.logEndOffset);
    this.#resume();
  }

  /** The power goes at some operation of what comes next: a roll, a stop, a start, or at once. */
  #cutPower(seed: number, operation: number, after: number): void {
    const doomed = (["write", "sync", "open", "syncDirectory", "remove"] as const)[operation]!;
    let state = seed >>> 0;
    const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296;
    let flushed = this.log.recoveryPoint;
    this.disk.fail({ operation: doomed, after, code: "io" });
    try {
      for (let id = 0; id < PRODUCERS; id++) this.#send(id, 1 + seed % 4);
      this.log.flush();
      flushed = this.log.recoveryPoint;
      if (seed % 2 === 0) this.log.close();
    } catch (error) {
      if ((error as Error).name !== "DiskError") throw error;
    }
    this.disk.crash(random);
    this.log = this.#open({ clean: false, recoveryPoint: flushed });
    // Whoever has no record left in the log may be forgotten with what was lost.
    for (const sender of this.senders) {
      sender.batches = sender.batches.filter(({ offset, count }) => offset + count > this.log.logStartOffset);
    }
    this.#resume();
  }

  /** Each sender takes what the log holds of it for what was sent: a lost batch is sent again. */
  #resume(): void {
    for (const [id, sender] of this.senders.entries()) {
      const { logEndOffset } = this.log;
      const isLost = (batch: Batch) => batch.offset + batch.count > logEndOffset;
      const lost = sender.batches.find(isLost);
      sender.batches = sender.batches.filter((batch) => !isLost(batch));
      if (lost !== undefined) {
        sender.next = lost.sequence;
        sender.epoch = Math.max(lost.epoch, sender.batches.at(-1)?.epoch ?? 0);
      }
      const found = this.read().filter((batch) => batch.id === id).at(-1);
      // A batch that was written when its append failed is there, and was never answered.
      if (found === undefined || found.offset <= (sender.batches.at(-1)?.offset ?? -1)) continue;
      sender.batches.push(found);
      sender.epoch = Math.max(sender.epoch, found.epoch);
      if (found.epoch === sender.epoch) sender.next = (found.sequence + found.count) % SEQUENCES;
    }
  }

  /** Every batch in the log. */
  read(): (Batch & { id: number })[] {
    const found: (Batch & { id: number })[] = [];
    for (let offset = this.log.logStartOffset; offset < this.log.logEndOffset;) {
      const { bytes, nextOffset, fault } = fetch(this.log, offset);
      assert.equal(fault, null);
      forEachBatch(bytes, (batch) => {
        const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
        found.push({
          id: producerId(view, 0),
          epoch: producerEpoch(view, 0),
          sequence: baseSequence(view, 0),
          count: view.getInt32(57),
          offset: Number(view.getBigInt64(0)),
        });
      });
      offset = nextOffset;
    }
    return found;
  }

  check(): void {
    const seen = new Set<string>();
    for (const { id, epoch, sequence, count } of this.read()) {
      for (let index = 0; index < count; index++) {
        const record = `${id} ${epoch} ${(sequence + index) % SEQUENCES}`;
        assert.ok(!seen.has(record), `${record} is in the log twice`);
        seen.add(record);
      }
    }
  }
}

describe("Log.append from idempotent producers", () => {
  it("never doubles, loses track of or wrongly refuses a batch, over any steps", () => {
    const steps = fc.array(step, { maxLength: 40, size: "max" });
    fc.assert(
      fc.property(steps, (steps) => {
        const world = new World();
        for (const step of steps) world.run(step);
        world.check();
      }),
      { numRuns: 200 },
    );
  });
});
