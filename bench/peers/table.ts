/** Measurements as a table for people: the median of the rounds, and the range they lie in. Pure. */
import type { Measured } from "./drive.ts";

type Figure = "recordsPerSecond" | "megabytesPerSecond" | "p50Ms" | "p99Ms" | "cpuSecondsPerGb" | "peakMb";

const FIGURES: Readonly<Record<Figure, string>> = {
  recordsPerSecond: "records/s",
  megabytesPerSecond: "MB/s",
  p50Ms: "p50 ms",
  p99Ms: "p99 ms",
  cpuSecondsPerGb: "CPU s/GB",
  peakMb: "peak MB",
};

/** Markdown: one row for each load and broker, in the order they were measured first. */
export function tableOf(measured: readonly Measured[]): string {
  const groups = new Map<string, Measured[]>();
  for (const one of measured) {
    const key = `${labelOf(one)} | ${one.broker}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const heading = `| load | broker | ${Object.values(FIGURES).join(" | ")} |`;
  const line = heading.replaceAll(/[^|]+/g, "---");
  const rows = [...groups].sort(([left], [right]) => left < right ? -1 : 1).map(([key, ones]) => {
    const cells = (Object.keys(FIGURES) as Figure[]).map((figure) => cell(ones.map((one) => one[figure])));
    return `| ${key} | ${cells.join(" | ")} |`;
  });
  return [heading, line, ...rows, "", ...startsOf(measured)].join("\n");
}

function labelOf({ what, recordBytes, acks }: Measured): string {
  return what === "consume" ? `consume ${recordBytes} bytes` : `produce ${recordBytes} bytes, acks=${acks}`;
}

/** Start-up time and idle memory, over every start. */
function startsOf(measured: readonly Measured[]): string[] {
  return (["kafka", "weir"] as const).flatMap((broker) => {
    const starts = measured.filter((one) => one.broker === broker && one.what === "produce");
    if (starts.length === 0) return [];
    const ready = cell(starts.map(({ readyMs }) => readyMs));
    return `${broker}: ready after ${ready} ms, idle with ${cell(starts.map(({ idleMb }) => idleMb))} MB`;
  });
}

function cell(values: readonly (number | null)[]): string {
  const sorted = values.filter((value) => value !== null).sort((left, right) => left - right);
  if (sorted.length === 0) return "";
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  const upper = sorted[Math.floor(sorted.length / 2)]!;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]!;
  const median = words((lower + upper) / 2);
  return sorted.length === 1 ? median : `${median} (${words(least)}-${words(most)})`;
}

/** Three figures, whole above a hundred, thousands set apart. */
function words(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString("en-US");
}
