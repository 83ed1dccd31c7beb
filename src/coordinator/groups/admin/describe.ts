/** Kafka's DescribeGroups and ConsumerGroupDescribe: a group that is not there is dead, and the fault says so. */
import {
  type DescribeGroupsCommand,
  type Fault,
  fault,
  type GroupDescription,
  type GroupReply,
  type GroupSettings,
} from "../../../model/mod.ts";
import { describe, type Group } from "../group.ts";

/** Answers the command; changes nothing. A group that `faultOf` refuses is not looked at. */
export function describeGroups(
  command: DescribeGroupsCommand,
  groups: ReadonlyMap<string, Group>,
  settings: GroupSettings,
  faultOf: (group: string) => Fault | null,
): Extract<GroupReply, { kind: "groups_described" }> {
  // Once each: a small request must not ask for a large group a thousand times.
  const described = Array.from(new Set(command.groups), (name) => {
    const offline = faultOf(name);
    if (offline !== null) return dead(name, offline);
    const group = groups.get(name);
    const missing = fault("GROUP_ID_NOT_FOUND", `Group "${name}" does not exist`);
    return group === undefined ? dead(name, missing) : describe(group, settings);
  });
  return { kind: "groups_described", groups: described };
}

function dead(group: string, fault: Fault): GroupDescription {
  return {
    type: "Classic",
    group,
    fault,
    state: "Dead",
    protocolType: "",
    protocol: "",
    generation: -1,
    members: [],
  };
}
