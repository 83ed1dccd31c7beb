/**
 * Log-linear histograms: whole numbers from 0 to 2^32 − 1 fall into 124 buckets,
 * four for each power of two, so that a bucket is never wider than a quarter of
 * what it holds. Which bucket is a few shifts; nothing is searched or allocated.
 *
 *     value    0  1  2  3 | 4  5  6  7 | 8- 10- 12- 14- | 16- 20- 24- 28- | ...
 *     bucket   0  1  2  3 | 4  5  6  7 | 8   9  10  11  | 12  13  14  15  | ...
 */

/** Buckets of one histogram. */
export const BUCKETS = 124;
const VALUE_MAX = 4_294_967_295;

/** The bucket of a value; what is below 0 counts as 0, what is too large as the largest. */
export function bucketOf(value: number): number {
  if (value < 4) return value > 0 ? value | 0 : 0;
  const whole = value > VALUE_MAX ? VALUE_MAX : value >>> 0;
  const exponent = 31 - Math.clz32(whole);
  return ((exponent - 1) << 2) + ((whole >>> (exponent - 2)) & 3);
}

/** The smallest whole number of a bucket; of the bucket behind the last, 2^32. */
export function lowestOf(bucket: number): number {
  if (bucket < 4) return bucket;
  return (4 + (bucket & 3)) * 2 ** ((bucket >> 2) - 1);
}
