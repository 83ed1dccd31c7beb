/** `deno task sim --crash-points`: runs them, and says what was cut and what came of it. */
import type { Operation } from "./cutting_disk.ts";
import { listTasks, runTasks } from "./enumerate.ts";

/** Violations that are told in full. */
const TOLD_MAX = 10;

export interface CrashPointOptions {
  readonly stride: number;
  readonly deepStride: number;
  readonly threads: number;
}

/** Gives how many runs failed. */
export async function reportCrashPoints({ stride, deepStride, threads }: CrashPointOptions): Promise<number> {
  const startMs = performance.now();
  const { counted, tasks } = listTasks(stride, deepStride);
  console.log(`${counted.length} crash points: ${kindsOf(counted.map(({ operation }) => operation))}`);
  let [runs, failures, deep, startPoints] = [0, 0, 0, 0];
  await runTasks(tasks, threads, (outcome) => {
    runs += outcome.runs;
    startPoints += outcome.startPoints;
    if (outcome.startPoints > 0) deep++;
    for (const { point, violation } of outcome.failed) {
      if (++failures > TOLD_MAX) continue;
      const { operation, path } = counted[point.at]!;
      console.log(`${JSON.stringify(point)} (${operation} of ${path}) FAILED: ${violation}`);
    }
  });
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  console.log(
    `${tasks.length} of them cut; at ${deep} the start after it, too, at ${startPoints} points; ${seconds} s`,
  );
  console.log(`${runs - failures} passed, ${failures} failed`);
  return failures;
}

/** "40 writes, 12 renames ...", the most frequent first. */
function kindsOf(operations: readonly Operation[]): string {
  const counts = new Map<Operation, number>();
  for (const operation of operations) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return sorted.map(([operation, count]) => `${count} ${operation}`).join(", ");
}
