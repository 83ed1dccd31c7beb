/**
 * The states and types of groups by name, and lists of them as people type them:
 * in whatever case. Pure.
 */
import type { GroupStateName, GroupTypeName } from "../model/mod.ts";

/** In the order in which a group goes through them. */
export const GROUP_STATES: readonly GroupStateName[] = [
  "PreparingRebalance",
  "CompletingRebalance",
  "Assigning",
  "Reconciling",
  "Stable",
  "Empty",
  "Dead",
];

export const GROUP_TYPES: readonly GroupTypeName[] = ["Classic", "Consumer"];

/** Each of `names` as it is known, `null` for one that is not. */
export function knownNames<Name extends string>(
  names: readonly string[],
  known: readonly Name[],
): (Name | null)[] {
  return names.map((name) =>
    known.find((candidate) => candidate.toLowerCase() === name.trim().toLowerCase()) ?? null
  );
}
