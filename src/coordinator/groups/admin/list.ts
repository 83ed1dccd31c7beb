/** Kafka's ListGroups: all groups, or those in certain states or of certain types, whatever the names' case. */
import type { GroupReply, ListGroupsCommand } from "../../../model/mod.ts";
import { type Group, protocolTypeOf, stateOf, typeNameOf } from "../group.ts";

/** Answers the command; changes nothing. */
export function listGroups(
  { states, types }: ListGroupsCommand,
  groups: Iterable<Group>,
): Extract<GroupReply, { kind: "groups_listed" }> {
  const wantsState = filter(states);
  const wantsType = filter(types);
  const listed = Array.from(groups, (group) => ({
    group: group.group,
    type: typeNameOf(group),
    state: stateOf(group),
    protocolType: protocolTypeOf(group),
  }));
  return {
    kind: "groups_listed",
    groups: listed.filter(({ type, state }) => wantsType(type) && wantsState(state)),
  };
}

function filter(names: readonly string[]): (name: string) => boolean {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return (name) => wanted.size === 0 || wanted.has(name.toLowerCase());
}
