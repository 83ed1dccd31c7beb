/**
 * A pattern's states: each takes a character, or goes on to others without one.
 * Repetitions are written out, so the number of states is bounded here.
 */
import { type CharSet, type Node, PatternError, type Place } from "./node.ts";

const STATES_MAX = 2_000;

export type State =
  | { readonly kind: "char"; readonly has: CharSet; readonly next: number }
  | { readonly kind: "place"; readonly place: Place; readonly next: number }
  | { readonly kind: "either"; readonly nexts: readonly number[] }
  | { readonly kind: "match" };

/** States by number; the first one to be in is `start`. */
export interface Program {
  readonly states: readonly State[];
  readonly start: number;
}

/** The states of a tree. Throws {@linkcode PatternError} when there would be too many. */
export function compile(node: Node): Program {
  const states: State[] = [{ kind: "match" }];
  return { start: emit(states, node, 0), states };
}

/** Adds the states of `node`, which go on to `next`; gives the first one. */
function emit(states: State[], node: Node, next: number): number {
  switch (node.kind) {
    case "set":
      return push(states, { kind: "char", has: node.has, next });
    case "place":
      return push(states, { kind: "place", place: node.place, next });
    case "sequence":
      return node.parts.reduceRight((after, part) => emit(states, part, after), next);
    case "either":
      return push(states, { kind: "either", nexts: node.parts.map((part) => emit(states, part, next)) });
    case "repeat":
      return emitRepeat(states, node, next);
  }
}

function emitRepeat(
  states: State[],
  { part, min, max }: Extract<Node, { kind: "repeat" }>,
  next: number,
): number {
  let first = max === null ? emitLoop(states, part, next) : next;
  for (let count = min; count < (max ?? min); count++) {
    first = push(states, { kind: "either", nexts: [emit(states, part, first), next] });
  }
  for (let count = 0; count < min; count++) first = emit(states, part, first);
  return first;
}

function emitLoop(states: State[], part: Node, next: number): number {
  const nexts = [next];
  const loop = push(states, { kind: "either", nexts });
  nexts.push(emit(states, part, loop));
  return loop;
}

function push(states: State[], state: State): number {
  if (states.length >= STATES_MAX) throw new PatternError(`it has more than ${STATES_MAX} states`);
  return states.push(state) - 1;
}
