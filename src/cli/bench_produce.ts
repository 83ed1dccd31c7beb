/** `weir bench produce`: how many records a second one producer writes, acknowledged. */
import { monotonicMs } from "../host/mod.ts";
import type { Arguments } from "./arguments.ts";
import { benchOptions, benchPlan, printResult, throughputOf, withBenchTopic } from "./bench_common.ts";
import { sendLoad } from "./bench_load.ts";
import { type Command, type Context, type ExitStatus, JSON_LINE, SERVER } from "./command.ts";
import { acksOf } from "./produce_options.ts";
import { showProgress } from "./progress.ts";
import { withBroker } from "./session.ts";

const DEFAULTS = { records: 1_000_000, recordBytes: 100 };

export const benchProduce: Command = {
  operands: [],
  options: [...benchOptions(DEFAULTS), JSON_LINE, SERVER],
  notes: [
    "Counts from the first record sent to the last one acknowledged. MB are 1,000,000 bytes of values.",
  ],
  examples: ["weir bench produce --records 1000000 --size 100 --acks all"],
  run: runBenchProduce,
};

function runBenchProduce(given: Arguments, context: Context): Promise<ExitStatus> {
  const plan = benchPlan(given, DEFAULTS);
  return withBroker(given, context, (weir) =>
    withBenchTopic(weir, given, plan, async (target) => {
      const { compression, batchBytes } = plan;
      await using producer = weir.producer({
        acks: acksOf(plan.acks),
        compression,
        batchBytesMax: batchBytes,
      });
      const progress = await showProgress("Producing", plan.records, "records");
      const startMs = monotonicMs();
      try {
        await sendLoad(producer, target, plan, context, progress);
      } finally {
        progress.stop();
      }
      const elapsedMs = monotonicMs() - startMs;
      await printResult(given, context, {
        bench: "produce",
        records: plan.records,
        size: plan.recordBytes,
        acks: plan.acks,
        compression,
        ...throughputOf(plan.records, plan.records * plan.recordBytes, elapsedMs),
      });
      return 0;
    }));
}
