/** What the compaction benchmark found: one JSON line on stdout, a table of the same on stderr. */
import { percentile } from "../macro/report.ts";
import type { Scale } from "./compaction.ts";

/** What all windows of one kind gave. */
export interface Window {
  /** Latencies of produce requests, by acks. */
  readonly tookMs: Readonly<Record<"1" | "all", number[]>>;
  seconds: number;
  /** The broker's. */
  cpuSeconds: number;
  /** The broker's anonymous memory at its highest. */
  maxMb: number;
  /** Looks at the directory, and those that saw files of a cleaning. */
  looks: number;
  cleanings: number;
}

/** With compaction and without. */
export type Windows = Readonly<Record<"with" | "without", Window>>;

/** The log and the memory. */
export interface Shrunk {
  readonly updates: number;
  readonly keys: number;
  /** Bytes of all batches that were sent. */
  readonly writtenBytes: number;
  /** The largest the log was. */
  readonly maxBytes: number;
  /** When the load was over, and when nothing was left to be cleaned. */
  readonly backlogBytes: number;
  readonly bytesAfter: number;
  /** Of these, what is in the segment that is never cleaned. */
  readonly activeBytes: number;
  readonly recordsAfter: number;
  readonly shrinkMs: number;
  /** Records the consumer at the end of the log had. */
  readonly consumed: number;
  readonly bufferBytes: number;
  /** Anonymous memory before the first cleaning. */
  readonly warmUpMb: number;
}

/** Prints both. */
export function printReport(scale: Scale, shrunk: Shrunk, windows: Windows): void {
  const produce = {
    "acks=1": compare(windows, "1"),
    "acks=all": compare(windows, "all"),
  };
  const { pace: { requestsPerSecond, recordsPerRequest } } = scale;
  const sides = { with: sideOf(windows.with), without: sideOf(windows.without) };
  const figures = { bench: "compaction", requestsPerSecond, recordsPerRequest, ...shrunk, produce, sides };
  console.log(JSON.stringify(figures, (_, value) => typeof value === "number" ? round(value) : value));
  console.error(logWords(shrunk));
  console.error(`${"produce".padEnd(22)}${["p50", "p99", "p99.9", "max"].map(cell).join("")}  ms`);
  for (const [acks, kinds] of Object.entries(produce)) {
    for (const [kind, row] of [["with", kinds.with], ["without", kinds.without]] as const) {
      const cells = [row.p50Ms, row.p99Ms, row.p999Ms, row.maxMs].map(round).map(cell);
      console.error(`${`${acks} ${kind}`.padEnd(22)}${cells.join("")}  ${row.requests} requests`);
    }
    console.error(
      `${`${acks} ratio`.padEnd(22)}${cell(round(kinds.p50Ratio))}${cell(round(kinds.p99Ratio))}`,
    );
  }
  for (const [kind, side] of Object.entries(sides)) {
    console.error(
      `${kind.padEnd(22)}cleaning ${round(side.cleaningShare * 100)} % of the time, broker at ${
        round(side.cpuShare * 100)
      } % of a core, at most ${round(side.maxMb)} MB`,
    );
  }
}

function logWords(shrunk: Shrunk): string {
  const { writtenBytes, maxBytes, backlogBytes, bytesAfter, shrinkMs } = shrunk;
  const megabytes = (bytes: number) => `${round(bytes / 1e6)} MB`;
  return `${shrunk.updates} updates of ${shrunk.keys} keys, ${megabytes(writtenBytes)} written, at most ${
    megabytes(maxBytes)
  } at a time; in the end ${megabytes(backlogBytes)} shrank to ${
    megabytes(bytesAfter)
  }, ${shrunk.recordsAfter} ` +
    `records, in ${round(shrinkMs)} ms; ${shrunk.consumed} consumed; ${
      round(shrunk.warmUpMb)
    } MB of memory before, ` +
    `buffer ${megabytes(shrunk.bufferBytes)}`;
}

function compare(windows: Windows, acks: "1" | "all") {
  const kinds = { with: latencies(windows.with, acks), without: latencies(windows.without, acks) };
  return {
    ...kinds,
    p50Ratio: kinds.with.p50Ms / kinds.without.p50Ms,
    p99Ratio: kinds.with.p99Ms / kinds.without.p99Ms,
  };
}

function latencies({ tookMs }: Window, acks: "1" | "all") {
  const sorted = tookMs[acks].toSorted((a, b) => a - b);
  const [p50Ms, p99Ms, p999Ms] = [0.5, 0.99, 0.999].map((fraction) => percentile(sorted, fraction)) as [
    number,
    number,
    number,
  ];
  return { requests: sorted.length, p50Ms, p99Ms, p999Ms, maxMs: sorted.at(-1) ?? NaN };
}

function sideOf({ seconds, cpuSeconds, maxMb, looks, cleanings }: Window) {
  return { seconds, cpuShare: cpuSeconds / seconds, cleaningShare: cleanings / looks, maxMb };
}

/** Three figures, or whole above a thousand. */
function round(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));
}

function cell(value: string | number): string {
  return String(value).padStart(9);
}
