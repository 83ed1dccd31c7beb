/** Kafka's DeleteGroups: a group goes with its offsets when it has no members. */
import { type Fault, fault } from "../../../model/mod.ts";
import { type Group, stateOf } from "../group.ts";

/** Why the group cannot be deleted, or `null`. */
export function checkDeleteGroup(name: string, group: Group | undefined): Fault | null {
  if (group === undefined) return fault("GROUP_ID_NOT_FOUND", `Group "${name}" does not exist`);
  const state = stateOf(group);
  if (state === "Empty" || state === "Dead") return null;
  return fault("NON_EMPTY_GROUP", `Group "${name}" is "${state}", wanted is a group without members`);
}
