/**
 * One decision on a group in the making: the draft, and what goes out besides.
 * Whatever is written as a record changes the draft at once, by the same rules as
 * on replay. Every transition of the consumer protocol is handed a step.
 */
import type { ConsumerHeartbeatReply, Fault, GroupReply } from "../../../model/mod.ts";
import type { GroupAnswer, GroupContext, Outcome, TimerChange } from "../outcome.ts";
import type { ConsumerGroupRecord, GroupRecord } from "../record.ts";
import { applyRecord, currentValue, memberValue } from "./apply.ts";
import { GroupDraft } from "./draft.ts";
import type { ConsumerGroup, ConsumerMember } from "./group.ts";

/** Timers of a member; their key is followed by the member's id. */
export type TimerName = "session" | "rebalance" | "wait" | "join" | "sync";

const TIMERS: readonly TimerName[] = ["session", "rebalance", "wait", "join", "sync"];

/** A decision in the making. */
export class Step {
  readonly context: GroupContext;
  readonly draft: GroupDraft;
  /** The group epoch the step began with. */
  readonly epochBefore: number;
  readonly records: GroupRecord[] = [];
  readonly answers: GroupAnswer[] = [];
  readonly #timers = new Map<string, number | null>();

  constructor(group: ConsumerGroup, context: GroupContext) {
    this.context = context;
    this.draft = new GroupDraft(group);
    this.epochBefore = group.epoch;
  }

  /** Keeps a record and applies it. */
  write(record: ConsumerGroupRecord): void {
    this.records.push(record);
    applyRecord(this.draft, record);
  }

  /** Keeps what a member says of itself. */
  writeMember(member: ConsumerMember): void {
    const { memberId } = member;
    this.write({ kind: "consumer_member", group: this.draft.group, memberId, value: memberValue(member) });
  }

  /** Keeps where a member stands. */
  writeCurrent(member: ConsumerMember): void {
    const { memberId } = member;
    this.write({ kind: "consumer_current", group: this.draft.group, memberId, value: currentValue(member) });
  }

  answer(id: number, reply: GroupReply): void {
    this.answers.push({ id, reply });
  }

  /** Sets a timer of a member so many milliseconds from now. */
  setTimer(name: TimerName, memberId: string, afterMs: number): void {
    this.#timers.set(`${name}:${memberId}`, this.context.nowMs + afterMs);
  }

  /** A member was heard of: its session begins anew. */
  startSession({ memberId, classic }: ConsumerMember): void {
    const { consumerSessionTimeoutMs } = this.context.settings;
    this.setTimer("session", memberId, classic?.sessionTimeoutMs ?? consumerSessionTimeoutMs);
  }

  /** A classic member is to join again, or has; true when that is new. Its timer for it stops when it has. */
  expectJoin(memberId: string, isToJoin: boolean): boolean {
    const contact = this.draft.contacts.get(memberId) ?? { epochSeen: 0, parkedId: null, isToJoin: false };
    if (contact.isToJoin === isToJoin) return false;
    this.draft.contacts.set(memberId, { ...contact, isToJoin });
    if (!isToJoin) this.stopTimer("join", memberId);
    return true;
  }

  stopTimer(name: TimerName, memberId: string): void {
    this.#timers.set(`${name}:${memberId}`, null);
  }

  /** Calls off every timer of a member that is gone. */
  stopTimers(memberId: string): void {
    for (const name of TIMERS) this.stopTimer(name, memberId);
  }

  /** Timers set and called off, the last word on each. */
  timers(): TimerChange[] {
    return [...this.#timers].map(([key, dueMs]) => ({ key, dueMs }));
  }

  outcome(): Outcome<ConsumerGroup> {
    const { draft, records, answers } = this;
    return { group: draft.isGone ? null : draft.finish(), records, answers, timers: this.timers() };
  }
}

/** Which member a timer is of, and which one it is. */
export function readTimerKey(key: string): { readonly name: TimerName; readonly memberId: string } | null {
  const name = TIMERS.find((name) => key.startsWith(`${name}:`));
  return name === undefined ? null : { name, memberId: key.slice(name.length + 1) };
}

/** The answer to a heartbeat that failed. */
export function heartbeatRefused(memberId: string, fault: Fault): ConsumerHeartbeatReply {
  return {
    kind: "consumer_heartbeat",
    fault,
    memberId,
    memberEpoch: 0,
    heartbeatIntervalMs: 0,
    assignment: null,
  };
}
