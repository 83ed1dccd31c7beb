/**
 * A group of the consumer protocol becomes a classic one when its last member of
 * that protocol has gone and classic ones are left. They keep what they have, in a
 * generation that is the epoch they are at when nothing moves, and are told to join.
 * Where a classic member took the last one's place, and nothing moves, nobody needs to.
 */
import { assert, type GroupProtocol } from "../../../model/mod.ts";
import { type ClassicGroup, classicOf, rejoinClassic, resumeClassic, stopClassic } from "../classic/mod.ts";
import type { Outcome } from "../outcome.ts";
import type { ClassicGroupValue } from "../record.ts";
import { assignmentBytes } from "./classic_members/embedded.ts";
import { type ConsumerMember, isReconciled } from "./group.ts";
import type { Step } from "./step.ts";

/**
 * The classic group in place of the one in the making; `null` when it stays what
 * it is. `joinedId` is the classic member whose joining brought this about, if one did.
 */
export function becomeClassic(step: Step, joinedId: string | null): Outcome<ClassicGroup> | null {
  const { draft, context } = step;
  const members = [...draft.members.values()];
  const { migration, membersMax } = context.settings;
  const isWanted = migration === "downgrade" || migration === "bidirectional";
  if (!isWanted || members.length === 0 || members.length > membersMax) return null;
  const protocol = chooseProtocol(members);
  if (protocol === null) return null;
  const generation = joinedId === null ? step.epochBefore : draft.epoch;
  const value = valueOf(step, members, protocol, generation);
  const group = withProtocols(classicOf(draft.group, value), members);
  const mayStay = joinedId !== null && members.every((member) => isReconciled(member, draft.epoch));
  strikeOut(step);
  step.records.push({ kind: "classic_group", group: draft.group, value });
  const begun = mayStay ? stay(step, group) : rejoinClassic(group, context);
  const { records, answers } = step;
  return {
    group: begun.group,
    records: [...records, ...begun.records],
    answers: [...answers, ...begun.answers],
    timers: [...step.timers(), ...stopClassic(group), ...begun.timers],
  };
}

/** Everybody goes on as they are; their sessions begin anew. */
function stay({ context }: Step, group: ClassicGroup): Outcome<ClassicGroup> {
  return { group, records: [], answers: [], timers: resumeClassic(group, context) };
}

/** The strategy all members have that most prefer; `null` when one is not classic, or they have none in common. */
function chooseProtocol(members: readonly ConsumerMember[]): string | null {
  const votes = new Map<string, number>();
  const offers = members.map(({ classic }) => classic?.protocols.map(({ name }) => name) ?? []);
  for (const offered of offers) {
    const preferred = offered.find((name) => offers.every((others) => others.includes(name)));
    if (preferred === undefined) return null;
    votes.set(preferred, (votes.get(preferred) ?? 0) + 1);
  }
  return [...votes].reduce((most, vote) => vote[1] > most[1] ? vote : most)[0];
}

function valueOf(
  { context }: Step,
  members: readonly ConsumerMember[],
  protocol: string,
  generation: number,
): ClassicGroupValue {
  return {
    protocolType: "consumer",
    generation,
    protocol,
    leader: members[0]!.memberId,
    sinceMs: context.nowMs,
    members: members.map(
      ({ memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs, classic, assigned }) => {
        assert(classic !== null, "a classic group is made of classic members");
        const subscription = classic.protocols.find(({ name }) => name === protocol)!.metadata;
        return {
          memberId,
          instanceId,
          clientId,
          clientHost,
          rebalanceTimeoutMs,
          sessionTimeoutMs: classic.sessionTimeoutMs,
          subscription,
          assignment: assignmentBytes(assigned, subscription, context.image),
        };
      },
    ),
  };
}

/** Members offer what they offered, not only what was chosen. */
function withProtocols(group: ClassicGroup, members: readonly ConsumerMember[]): ClassicGroup {
  const offered = new Map<string, readonly GroupProtocol[]>(
    members.map(({ memberId, classic }) => [memberId, classic?.protocols ?? []]),
  );
  const all = [...group.members.values()];
  return {
    ...group,
    members: new Map(all.map((member) => [
      member.memberId,
      { ...member, protocols: offered.get(member.memberId) ?? member.protocols },
    ])),
  };
}

/** Tombstones for all there is of the group in this protocol, the group's own last. */
export function strikeOut(step: Step): void {
  const { draft } = step;
  const { group } = draft;
  const ids = [...draft.members.values()].map(({ memberId }) => memberId);
  for (const memberId of ids) {
    step.write({ kind: "consumer_current", group, memberId, value: null });
    step.write({ kind: "consumer_target_member", group, memberId, value: null });
  }
  step.write({ kind: "consumer_target", group, value: null });
  for (const memberId of ids) {
    step.write({ kind: "consumer_member", group, memberId, value: null });
    step.stopTimers(memberId);
  }
  for (const pattern of [...draft.patterns.view.keys()]) {
    step.write({ kind: "consumer_pattern", group, pattern, value: null });
  }
  step.write({ kind: "consumer_group", group, value: null });
}
