/** Which topics of the image a pattern matches. Internal topics are named to be read, never matched. */
import { assert, type Image } from "../../../../model/mod.ts";
import { matches } from "./match.ts";
import { parsePattern } from "./parse.ts";

/** Names of the topics, in ascending order. The pattern was checked before it was taken. */
export function matchTopics(pattern: string, image: Image): readonly string[] {
  const program = parsePattern(pattern);
  assert(typeof program !== "string", "a pattern that was taken can be parsed");
  const found: string[] = [];
  for (const { name, internal } of image.topics.values()) {
    if (!internal && matches(program, name)) found.push(name);
  }
  return found.sort();
}
