/**
 * SyncGroup, key 14, versions 0 to 5: the leader hands in the assignment, every
 * member gets its part; answered when the leader's is kept. From version 5 on
 * members must say which protocol they think is in use (KIP-559). Assignments
 * stay opaque. KIP-345.
 */
import { fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, failureOf } from "../faults.ts";
import { SYNC_GROUP_REQUEST, SYNC_GROUP_RESPONSE } from "../schemas/sync_group.ts";

const PROTOCOL_VERSION_MIN = 5;
const NOTHING = new Uint8Array(0);

export const syncGroup = defineApi({
  key: 14,
  request: SYNC_GROUP_REQUEST,
  response: SYNC_GROUP_RESPONSE,
  versions: [0, 5],
  serve(request, { version, broker, answer }) {
    const { protocolType, protocolName } = request;
    if (version >= PROTOCOL_VERSION_MIN && (protocolType === null || protocolName === null)) {
      const words = `Protocol type "${protocolType}" and name "${protocolName}" are wanted both`;
      const refused = fault("INCONSISTENT_GROUP_PROTOCOL", words);
      return answer({ errorCode: errorCode(refused), assignment: NOTHING });
    }
    broker.submit({
      kind: "sync_group",
      group: request.groupId,
      generation: request.generationId,
      memberId: request.memberId,
      instanceId: request.groupInstanceId,
      protocolType,
      protocol: protocolName,
      // The request's bytes are gone when this returns.
      assignments: request.assignments.map(({ memberId, assignment }) => (
        { memberId, assignment: assignment.slice() }
      )),
    }, (reply) => {
      if (reply.kind !== "group_synced") {
        return answer({ errorCode: errorCode(failureOf(reply)), assignment: NOTHING });
      }
      const { protocolType, protocol, assignment } = reply;
      answer({ errorCode: errorCode(reply.fault), protocolType, protocolName: protocol, assignment });
    });
  },
});
