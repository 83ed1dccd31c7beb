/** `weir bench consume`: how many records a second one consumer reads from the start of a topic. */
import { monotonicMs } from "../host/mod.ts";
import type { Weir } from "../client/mod.ts";
import type { Arguments } from "./arguments.ts";
import {
  benchOptions,
  type BenchPlan,
  benchPlan,
  type BytesTopic,
  printResult,
  throughputOf,
  throwIfStopped,
  withBenchTopic,
} from "./bench_common.ts";
import { sendLoad } from "./bench_load.ts";
import { type Command, CommandError, type Context, type ExitStatus, JSON_LINE, SERVER } from "./command.ts";
import { acksOf } from "./produce_options.ts";
import { type Progress, showProgress } from "./progress.ts";
import { withBroker } from "./session.ts";

const DEFAULTS = { records: 1_000_000, recordBytes: 100 };

export const benchConsume: Command = {
  operands: [],
  options: [...benchOptions(DEFAULTS), JSON_LINE, SERVER],
  notes: [
    "Fills its topic first, which is not counted; a topic named by --topic must hold the records already. " +
    "Counts from the first fetch to the last record. MB are 1,000,000 bytes of values.",
  ],
  examples: ["weir bench consume --records 1000000 --size 100"],
  run: runBenchConsume,
};

function runBenchConsume(given: Arguments, context: Context): Promise<ExitStatus> {
  const plan = benchPlan(given, DEFAULTS);
  return withBroker(given, context, (weir) =>
    withBenchTopic(weir, given, plan, async (target) => {
      if (!given.has("topic")) await fill(weir, target, plan, context);
      const progress = await showProgress("Consuming", plan.records, "records");
      try {
        const startMs = monotonicMs();
        const { records, bytes } = await readAll(weir, target, plan, context, progress);
        const throughput = throughputOf(records, bytes, monotonicMs() - startMs);
        progress.stop();
        await printResult(given, context, { bench: "consume", records, bytes, ...throughput });
      } finally {
        progress.stop();
      }
      return 0;
    }));
}

async function fill(weir: Weir, target: BytesTopic, plan: BenchPlan, context: Context): Promise<void> {
  const { compression, batchBytes } = plan;
  await using producer = weir.producer({ acks: acksOf(plan.acks), compression, batchBytesMax: batchBytes });
  const progress = await showProgress("Filling", plan.records, "records");
  try {
    await sendLoad(producer, target, plan, context, progress);
    await producer.flush();
  } finally {
    progress.stop();
  }
}

async function readAll(
  weir: Weir,
  target: BytesTopic,
  plan: BenchPlan,
  context: Context,
  progress: Progress,
): Promise<{ records: number; bytes: number }> {
  await using consumer = weir.consumer({ topics: [target], from: "earliest", until: "end" });
  let count = 0;
  let bytes = 0;
  for await (const { records } of consumer.batches()) {
    throwIfStopped(context);
    const wanted = Math.min(records.length, plan.records - count);
    for (let index = 0; index < wanted; index++) bytes += records[index]!.bytes()?.length ?? 0;
    count += wanted;
    progress.advance(wanted);
    if (count === plan.records) return { records: count, bytes };
  }
  throw new CommandError(`Topic "${target.name}" holds ${count} records, ${plan.records} are wanted`);
}
