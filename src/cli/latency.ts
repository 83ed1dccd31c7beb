/**
 * Percentiles of measured times. Pure. Every sample is kept (8 bytes each), so
 * the figures are exact, not those of a histogram's buckets.
 */

/** Milliseconds, rounded to the microsecond. */
export interface Percentiles {
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** Percentiles of the first `count` samples, by the nearest-rank method. Sorts `samples` in place. */
export function percentilesOf(samples: Float64Array, count: number = samples.length): Percentiles {
  const sorted = samples.subarray(0, count).sort();
  const at = (fraction: number) => {
    const rank = Math.max(1, Math.ceil(fraction * count));
    return Math.round((sorted[rank - 1] ?? 0) * 1_000) / 1_000;
  };
  return { p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: at(1) };
}
