/**
 * JoinGroup, key 11, versions 0 to 9: a member of the classic protocol joins its
 * group's next generation; answered when the join phase ends. The leader alone
 * gets the members. Version 0 has no rebalance timeout, the session's stands for
 * it; from version 4 on a dynamic member without an id is given one and sent back
 * (KIP-394); from version 7 on the protocol is null with an error (KIP-559);
 * version 9 may tell a leader that came back to leave the assignment as it is
 * (KIP-814). Metadata stays opaque. KIP-62, KIP-345, KIP-800.
 */
import { defineApi } from "../api.ts";
import { errorCode, failureOf } from "../faults.ts";
import { JOIN_GROUP_REQUEST, JOIN_GROUP_RESPONSE } from "../schemas/join_group.ts";

const REBALANCE_TIMEOUT_VERSION_MIN = 1;
const MEMBER_ID_VERSION_MIN = 4;
const NULL_PROTOCOL_VERSION_MIN = 7;
const SKIP_ASSIGNMENT_VERSION_MIN = 9;

export const joinGroup = defineApi({
  key: 11,
  request: JOIN_GROUP_REQUEST,
  response: JOIN_GROUP_RESPONSE,
  versions: [0, 9],
  serve(request, { version, clientId, clientHost, broker, answer }) {
    const { sessionTimeoutMs, rebalanceTimeoutMs, memberId } = request;
    const noProtocol = version >= NULL_PROTOCOL_VERSION_MIN ? null : "";
    broker.submit({
      kind: "join_group",
      clientId: clientId ?? "",
      clientHost,
      group: request.groupId,
      memberId,
      instanceId: request.groupInstanceId,
      sessionTimeoutMs,
      rebalanceTimeoutMs: version >= REBALANCE_TIMEOUT_VERSION_MIN ? rebalanceTimeoutMs : sessionTimeoutMs,
      protocolType: request.protocolType,
      // The request's bytes are gone when this returns.
      protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: metadata.slice() })),
      needsMemberId: version >= MEMBER_ID_VERSION_MIN,
      knowsSkipAssignment: version >= SKIP_ASSIGNMENT_VERSION_MIN,
      reason: request.reason,
    }, (reply) => {
      if (reply.kind !== "group_joined") {
        const failed = { errorCode: errorCode(failureOf(reply)), protocolName: noProtocol, memberId };
        return answer(failed);
      }
      answer({
        errorCode: errorCode(reply.fault),
        generationId: reply.generation,
        protocolType: reply.protocolType,
        protocolName: reply.protocol ?? noProtocol,
        leader: reply.leader,
        skipAssignment: reply.skipAssignment,
        memberId: reply.memberId,
        members: reply.members.map(({ memberId, instanceId, metadata }) => {
          return { memberId, groupInstanceId: instanceId, metadata };
        }),
      });
    });
  },
});
