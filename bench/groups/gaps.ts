/**
 * How long partitions are without records while members join a group one after
 * another: when each record came and who took it, by partition, and the longest
 * gap of each partition in each window of time, for those that moved in it and
 * those that stayed where they were. Pure: the caller says what time it is.
 */
import { percentile } from "../macro/report.ts";

interface Arrival {
  readonly atMs: number;
  readonly member: number;
}

export class Gaps {
  readonly #arrivals: Arrival[][];

  constructor(partitions: number) {
    this.#arrivals = Array.from({ length: partitions }, () => []);
  }

  took(partition: number, member: number, atMs: number): void {
    this.#arrivals[partition]!.push({ atMs, member });
  }

  /** True when every partition had a record since `sinceMs`. */
  isFlowing(sinceMs: number): boolean {
    return this.#arrivals.every((arrivals) => (arrivals.at(-1)?.atMs ?? 0) > sinceMs);
  }

  /** Longest gaps in the windows that begin at `startsMs` and last until the next one's, the last until `endMs`. */
  measure(
    startsMs: readonly number[],
    endMs: number,
  ): { readonly stayed: number[]; readonly moved: number[] } {
    const stayed: number[] = [];
    const moved: number[] = [];
    for (const [index, fromMs] of startsMs.entries()) {
      for (const arrivals of this.#arrivals) {
        const window = longestGap(arrivals, fromMs, startsMs[index + 1] ?? endMs);
        (window.hasMoved ? moved : stayed).push(window.gapMs);
      }
    }
    return { stayed: stayed.sort(ascending), moved: moved.sort(ascending) };
  }
}

/** The figures of sorted gaps. */
export function gapFigures(name: string, gapsMs: readonly number[]): Record<string, number> {
  return {
    [`${name}Windows`]: gapsMs.length,
    [`${name}P50Ms`]: percentile(gapsMs, 0.5),
    [`${name}P99Ms`]: percentile(gapsMs, 0.99),
    [`${name}MaxMs`]: gapsMs.at(-1) ?? NaN,
  };
}

function longestGap(
  arrivals: readonly Arrival[],
  fromMs: number,
  toMs: number,
): { readonly gapMs: number; readonly hasMoved: boolean } {
  let gapMs = 0;
  let lastMs = fromMs;
  let owner = -1;
  let hasMoved = false;
  for (const { atMs, member } of arrivals) {
    if (atMs >= toMs) break;
    if (atMs >= fromMs) {
      gapMs = Math.max(gapMs, atMs - lastMs);
      hasMoved ||= owner !== -1 && owner !== member;
    }
    lastMs = Math.max(fromMs, atMs);
    owner = member;
  }
  return { gapMs: Math.max(gapMs, toMs - lastMs), hasMoved };
}

function ascending(a: number, b: number): number {
  return a - b;
}
