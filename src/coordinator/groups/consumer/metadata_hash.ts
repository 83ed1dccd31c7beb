/**
 * A number that differs when the topics a group subscribes to differ: another
 * topic, another id under the same name, more partitions. 53 bits of a
 * multiplicative hash of two lanes; a change is overlooked about once in 2^53.
 */
import type { Image } from "../../../model/mod.ts";

/** The hash of those of `topics` that exist, in ascending order of their names. */
export function metadataHash(topics: Iterable<string>, image: Image): number {
  let text = "";
  for (const name of [...topics].sort()) {
    const topic = image.topics.get(name);
    if (topic !== undefined) text += `${topic.id} ${topic.partitions.length}\n`;
  }
  return text === "" ? 0 : hash53(text);
}

function hash53(text: string): number {
  let high = 0x9e3779b1;
  let low = 0x85ebca77;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 0x27d4eb2f);
    low = Math.imul(low ^ code, 0x165667b1);
    high ^= low >>> 15;
    low ^= high >>> 13;
  }
  return (high & 0x1fffff) * 0x100000000 + (low >>> 0);
}
