/**
 * `weir bench latency`: the time a record takes from `send` in a producer to the
 * hands of a waiting consumer. Both run in this process, over connections of
 * their own, so one clock times both ends; records leave at a steady rate.
 */
import { monotonicMs, systemClock } from "../host/mod.ts";
import type { Producer } from "../client/mod.ts";
import type { Arguments } from "./arguments.ts";
import {
  benchOptions,
  benchPayload,
  type BenchPlan,
  benchPlan,
  type BytesTopic,
  printResult,
  throwIfStopped,
  withBenchTopic,
} from "./bench_common.ts";
import { type Command, type Context, type ExitStatus, JSON_LINE, SERVER, UsageError } from "./command.ts";
import { percentilesOf } from "./latency.ts";
import { acksOf } from "./produce_options.ts";
import { type Progress, showProgress } from "./progress.ts";
import { withBroker } from "./session.ts";

const DEFAULTS = { records: 20_000, recordBytes: 100 };
const RATE = 2_000;
/** The moment of sending, then the record's number, at the start of each value. */
const STAMP_BYTES = 16;
/** Records sent first and not measured, while code and connections warm up: at most this many. */
const WARM_UP_RECORDS = 1_000;
const TICK_MS = 1;

export const benchLatency: Command = {
  operands: [],
  options: [
    ...benchOptions(DEFAULTS),
    { name: "rate", value: "N", help: "records sent per second", fallback: String(RATE) },
    JSON_LINE,
    SERVER,
  ],
  notes: [
    `Up to ${WARM_UP_RECORDS} records are sent first and not measured. Records leave as soon as they are sent, ` +
    "without waiting to fill a batch.",
  ],
  examples: ["weir bench latency --records 20000 --rate 2000 --acks all"],
  run: runBenchLatency,
};

function runBenchLatency(given: Arguments, context: Context): Promise<ExitStatus> {
  const plan = benchPlan(given, DEFAULTS);
  const rate = given.integer("rate", 1) ?? RATE;
  if (plan.recordBytes < STAMP_BYTES) {
    throw new UsageError(`--size must be at least ${STAMP_BYTES} for latency, not "${plan.recordBytes}"`);
  }
  if (plan.acks === "0") {
    throw new UsageError("--acks must be 1 or all for latency: 0 would not tell of a loss");
  }
  return withBroker(given, context, (weir) =>
    withBenchTopic(weir, given, plan, async (target) => {
      await using consumer = weir.consumer({ topics: [target], from: "latest" });
      await consumer.ready({ signal: context.signal });
      const { compression, batchBytes } = plan;
      await using producer = weir.producer({
        acks: acksOf(plan.acks),
        compression,
        batchBytesMax: batchBytes,
      });
      const progress = await showProgress("Measuring", plan.records, "records");
      const run = new LatencyRun(plan, progress);
      try {
        await Promise.all([run.receive(consumer, context.signal), run.send(producer, target, rate, context)]);
      } finally {
        progress.stop();
      }
      const { acks } = plan;
      const size = plan.recordBytes;
      const latency = percentilesOf(run.latencies);
      await printResult(given, context, {
        bench: "latency",
        records: plan.records,
        size,
        acks,
        rate,
        ...latency,
      });
      return 0;
    }));
}

/** One measurement: numbered records out, their latencies in. */
class LatencyRun {
  readonly latencies: Float64Array;
  readonly #plan: BenchPlan;
  readonly #progress: Progress;
  readonly #payload: Uint8Array;
  readonly #warmUp: number;

  constructor(plan: BenchPlan, progress: Progress) {
    this.#plan = plan;
    this.#progress = progress;
    this.#payload = benchPayload(plan.recordBytes);
    this.#warmUp = Math.min(WARM_UP_RECORDS, plan.records);
    this.latencies = new Float64Array(plan.records);
  }

  /** Sends at `rate` records a second: each tick, what is due by now. Throws the first failure. */
  async send(producer: Producer, target: BytesTopic, rate: number, context: Context): Promise<void> {
    const total = this.#warmUp + this.#plan.records;
    const startMs = monotonicMs();
    const failures: unknown[] = [];
    for (let sent = 0; sent < total;) {
      throwIfStopped(context);
      if (failures.length > 0) throw failures[0];
      const due = Math.min(total, Math.ceil((monotonicMs() - startMs) * rate / 1_000));
      for (; sent < due; sent++) {
        producer.send(target, { value: this.#stamped(sent) }).catch((error) => failures.push(error));
      }
      await new Promise<void>((resolve) => systemClock.after(TICK_MS, resolve));
    }
    await producer.flush();
    if (failures.length > 0) throw failures[0];
  }

  /** Takes records until the last number was seen. */
  async receive(consumer: BatchSource, signal: AbortSignal): Promise<void> {
    let left = this.#plan.records;
    for await (const { records } of consumer.batches({ signal })) {
      const nowMs = monotonicMs();
      for (const record of records) {
        const bytes = record.bytes();
        if (bytes === null || bytes.length < STAMP_BYTES) continue;
        const stamp = new DataView(bytes.buffer, bytes.byteOffset, STAMP_BYTES);
        const number = stamp.getFloat64(8) - this.#warmUp;
        if (number < 0) continue;
        this.latencies[number] = nowMs - stamp.getFloat64(0);
        this.#progress.advance(1);
        left--;
      }
      if (left <= 0) return;
    }
  }

  #stamped(number: number): Uint8Array {
    const value = this.#payload.slice();
    const stamp = new DataView(value.buffer);
    stamp.setFloat64(0, monotonicMs());
    stamp.setFloat64(8, number);
    return value;
  }
}

/** What is needed of a consumer. */
interface BatchSource {
  batches(options: { signal: AbortSignal }): AsyncIterable<{
    readonly records: readonly { bytes(): Uint8Array | null }[];
  }>;
}
