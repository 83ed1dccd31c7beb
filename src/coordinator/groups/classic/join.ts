/**
 * JoinGroup. Somebody new gets a member id, and either comes back with it (KIP-394)
 * or joins at once; a member joins again because the group rebalances, or to make
 * it do so. The command is parked until the join phase ends, except where the
 * generation there is says all. Called by decide.
 */
import { type Fault, fault, type JoinGroupCommand, PENDING_MEMBERS_MAX } from "../../../model/mod.ts";
import type { GroupContext, Outcome } from "../outcome.ts";
import { checkMember } from "./check_member.ts";
import { addMember, answer, type Draft, openDraft, removeMember, settle, startTimer } from "./draft.ts";
import { type ClassicGroup, type ClassicMember, emptyClassic, recordOfClassic, sessionKey } from "./group.ts";
import { parkJoin } from "./park_join.ts";
import { fitsIn, sameProtocols } from "./protocols.ts";
import { endIfJoined, rebalance } from "./rebalance.ts";
import { joined, joinRefused, onlyAnswer, unknownMember, unnamedGroup } from "./replies.ts";
import { takeOver } from "./take_over.ts";

/** A new member that waits so long for the join phase to end is taken for gone, and told to join again. */
const NEW_MEMBER_TIMEOUT_MS = 300_000;

const NO_BYTES = new Uint8Array(0);

export function decideJoin(
  group: ClassicGroup | null,
  id: number,
  command: JoinGroupCommand,
  context: GroupContext,
): Outcome<ClassicGroup> {
  const { memberId, protocolType, protocols } = command;
  const refused = checkJoin(group, command, context);
  if (refused !== null) return onlyAnswer(group, id, joinRefused(refused, memberId));
  const before = group ?? emptyClassic(command.group, context.nowMs);
  if (!hasRoom(before, memberId, context.settings.membersMax)) return turnAway(before, id, memberId, context);
  if (!fitsIn(before, protocolType, protocols)) {
    return onlyAnswer(group, id, joinRefused(inconsistent(before, command), memberId));
  }
  const draft = openDraft(before, context);
  if (memberId === "") joinNewcomer(draft, id, command);
  else if (before.pendingJoin.has(memberId) && command.instanceId === null) {
    join(draft, id, command, memberId);
  } else joinAgain(draft, id, command);
  // A group that came to be is known from now on, empty: as Kafka keeps it.
  if (group === null) draft.records.push(recordOfClassic(before));
  return settle(draft);
}

function checkJoin(
  group: ClassicGroup | null,
  { group: name, memberId, sessionTimeoutMs }: JoinGroupCommand,
  { settings: { sessionTimeoutMsMin, sessionTimeoutMsMax } }: GroupContext,
): Fault | null {
  if (name === "") return unnamedGroup();
  if (sessionTimeoutMs < sessionTimeoutMsMin || sessionTimeoutMs > sessionTimeoutMsMax) {
    return fault(
      "INVALID_SESSION_TIMEOUT",
      `Session timeout must be from ${sessionTimeoutMsMin} to ${sessionTimeoutMsMax} ms, not "${sessionTimeoutMs}"`,
    );
  }
  return group === null && memberId !== "" ? unknownMember(name, memberId) : null;
}

/** While members join, those that wait count: who comes last finds no room, whoever was there before. */
function hasRoom({ state, members }: ClassicGroup, memberId: string, membersMax: number): boolean {
  const member = members.get(memberId);
  if (state === "Empty") return true;
  if (state !== "PreparingRebalance") return member !== undefined || members.size < membersMax;
  if (member !== undefined && member.joinId !== null) return true;
  return members.values().filter(({ joinId }) => joinId !== null).toArray().length < membersMax;
}

function turnAway(
  group: ClassicGroup,
  id: number,
  memberId: string,
  context: GroupContext,
): Outcome<ClassicGroup> {
  const draft = openDraft(group, context);
  const { membersMax } = context.settings;
  if (memberId !== "") {
    removeMember(draft, memberId);
    endIfJoined(draft);
  }
  answer(draft, id, joinRefused(full(group.group, `${membersMax} members`), ""));
  return settle(draft);
}

function full(group: string, bound: string): Fault {
  return fault("GROUP_MAX_SIZE_REACHED", `Group "${group}" is full, wanted are at most ${bound}`);
}

function inconsistent({ group, protocolType }: ClassicGroup, command: JoinGroupCommand): Fault {
  const offered = command.protocols.map(({ name }) => name).join(", ");
  return fault(
    "INCONSISTENT_GROUP_PROTOCOL",
    `Group "${group}" cannot take protocol type "${command.protocolType}" with protocols "${offered}", wanted is ` +
      `${
        protocolType === null ? "a type" : `type "${protocolType}"`
      } and one protocol that every member offers`,
  );
}

function joinNewcomer(draft: Draft, id: number, command: JoinGroupCommand): void {
  const { group, context } = draft;
  const { instanceId, clientId, sessionTimeoutMs } = command;
  const memberId = `${instanceId ?? clientId}-${context.newMemberId()}`;
  const former = instanceId === null ? undefined : group.instances.get(instanceId);
  if (former !== undefined) return takeOver(draft, id, command, former, memberId);
  if (instanceId !== null || !command.needsMemberId) return join(draft, id, command, memberId);
  if (group.pendingJoin.size >= PENDING_MEMBERS_MAX) {
    return answer(
      draft,
      id,
      joinRefused(full(group.group, `${PENDING_MEMBERS_MAX} newcomers at a time`), ""),
    );
  }
  group.pendingJoin.add(memberId);
  startTimer(draft, sessionKey(memberId), sessionTimeoutMs);
  const required = fault("MEMBER_ID_REQUIRED", `Wanted is a join with the member id given: "${memberId}"`);
  answer(draft, id, joinRefused(required, memberId));
}

/** Adds a member. Its session cannot end before it knows its id, but it does not wait for ever either. */
function join(draft: Draft, id: number, command: JoinGroupCommand, memberId: string): void {
  const { group } = draft;
  addMember(draft, newMember(id, command, memberId), command.protocolType);
  if (group.initial !== null) group.initial = { ...group.initial, joined: true };
  startTimer(draft, sessionKey(memberId), NEW_MEMBER_TIMEOUT_MS);
  rebalance(draft);
}

function newMember(id: number, command: JoinGroupCommand, memberId: string): ClassicMember {
  const { instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols } = command;
  return {
    memberId,
    instanceId,
    clientId,
    clientHost,
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    protocols,
    assignment: NO_BYTES,
    isNew: true,
    joinId: id,
    syncId: null,
  };
}

/**
 * A member joins again. Between the end of the join phase and the assignment, and
 * after it, one that offers what it did before is told the generation there is: it
 * may have missed it. A leader may ask for a rebalance once the group is settled.
 */
function joinAgain(draft: Draft, id: number, command: JoinGroupCommand): void {
  const { group } = draft;
  const { memberId, instanceId, protocols } = command;
  const refused = checkMember(group, memberId, instanceId);
  const member = group.members.get(memberId);
  if (refused !== null || member === undefined) {
    return answer(draft, id, joinRefused(refused ?? unknownMember(group.group, memberId), memberId));
  }
  const isLeader = group.leader === memberId;
  const isKnown = sameProtocols(member.protocols, protocols) &&
    (group.state === "CompletingRebalance" || group.state === "Stable" && !isLeader);
  if (isKnown) return answer(draft, id, joined(group, memberId));
  parkJoin(draft, id, command, member);
  rebalance(draft);
}
