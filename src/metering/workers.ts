/**
 * What the partition workers counted. Durations of all workers together, numbers
 * of each for itself: a worker that is busier than the others is to be seen. Pure.
 */
import type { WorkerCounts } from "../mailbox/mod.ts";
import {
  addUp,
  familiesOf,
  type Family,
  family,
  joinFamilies,
  OUTBOX_SHEET,
  PARTITION_SHEET,
} from "../meter/mod.ts";

/** The families of all workers. */
export function workerFamilies(workers: readonly WorkerCounts[]): Family[] {
  const labelled = workers.map((counts) => ({ counts, labels: { worker: String(counts.worker) } }));
  const numbers = labelled.map(({ counts, labels }) => [
    ...familiesOf(PARTITION_SHEET, counts.turns, labels, "numbers"),
    ...familiesOf(OUTBOX_SHEET, counts.mailbox, labels, "numbers"),
  ]);
  const turns = addUp(PARTITION_SHEET, workers.map((counts) => counts.turns));
  const mailbox = addUp(OUTBOX_SHEET, workers.map((counts) => counts.mailbox));
  const row = (type: "counter" | "gauge", name: string, help: string, value: (of: WorkerCounts) => number) =>
    family(type, name, help, labelled.map(({ counts, labels }) => ({ labels, value: value(counts) })));
  return joinFamilies([
    familiesOf(OUTBOX_SHEET, mailbox, {}, "histograms"),
    familiesOf(PARTITION_SHEET, turns, {}, "histograms"),
    ...numbers,
    [
      row("gauge", "weir_worker_up", "1 while a worker runs, 0 until it is back", ({ isUp }) => isUp ? 1 : 0),
      row("gauge", "weir_worker_partitions", "Partitions a worker owns", ({ partitions }) => partitions),
      row(
        "gauge",
        "weir_worker_pending_inputs",
        "Inputs a worker has not answered yet",
        ({ pending }) => pending,
      ),
      row(
        "counter",
        "weir_worker_restarts_total",
        "How often a worker was started again",
        ({ restarts }) => restarts,
      ),
    ],
  ]);
}
