/** The seeds that failed once. */
import groupText from "./groups/seeds.txt" with { type: "text" };
import text from "./seeds.txt" with { type: "text" };

/** In the order of the file. */
export const KNOWN_SEEDS: readonly number[] = read(text);
/** The same of the world of groups. */
export const KNOWN_GROUP_SEEDS: readonly number[] = read(groupText);

function read(lines: string): number[] {
  const words = lines.split("\n").map((line) => line.split(/[ #]/, 1)[0]!);
  return words.filter((word) => word !== "").map(Number);
}
