/**
 * DescribeGroups, key 15, versions 0 to 6: classic groups with their members. A
 * group that is not there, or speaks the new protocol, is told as dead, from
 * version 6 on with GROUP_ID_NOT_FOUND and words besides (KIP-1043). What a
 * client may do with it is said on demand from version 3 on. KIP-345, KIP-430.
 */
import { type Fault, fault, type GroupDescription } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, errorMessage, failureOf } from "../faults.ts";
import { groupOperations } from "../operations.ts";
import { DESCRIBE_GROUPS_REQUEST, DESCRIBE_GROUPS_RESPONSE } from "../schemas/describe_groups.ts";

const NOT_FOUND_VERSION_MIN = 6;

export const describeGroups = defineApi({
  key: 15,
  request: DESCRIBE_GROUPS_REQUEST,
  response: DESCRIBE_GROUPS_RESPONSE,
  versions: [0, 6],
  serve({ groups, includeAuthorizedOperations }, { version, broker, answer }) {
    const say = (description: GroupDescription) => {
      const failed = sayable(description, version);
      const isAsked = includeAuthorizedOperations && failed === null;
      return { ...sayGroup(description, failed), authorizedOperations: groupOperations(isAsked) };
    };
    broker.submit({ kind: "describe_groups", groups }, (reply) => {
      if (reply.kind === "groups_described") return answer({ groups: reply.groups.map(say) });
      const failed = failureOf(reply);
      answer({ groups: groups.map((group) => sayNothing(group, "", failed)) });
    });
  },
});

/** Why the group is not described. Old clients see by its state alone that it is not there. */
function sayable(description: GroupDescription, version: number): Fault | null {
  const { type, group } = description;
  const failed = description.fault ?? (type === "Classic" ? null : notClassic(group));
  return failed?.code === "GROUP_ID_NOT_FOUND" && version < NOT_FOUND_VERSION_MIN ? null : failed;
}

function notClassic(group: string): Fault {
  return fault("GROUP_ID_NOT_FOUND", `Group "${group}" is not a classic group`);
}

function sayGroup(description: GroupDescription, failed: Fault | null) {
  const { group, state } = description;
  if (description.type === "Consumer") return sayNothing(group, "Dead", failed);
  const { protocolType, protocol, members } = description;
  return {
    ...sayNothing(group, state, failed),
    protocolType,
    protocolData: protocol,
    members: members.map(({ memberId, instanceId, clientId, clientHost, metadata, assignment }) => ({
      memberId,
      groupInstanceId: instanceId,
      clientId,
      clientHost,
      memberMetadata: metadata,
      memberAssignment: assignment,
    })),
  };
}

function sayNothing(groupId: string, groupState: string, failed: Fault | null) {
  return { groupId, groupState, errorCode: errorCode(failed), errorMessage: errorMessage(failed) };
}
