/**
 * LeaveGroup, key 13, versions 0 to 5: members leave at once instead of by their
 * session's end. Versions 0 to 2 name one member, whose error is the answer's;
 * from version 3 on several leave together, each with its own error, and an
 * operator may remove static ones by instance id alone. The reason (version 5) is
 * taken and not kept. KIP-345, KIP-800.
 */
import { defineApi } from "../api.ts";
import { errorCode, failureOf } from "../faults.ts";
import { LEAVE_GROUP_REQUEST, LEAVE_GROUP_RESPONSE } from "../schemas/leave_group.ts";

const SEVERAL_VERSION_MIN = 3;

export const leaveGroup = defineApi({
  key: 13,
  request: LEAVE_GROUP_REQUEST,
  response: LEAVE_GROUP_RESPONSE,
  versions: [0, 5],
  serve({ groupId, memberId, members }, { version, broker, answer }) {
    const isOne = version < SEVERAL_VERSION_MIN;
    broker.submit({
      kind: "leave_group",
      group: groupId,
      members: isOne
        ? [{ memberId, instanceId: null }]
        : members.map(({ memberId, groupInstanceId }) => ({ memberId, instanceId: groupInstanceId })),
    }, (reply) => {
      if (reply.kind !== "group_left") return answer({ errorCode: errorCode(failureOf(reply)) });
      if (isOne) return answer({ errorCode: errorCode(reply.fault ?? reply.members[0]?.fault ?? null) });
      answer({
        errorCode: errorCode(reply.fault),
        members: reply.members.map(({ memberId, instanceId, fault }) => {
          return { memberId, groupInstanceId: instanceId, errorCode: errorCode(fault) };
        }),
      });
    });
  },
});
