/** Which topics of the image a pattern matches. Internal topics are named to be read, never matched. */
import { assert } from "../../../../model/mod.ts";
import type { GroupContext } from "../../outcome.ts";

/**
 * Names of the topics, in ascending order. A pattern out of a log that somebody
 * else wrote may be none: it matches nothing.
 */
export function matchTopics(pattern: string, { image, compilePattern }: GroupContext): readonly string[] {
  assert(compilePattern !== null, "turns that need patterns wait for the library");
  const isMatch = compilePattern(pattern);
  if (typeof isMatch === "string") return [];
  const found: string[] = [];
  for (const { name, internal } of image.topics.values()) {
    if (!internal && isMatch(name)) found.push(name);
  }
  return found.sort();
}
