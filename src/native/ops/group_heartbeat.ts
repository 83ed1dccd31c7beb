/**
 * `group_heartbeat`: the one thing a member says, to join, stay, report and leave;
 * the answer may wait until it has something to tell. Shape: GroupRequests.
 */
import { TOPICS_PER_COMMAND_MAX } from "../../model/mod.ts";
import { wireError } from "../faults.ts";
import { int32Or, integer, nameOr, nameText, textsOrNull } from "../fields.ts";
import { encodeFrame, type Message } from "../frame.ts";
import { type Operation, replyOf } from "./operation.ts";
import { namedPartitions, readPartitions } from "./topic_names.ts";

/** The epoch that leaves for a while, of a static member: the least there is. */
const EPOCH_MIN = -2;

export const groupHeartbeat: Operation = {
  decode(message, context) {
    const ownsSome = message.owned !== undefined && message.owned !== null;
    return {
      kind: "consumer_heartbeat",
      clientId: context.clientId,
      clientHost: context.clientHost,
      group: nameText(message, "", "group"),
      memberId: nameText(message, "", "member"),
      memberEpoch: readEpoch(message),
      instanceId: nameOr(message, "", "instance", null),
      rackId: nameOr(message, "", "rack", null),
      rebalanceTimeoutMs: int32Or(message, "", "rebalanceTimeoutMs", -1, -1),
      subscribedTopics: textsOrNull(message, "", "topics", TOPICS_PER_COMMAND_MAX),
      subscribedPattern: nameOr(message, "", "pattern", null),
      serverAssignor: nameOr(message, "", "assignor", null),
      ownedPartitions: ownsSome ? readPartitions(message, "owned", context) : null,
      waitMsMax: int32Or(message, "", "waitMsMax", 0, 0),
    };
  },
  encode(c, reply, context) {
    const { fault, assignment, ...told } = replyOf(reply, "consumer_heartbeat");
    if (fault !== null) return encodeFrame({ c, e: wireError(fault) });
    return encodeFrame({
      c,
      member: told.memberId,
      epoch: told.memberEpoch,
      heartbeatIntervalMs: told.heartbeatIntervalMs,
      ...(assignment === null ? {} : { assignment: namedPartitions(assignment, context) }),
    });
  },
};

/** A heartbeat without an epoch says nothing at all. */
function readEpoch(message: Message): number {
  integer(message, "", "epoch", EPOCH_MIN);
  return int32Or(message, "", "epoch", EPOCH_MIN, 0);
}
