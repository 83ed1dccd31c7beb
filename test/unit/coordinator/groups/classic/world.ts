/**
 * One classic group with its timers and a clock of its own: commands go in, time passes, answers are found by
 * the command's id. Every value a machine was given or gave is frozen, so that a machine that changes one throws.
 */
import assert from "node:assert/strict";
import { IMAGE_EMPTY } from "../../../../../src/model/mod.ts";
import type {
  Fault,
  GroupHeartbeatReply,
  GroupJoinedReply,
  GroupLeftReply,
  GroupReply,
  GroupSettings,
  GroupSyncedReply,
  JoinGroupCommand,
  LeaveGroupCommand,
  SyncGroupCommand,
} from "../../../../../src/model/mod.ts";
import {
  type ClassicGroup,
  decideClassic,
  expireClassic,
  resumeClassic,
} from "../../../../../src/coordinator/groups/classic/mod.ts";
import type { GroupContext, Outcome, TimerChange } from "../../../../../src/coordinator/groups/outcome.ts";
import type { ClassicGroupValue } from "../../../../../src/coordinator/groups/record.ts";
import { GROUP_SETTINGS } from "../settings.ts";

type Command = Parameters<typeof decideClassic>[2];

export class ClassicWorld {
  group: ClassicGroup | null = null;
  nowMs = 1_000_000;
  readonly timers = new Map<string, number>();
  readonly answers = new Map<number, GroupReply>();
  readonly records: (ClassicGroupValue | null)[] = [];
  readonly settings: GroupSettings;
  /** Called after every outcome, before its answers are noted. */
  watch: (outcome: Outcome<ClassicGroup>, before: ClassicGroup | null) => void = () => {};
  #ids = 0;
  #uuids = 0;

  constructor(settings: Partial<GroupSettings> = {}) {
    this.settings = { ...GROUP_SETTINGS, ...settings };
  }

  get context(): GroupContext {
    const { nowMs, settings } = this;
    return {
      nowMs,
      settings,
      image: IMAGE_EMPTY,
      newMemberId: () => `uuid${++this.#uuids}`,
      compilePattern: null,
    };
  }

  /** The id the command went in under. */
  send(command: Command): number {
    const id = ++this.#ids;
    this.take(decideClassic(this.group, id, command, this.context));
    return id;
  }

  join(memberId: string, more: Partial<JoinGroupCommand> = {}): number {
    return this.send(joinOf(memberId, more));
  }

  sync(
    memberId: string,
    assignments: Record<string, string> = {},
    more: Partial<SyncGroupCommand> = {},
  ): number {
    return this.send({
      kind: "sync_group",
      group: "orders",
      generation: this.group?.generation ?? -1,
      memberId,
      instanceId: null,
      protocolType: "consumer",
      protocol: this.group?.protocol ?? null,
      assignments: Object.entries(assignments).map(([member, text]) => ({
        memberId: member,
        assignment: new TextEncoder().encode(text),
      })),
      ...more,
    });
  }

  heartbeat(memberId: string, generation = this.group?.generation ?? -1, instanceId: string | null = null) {
    const id = this.send({ kind: "heartbeat_group", group: "orders", generation, memberId, instanceId });
    return (this.answers.get(id) as GroupHeartbeatReply).fault?.code ?? null;
  }

  /** The fault of each member. */
  leave(...members: LeaveGroupCommand["members"]): (string | null)[] {
    const id = this.send({ kind: "leave_group", group: "orders", members });
    const reply = this.answers.get(id) as GroupLeftReply;
    assert.equal(reply.fault, null);
    return reply.members.map(({ fault }) => fault?.code ?? null);
  }

  /** Time passes; each timer goes off at its moment. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.timers].filter(([, dueMs]) => dueMs <= endMs).sort(([, a], [, b]) => a - b);
      if (next === undefined || this.group === null) break;
      this.timers.delete(next[0]);
      this.nowMs = Math.max(this.nowMs, next[1]);
      this.take(expireClassic(this.group, next[0], this.context));
    }
    this.nowMs = endMs;
  }

  take(outcome: Outcome<ClassicGroup>): void {
    this.watch(freeze(outcome), this.group);
    this.group = outcome.group;
    for (const record of outcome.records) {
      assert.ok(record.kind === "classic_group");
      this.records.push(record.value);
    }
    this.setTimers(outcome.timers);
    for (const { id, reply } of outcome.answers) {
      assert.ok(!this.answers.has(id), `command ${id} is answered once`);
      this.answers.set(id, reply);
    }
  }

  setTimers(timers: readonly TimerChange[]): void {
    for (const { key, dueMs } of timers) {
      if (dueMs === null) this.timers.delete(key);
      else this.timers.set(key, dueMs);
    }
  }

  /** The coordinator starts anew with this group: what was parked and what was due is gone. */
  restart(group: ClassicGroup): void {
    this.group = freeze(group);
    this.timers.clear();
    this.setTimers(resumeClassic(group, this.context));
  }

  joined(id: number): GroupJoinedReply {
    const reply = this.answers.get(id);
    assert.ok(reply?.kind === "group_joined", `command ${id} is answered`);
    return reply;
  }

  synced(id: number): GroupSyncedReply {
    const reply = this.answers.get(id);
    assert.ok(reply?.kind === "group_synced", `command ${id} is answered`);
    return reply;
  }

  /** "parked", a fault's code, or `null` for an answer without fault. */
  told(id: number): string | null {
    const reply = this.answers.get(id) as { readonly fault?: Fault | null } | undefined;
    return reply === undefined ? "parked" : reply.fault?.code ?? null;
  }

  /** What the member is to do, by its SyncGroup's id. */
  work(id: number): string {
    return new TextDecoder().decode(this.synced(id).assignment);
  }
}

export function joinOf(memberId: string, more: Partial<JoinGroupCommand> = {}): JoinGroupCommand {
  return {
    kind: "join_group",
    group: "orders",
    memberId,
    instanceId: null,
    clientId: "app",
    clientHost: "/127.0.0.1",
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    protocolType: "consumer",
    protocols: [protocol("range", "orders")],
    needsMemberId: false,
    knowsSkipAssignment: false,
    reason: null,
    ...more,
  };
}

/** A strategy with the subscription of a consumer. */
export function protocol(name: string, ...topics: string[]) {
  const texts = topics.flatMap((topic) => [0, topic.length, ...new TextEncoder().encode(topic)]);
  return { name, metadata: new Uint8Array([0, 1, 0, 0, 0, topics.length, ...texts, 0, 0, 0, 0]) };
}

/** A settled group of so many dynamic members; ids in the order they joined, the leader first. */
export function settled(count: number, settings: Partial<GroupSettings> = {}): [ClassicWorld, string[]] {
  const world = new ClassicWorld(settings);
  const ids = Array.from({ length: count }, () => world.join(""));
  world.pass(settings.initialRebalanceDelayMs ?? 0);
  const members = ids.map((id) => world.joined(id).memberId);
  const syncs = members.slice(1).map((memberId) => world.sync(memberId));
  syncs.push(
    world.sync(members[0]!, Object.fromEntries(members.map((memberId) => [memberId, `of ${memberId}`]))),
  );
  assert.deepEqual(syncs.map((id) => world.told(id)), syncs.map(() => null));
  assert.equal(world.group?.state, "Stable");
  return [world, members];
}

const frozen = new WeakSet<object>();

/** Freezes a value and all within; maps and sets throw when they are changed. Bytes cannot be frozen. */
export function freeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || frozen.has(value)) {
    return value;
  }
  frozen.add(value);
  if (value instanceof Map || value instanceof Set) {
    for (const name of ["set", "add", "delete", "clear"]) {
      Object.defineProperty(value, name, {
        value: () => assert.fail(`${name} on a value that is given away`),
      });
    }
    for (const item of value instanceof Map ? [...value.keys(), ...value.values()] : value) freeze(item);
  }
  for (const item of Object.values(value)) freeze(item);
  return Object.freeze(value);
}
