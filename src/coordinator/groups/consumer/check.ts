/**
 * What is wrong with a heartbeat by itself, before anybody looks at the group.
 * The sentences follow Kafka's rules of ConsumerGroupHeartbeat (KIP-848).
 */
import {
  assert,
  type ConsumerHeartbeatCommand,
  type Fault,
  fault,
  type GroupSettings,
} from "../../../model/mod.ts";
import type { GroupContext } from "../outcome.ts";
import { JOIN_EPOCH, STATIC_LEAVE_EPOCH } from "./group.ts";

/** The fault of a heartbeat that no group could take, or `null`. */
export function checkHeartbeat(command: ConsumerHeartbeatCommand, context: GroupContext): Fault | null {
  return checkNames(command) ?? checkEpoch(command) ?? checkAssignor(command, context.settings) ??
    checkPattern(command, context);
}

function checkNames(
  { group, memberId, memberEpoch, instanceId, rackId }: ConsumerHeartbeatCommand,
): Fault | null {
  if (group === "") return invalid(`Group id "" must not be empty`);
  if (instanceId === "") {
    return invalid(`Instance id "" must not be empty, leave it out for a dynamic member`);
  }
  if (rackId === "") return invalid(`Rack id "" must not be empty, leave it out where there is none`);
  if (memberId === "" && memberEpoch !== JOIN_EPOCH) {
    return invalid(`Member id "" must not be empty in a heartbeat of epoch "${memberEpoch}"`);
  }
  return null;
}

function checkEpoch(command: ConsumerHeartbeatCommand): Fault | null {
  const { memberEpoch, instanceId } = command;
  if (!Number.isInteger(memberEpoch) || memberEpoch < STATIC_LEAVE_EPOCH) {
    return invalid(`Member epoch "${memberEpoch}" must be -2 or more`);
  }
  if (memberEpoch === STATIC_LEAVE_EPOCH && instanceId === null) {
    return invalid(`Member epoch "-2" is for static members, an instance id is wanted`);
  }
  return memberEpoch === JOIN_EPOCH ? checkJoin(command) : null;
}

function checkJoin(command: ConsumerHeartbeatCommand): Fault | null {
  const { rebalanceTimeoutMs, ownedPartitions, subscribedTopics, subscribedPattern } = command;
  if (rebalanceTimeoutMs < 0) {
    return invalid(`Rebalance timeout "${rebalanceTimeoutMs}" must be given by a member that joins`);
  }
  if (ownedPartitions === null || ownedPartitions.some(({ partitions }) => partitions.length > 0)) {
    return invalid(`Owned partitions must be an empty list when a member joins`);
  }
  if (subscribedTopics === null && subscribedPattern === null) {
    return invalid(`Subscribed topics or a pattern must be given by a member that joins`);
  }
  return null;
}

function checkAssignor({ serverAssignor }: ConsumerHeartbeatCommand, settings: GroupSettings): Fault | null {
  if (serverAssignor === null || settings.consumerAssignors.includes(serverAssignor)) return null;
  const wanted = settings.consumerAssignors.map((name) => `"${name}"`).join(" or ");
  return fault("UNSUPPORTED_ASSIGNOR", `Assignor "${serverAssignor}" is not known, wanted is ${wanted}`);
}

function checkPattern(
  { subscribedPattern }: ConsumerHeartbeatCommand,
  { compilePattern }: GroupContext,
): Fault | null {
  if (subscribedPattern === null || subscribedPattern === "") return null;
  assert(compilePattern !== null, "turns that bring patterns wait for the library");
  const compiled = compilePattern(subscribedPattern);
  return typeof compiled === "string" ? fault("INVALID_REGULAR_EXPRESSION", compiled) : null;
}

function invalid(message: string): Fault {
  return fault("INVALID_REQUEST", message);
}
