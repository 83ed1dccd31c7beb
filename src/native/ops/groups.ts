/** `describe_groups`, `list_groups`, `delete_groups`: groups as an operator sees them. */
import { type GroupDescription, GROUPS_PER_COMMAND_MAX } from "../../model/mod.ts";
import { errorField } from "../faults.ts";
import { texts, textsOrNull } from "../fields.ts";
import { encodeFrame } from "../frame.ts";
import { type Operation, replyOf, type SessionContext } from "./operation.ts";
import { namedPartitions } from "./topic_names.ts";

/** Words a filter may have: there are fewer states than that. */
const FILTERS_MAX = 100;

export const describeGroups: Operation = {
  decode: (message) => ({
    kind: "describe_groups",
    groups: texts(message, "", "groups", GROUPS_PER_COMMAND_MAX),
  }),
  encode(c, reply, context) {
    const { groups } = replyOf(reply, "groups_described");
    return encodeFrame({ c, groups: groups.map((group) => describe(group, context)) });
  },
};

export const listGroups: Operation = {
  decode: (message) => ({
    kind: "list_groups",
    states: textsOrNull(message, "", "states", FILTERS_MAX) ?? [],
    types: textsOrNull(message, "", "types", FILTERS_MAX) ?? [],
  }),
  encode: (c, reply) => encodeFrame({ c, groups: replyOf(reply, "groups_listed").groups }),
};

export const deleteGroups: Operation = {
  decode: (message) => ({
    kind: "delete_groups",
    groups: texts(message, "", "groups", GROUPS_PER_COMMAND_MAX),
  }),
  encode(c, reply) {
    const groups = replyOf(reply, "groups_deleted").groups.map(({ group, fault }) => ({
      group,
      ...errorField(fault),
    }));
    return encodeFrame({ c, groups });
  },
};

function describe(description: GroupDescription, context: SessionContext) {
  const { fault, ...group } = description;
  const common = { ...errorField(fault), coordinator: context.brokers[0] };
  if (group.type === "Classic") return { ...group, ...common };
  const members = group.members.map((member) => ({
    ...member,
    assignment: namedPartitions(member.assignment, context),
    targetAssignment: namedPartitions(member.targetAssignment, context),
  }));
  return { ...group, ...common, members };
}
