/**
 * Runs a pattern's states over a text, all at once: no text is looked at twice,
 * and no state is in more than once. The whole text has to match, as Kafka asks.
 */
import { isWordChar } from "./escape.ts";
import type { Place } from "./node.ts";
import type { Program } from "./program.ts";

/** True when the pattern matches all of `text`. */
export function matches({ states, start }: Program, text: string): boolean {
  let current: readonly number[] = reach(states, [start], text, 0);
  for (let index = 0; index < text.length && current.length > 0; index++) {
    const nexts: number[] = [];
    for (const number of current) {
      const state = states[number]!;
      if (state.kind === "char" && state.has(text[index]!)) nexts.push(state.next);
    }
    current = reach(states, nexts, text, index + 1);
  }
  return current.some((number) => states[number]!.kind === "match");
}

/** All states that `from` come to without a character, at `index`. */
function reach(states: Program["states"], from: readonly number[], text: string, index: number): number[] {
  const seen = new Set<number>();
  const open = [...from];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    if (seen.has(number)) continue;
    seen.add(number);
    const state = states[number]!;
    if (state.kind === "either") open.push(...state.nexts);
    else if (state.kind === "place" && isAt(state.place, text, index)) open.push(state.next);
  }
  return [...seen];
}

function isAt(place: Place, text: string, index: number): boolean {
  if (place === "begin") return index === 0;
  if (place === "end") return index === text.length;
  const isBoundary = isWordChar(text[index - 1] ?? "") !== isWordChar(text[index] ?? "");
  return isBoundary === (place === "boundary");
}
