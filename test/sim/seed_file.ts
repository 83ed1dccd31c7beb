/**
 * The seeds that failed once. A line of `seeds.txt` is the version of the plan the
 * seed is of, the seed, and what it found; a group seed has no version.
 */
import groupText from "./groups/seeds.txt" with { type: "text" };
import text from "./seeds.txt" with { type: "text" };
import type { PlanVersion } from "./simulation.ts";

/** A run of the broker's world. */
export interface VersionedSeed {
  readonly seed: number;
  readonly version: PlanVersion;
}

/** In the order of the file. */
export const KNOWN_SEEDS: readonly VersionedSeed[] = read(text).map(([version, seed]) => {
  if (version !== 1 && version !== 2) throw new Error(`Plan version "${version}" must be 1 or 2`);
  return { seed: seed!, version };
});
/** The same of the world of groups. */
export const KNOWN_GROUP_SEEDS: readonly number[] = read(groupText).map(([seed]) => seed!);

function read(lines: string): number[][] {
  const numbers = lines.split("\n").map((line) => line.split("#", 1)[0]!.match(/^\d+( \d+)?/)?.[0] ?? "");
  return numbers.filter((words) => words !== "").map((words) => words.split(" ").map(Number));
}
