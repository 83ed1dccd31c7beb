/**
 * What the console takes from the metrics: sums of counters, and from two of
 * those the rates between them. Pure.
 */
import { isCoordinatorTopic } from "../../model/mod.ts";
import type { MetricFamily, MetricSample } from "../view.ts";

/** Numbers as they stood at one moment: those that only grow, and those that are what they are. */
export interface Totals {
  readonly atMs: number;
  readonly counters: ReadonlyMap<string, number>;
  readonly gauges: ReadonlyMap<string, number>;
}

const COUNTERS: Readonly<Record<string, string>> = {
  bytesIn: "weir_appended_bytes_total",
  bytesOut: "weir_fetched_bytes_total",
  requests: "weir_requests_total",
  errors: "weir_request_errors_total",
};
const GAUGES: Readonly<Record<string, string>> = {
  data: "weir_data_bytes",
  diskFree: "weir_disk_free_bytes",
  diskTotal: "weir_disk_total_bytes",
  memory: "process_resident_memory_bytes",
  connections: "weir_connections",
  waiters: "weir_waiters",
  partitions: "weir_partitions",
  offline: "weir_offline_partitions",
  uptime: "weir_uptime_seconds",
  cleaned: "weir_cleaner_cleaned_bytes_total",
  kept: "weir_cleaner_kept_bytes_total",
};
/** Reads the totals. */
export function totalsOf(families: readonly MetricFamily[], atMs: number): Totals {
  const byName = new Map(families.map((family) => [family.name, family.samples]));
  const samples = (name: string) => byName.get(name) ?? [];
  const counters = new Map<string, number>([["records", 0]]);
  const gauges = new Map<string, number>([["waiters", 0]]);
  for (const [name, family] of Object.entries(COUNTERS)) counters.set(name, sum(samples(family)));
  for (const [name, family] of Object.entries(GAUGES)) {
    if (samples(family).length > 0) gauges.set(name, sum(samples(family)));
  }
  const ends = families.find(({ name }) => name === "kafka_topic_partition_current_offset");
  for (const [topic, end] of grouped(ends === undefined ? [] : seriesOf(ends), "topic")) {
    counters.set(`topic ${topic}`, end);
    if (!isCoordinatorTopic(topic)) counters.set("records", (counters.get("records") ?? 0) + end);
  }
  for (const [worker, busy] of grouped(samples("weir_worker_busy_seconds_total"), "worker")) {
    counters.set(`worker ${worker}`, busy);
  }
  const lags = grouped(samples("kafka_consumergroup_lag_sum"), "consumergroup");
  for (const [group, lag] of lags) gauges.set(`lag ${group}`, lag);
  gauges.set("lag", [...lags.values()].reduce((total, lag) => total + lag, 0));
  return { atMs, counters, gauges };
}

/** Gauges as they are, counters as what they grew by in a second; none without a reading before. */
export function numbersOf(now: Totals, before: Totals | null): Map<string, number> {
  const numbers = new Map(now.gauges);
  const seconds = before === null ? 0 : (now.atMs - before.atMs) / 1_000;
  if (seconds <= 0) return numbers;
  for (const [name, value] of now.counters) {
    // A topic that was made again, or a worker that was started again, begins anew.
    const grown = value - (before!.counters.get(name) ?? (name.startsWith("topic ") ? 0 : value));
    numbers.set(name, Math.max(0, grown) / seconds);
  }
  return numbers;
}

function sum(samples: readonly MetricSample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}

function* seriesOf({ samples, table }: MetricFamily): Generator<MetricSample> {
  yield* samples;
  for (let row = 0; row < (table?.values.length ?? 0); row++) {
    const value = table!.values[row]!;
    if (!Number.isNaN(value)) yield { labels: table!.labelsOf(row), value };
  }
}

function grouped(samples: Iterable<MetricSample>, label: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { labels, value } of samples) {
    const name = labels[label] ?? "";
    sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
}
