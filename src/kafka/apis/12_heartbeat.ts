/**
 * Heartbeat, key 12, versions 0 to 4: a member of the classic protocol is there
 * still, and learns that its group rebalances. Static members say their instance
 * id from version 3 on (KIP-345).
 */
import { defineApi } from "../api.ts";
import { errorCode, failureOf } from "../faults.ts";
import { HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE } from "../schemas/heartbeat.ts";

export const heartbeat = defineApi({
  key: 12,
  request: HEARTBEAT_REQUEST,
  response: HEARTBEAT_RESPONSE,
  versions: [0, 4],
  serve({ groupId, generationId, memberId, groupInstanceId }, { broker, answer }) {
    broker.submit({
      kind: "heartbeat_group",
      group: groupId,
      generation: generationId,
      memberId,
      instanceId: groupInstanceId,
    }, (reply) => {
      answer({ errorCode: errorCode(reply.kind === "group_heartbeat" ? reply.fault : failureOf(reply)) });
    });
  },
});
