/**
 * ConsumerGroupHeartbeat, key 68, versions 0 and 1: the new protocol's one request,
 * by which a member joins, stays, reports what it owns and leaves. Answered at
 * once, with an assignment only where it changed. In version 0 the coordinator
 * gives a joining member its id; from version 1 on the member makes it (KIP-1082),
 * and may subscribe by a regular expression. KIP-848.
 */
import { fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, errorMessage, failureOf } from "../faults.ts";
import {
  CONSUMER_GROUP_HEARTBEAT_REQUEST,
  CONSUMER_GROUP_HEARTBEAT_RESPONSE,
} from "../schemas/consumer_group_heartbeat.ts";

const OWN_MEMBER_ID_VERSION_MIN = 1;

export const consumerGroupHeartbeat = defineApi({
  key: 68,
  request: CONSUMER_GROUP_HEARTBEAT_REQUEST,
  response: CONSUMER_GROUP_HEARTBEAT_RESPONSE,
  versions: [0, 1],
  serve(request, { version, clientId, clientHost, broker, answer }) {
    if (version >= OWN_MEMBER_ID_VERSION_MIN && request.memberId === "") {
      const refused = fault("INVALID_REQUEST", 'Member id "" must be one the member made');
      return answer({ errorCode: errorCode(refused), errorMessage: errorMessage(refused) });
    }
    broker.submit({
      kind: "consumer_heartbeat",
      clientId: clientId ?? "",
      clientHost,
      group: request.groupId,
      memberId: request.memberId,
      memberEpoch: request.memberEpoch,
      instanceId: request.instanceId,
      rackId: request.rackId,
      rebalanceTimeoutMs: request.rebalanceTimeoutMs,
      subscribedTopics: request.subscribedTopicNames,
      subscribedPattern: request.subscribedTopicRegex,
      serverAssignor: request.serverAssignor,
      ownedPartitions: request.topicPartitions,
      waitMsMax: 0,
    }, (reply) => {
      const failed = reply.kind === "consumer_heartbeat" ? reply.fault : failureOf(reply);
      if (failed !== null || reply.kind !== "consumer_heartbeat") {
        return answer({ errorCode: errorCode(failed), errorMessage: errorMessage(failed) });
      }
      const { memberId, memberEpoch, heartbeatIntervalMs, assignment } = reply;
      answer({
        memberId,
        memberEpoch,
        heartbeatIntervalMs,
        assignment: assignment === null ? null : { topicPartitions: assignment },
      });
    });
  },
});
