/** The seeds that failed once. */
import text from "./seeds.txt" with { type: "text" };

/** In the order of the file. */
export const KNOWN_SEEDS: readonly number[] = text.split("\n")
  .map((line) => line.split(/[ #]/, 1)[0]!)
  .filter((word) => word !== "")
  .map(Number);
