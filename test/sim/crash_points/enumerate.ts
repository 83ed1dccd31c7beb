/**
 * Every crash point there is: the scenario is run once to count its operations,
 * then once for each of them and each way to end. At a share of them the start
 * that follows is cut, too, at each of its operations.
 */
import { type CrashPoint, type End, ENDS, runCrashPoint, runWhole } from "./crash_point.ts";
import type { Sabotage } from "../simulation.ts";
import type { Counted } from "./cutting_disk.ts";

/** One operation of the scenario, and whether the starts after it are cut, too. */
export interface Task {
  readonly at: number;
  readonly isWrite: boolean;
  readonly isDeep: boolean;
}

/** What came of it. */
export interface TaskOutcome {
  /** Scenarios run. */
  readonly runs: number;
  /** Operations of starts that were cut. */
  readonly startPoints: number;
  readonly failed: readonly { readonly point: CrashPoint; readonly violation: string }[];
}

/** After these the starts are cut, too. */
const DEEP_ENDS: readonly End[] = ["kill", "power, some kept"];

/** Every operation, or every `stride`-th; starts are cut at every `deepStride`-th. Throws when the scenario itself fails. */
export function listTasks(
  stride: number,
  deepStride: number,
  sabotage: Sabotage = {},
): { counted: readonly Counted[]; tasks: Task[] } {
  const { violation, counted } = runWhole(sabotage);
  if (violation !== null) throw new Error(`The scenario fails without a crash: ${violation}`);
  const tasks: Task[] = [];
  for (let at = 0; at < counted.length; at += stride) {
    tasks.push({ at, isWrite: counted[at]!.operation === "write", isDeep: at % deepStride === 0 });
  }
  return { counted, tasks };
}

/** All ends at one operation. */
export function runTask({ at, isWrite, isDeep }: Task, sabotage: Sabotage = {}): TaskOutcome {
  const failed: { point: CrashPoint; violation: string }[] = [];
  let [runs, startPoints] = [0, 0];
  const run = (point: CrashPoint): number => {
    runs++;
    const { violation, counted } = runCrashPoint(point, sabotage);
    if (violation !== null) failed.push({ point, violation });
    return counted.length;
  };
  for (const end of Object.keys(ENDS) as End[]) {
    if (ENDS[end] !== "no" && !isWrite) continue;
    const operations = run({ at, end });
    if (!isDeep || !DEEP_ENDS.includes(end)) continue;
    startPoints += operations;
    for (let startAt = 0; startAt < operations; startAt++) run({ at, end, startAt });
  }
  return { runs, startPoints, failed };
}

/** The same in this thread and others; `took` hears of each. */
export async function runTasks(
  tasks: readonly Task[],
  threads: number,
  took: (outcome: TaskOutcome) => void,
): Promise<void> {
  const queue = [...tasks];
  const helpers = Array.from({ length: threads - 1 }, () => help(queue, took));
  for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
    took(runTask(task));
    // A turn of the event loop, so that helpers are heard.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await Promise.all(helpers);
}

function help(queue: Task[], took: (outcome: TaskOutcome) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./helper.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<TaskOutcome | null>) => {
      if (data !== null) took(data);
      const task = queue.shift();
      if (task !== undefined) return worker.postMessage(task);
      worker.terminate();
      resolve();
    };
    worker.onerror = (event) => reject(new Error(event.message));
  });
}
