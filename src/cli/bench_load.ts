/**
 * The load of the benches: records of equal size, sent in calls of a hundred, no
 * more than a bounded number of them unanswered.
 */
import type { Producer } from "../client/mod.ts";
import { benchPayload, type BenchPlan, type BytesTopic, throwIfStopped } from "./bench_common.ts";
import type { Context } from "./command.ts";
import type { Progress } from "./progress.ts";

const RECORDS_PER_CALL = 100;
/** Value bytes sent and not yet answered, past which the load waits. */
const UNANSWERED_BYTES_MAX = 16_777_216;

/** Sends `plan.records` records and resolves when all are acknowledged. Throws the first failure. */
export async function sendLoad(
  producer: Producer,
  target: BytesTopic,
  plan: BenchPlan,
  context: Context,
  progress: Progress,
): Promise<void> {
  const record = { value: benchPayload(plan.recordBytes) };
  const whole = new Array(Math.min(RECORDS_PER_CALL, plan.records)).fill(record);
  const callsMax = Math.max(1, Math.floor(UNANSWERED_BYTES_MAX / (whole.length * (plan.recordBytes + 64))));
  const calls = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (let sent = 0; sent < plan.records; sent += whole.length) {
    throwIfStopped(context);
    const records = plan.records - sent >= whole.length ? whole : whole.slice(0, plan.records - sent);
    const call = producer.send(target, records).then(
      () => progress.advance(records.length),
      (error: unknown) => void failures.push(error),
    ).finally(() => calls.delete(call));
    calls.add(call);
    if (calls.size >= callsMax) await Promise.race(calls);
    if (failures.length > 0) throw failures[0];
  }
  await Promise.all(calls);
  if (failures.length > 0) throw failures[0];
}
