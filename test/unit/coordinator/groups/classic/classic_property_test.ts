/**
 * Any sequence of joins, syncs, heartbeats, leaves, of time passing and of restarts: clients that repeat
 * themselves, that speak with ids and generations long gone, that never come back.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  classicOf,
  emptyClassic,
  recordOfClassic,
} from "../../../../../src/coordinator/groups/classic/mod.ts";
import type { ClassicGroup } from "../../../../../src/coordinator/groups/classic/mod.ts";
import { ClassicWorld, protocol } from "./world.ts";

/** Four clients without instance ids, then two with one each. */
const CLIENTS = [null, null, null, null, "i1", "i2"];

const OFFERS = [
  [protocol("range", "orders"), protocol("sticky", "orders")],
  [protocol("sticky", "orders"), protocol("range", "orders")],
  [protocol("range", "orders", "payments")],
  [protocol("sticky", "payments")],
];

const step = fc.record({
  act: fc.oneof(
    { weight: 12, arbitrary: fc.constant("proceed" as const) },
    { weight: 4, arbitrary: fc.constant("pass" as const) },
    { weight: 5, arbitrary: fc.constantFrom("join", "sync", "heartbeat", "leave", "return") },
    { weight: 1, arbitrary: fc.constantFrom("restart", "silence") },
  ),
  client: fc.nat(CLIENTS.length - 1),
  /** What the client was told last, or before that, or nothing. */
  memory: fc.constantFrom(0, 0, 0, 0, 1, 9),
  offer: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2, 3),
  ms: fc.constantFrom(0, 1, 2_000, 5_999, 9_000).map((ms): number => ms),
  flag: fc.boolean(),
});

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What one generation was said to be, since the last restart. */
interface View {
  readonly protocol: string | null;
  readonly leader: string;
  members: readonly string[] | null;
}

class Run {
  readonly world: ClassicWorld;
  readonly #asked: {
    readonly id: number;
    readonly client: number;
    readonly of: string;
    readonly generation: number;
  }[] = [];
  /** Parked when the coordinator stopped. */
  readonly #lost = new Set<number>();
  readonly #memories: { readonly memberId: string; readonly generation: number }[][] = CLIENTS.map(() => []);
  readonly #owners = new Map<string, string>();
  #views = new Map<number, View>();
  #works = new Map<string, string>();
  /** What a client in its right mind does next. */
  readonly #next: ("join" | "sync" | "heartbeat")[] = CLIENTS.map(() => "join");
  readonly #seen = new Set<number>();
  #syncs = 0;

  constructor(delayMs: number, membersMax: number, readonly rebalanceTimeoutMs: number) {
    this.world = new ClassicWorld({ initialRebalanceDelayMs: delayMs, membersMax });
    this.world.watch = ({ group }, before) => {
      if (group === null || before === null) return;
      assert.ok(group.generation === before.generation || group.generation === before.generation + 1);
    };
  }

  take(step: Step): void {
    const { world } = this;
    if (step.act === "pass") world.pass(step.ms);
    else if (step.act === "silence") world.pass(50 * step.ms);
    else if (step.act === "restart") this.#restart();
    else if (step.act === "proceed") this.#proceed(step);
    else if (step.act === "return") this.#ask({ ...step, act: "join", memory: 9 });
    else this.#ask(step);
    this.#read();
    check(world);
    const parked = [...world.group?.members.values() ?? []].flatMap(({ joinId, syncId }) => [joinId, syncId]);
    const open = this.#asked.map(({ id }) => id).filter((id) => this.#isOpen(id));
    assert.deepEqual(parked.filter((id) => id !== null).sort(), open.sort(), "what is open is parked");
  }

  #isOpen(id: number): boolean {
    return !this.world.answers.has(id) && !this.#lost.has(id);
  }

  /** Clients that wait for an answer keep waiting. */
  #proceed(step: Step): void {
    const waits = this.#asked.some(({ id, client }) => client === step.client && this.#isOpen(id));
    if (!waits) this.#ask({ ...step, act: this.#next[step.client]!, memory: 0 });
  }

  #ask({ act, client, memory, offer, flag }: Step): void {
    const { world } = this;
    const instanceId = CLIENTS[client]!;
    const { memberId, generation } = this.#memories[client]!.at(-1 - memory) ??
      { memberId: "", generation: -1 };
    const ask = (id: number) => this.#asked.push({ id, client, of: instanceId ?? memberId, generation });
    if (act === "join") {
      const { rebalanceTimeoutMs } = this;
      const more = {
        instanceId,
        needsMemberId: flag,
        knowsSkipAssignment: flag,
        protocols: OFFERS[offer]!,
        rebalanceTimeoutMs,
      };
      ask(world.join(memberId, more));
    } else if (act === "sync") {
      const works = [...world.group?.members.keys() ?? []].map((member) => [member, `work ${++this.#syncs}`]);
      ask(world.sync(memberId, Object.fromEntries(works), { instanceId, generation, protocol: null }));
    } else if (act === "heartbeat") {
      this.#follow(client, world.heartbeat(memberId, generation, instanceId), "heartbeat");
    } else world.leave({ memberId: instanceId !== null && flag ? "" : memberId, instanceId });
  }

  #restart(): void {
    const { world } = this;
    for (const { id } of this.#asked) if (!world.answers.has(id)) this.#lost.add(id);
    const value = world.records.at(-1);
    const group = value ? classicOf("orders", value) : emptyClassic("orders", world.nowMs);
    world.restart(group);
    this.#views = new Map();
    this.#works = new Map();
  }

  /** Clients learn from their answers; what two of them are told of one generation must agree. */
  #read(): void {
    for (const { id, client, of, generation } of this.#asked) {
      const reply = this.world.answers.get(id);
      if (reply === undefined || this.#seen.has(id)) continue;
      this.#seen.add(id);
      if (reply.kind === "group_joined") {
        if (reply.memberId !== "") this.#learn(client, reply.memberId, reply.generation);
        this.#follow(client, reply.fault?.code ?? null, "sync");
        if (reply.fault === null) this.#compare(reply);
      } else if (reply.kind === "group_synced") {
        this.#follow(client, reply.fault?.code ?? null, "heartbeat");
        if (reply.fault === null) this.#agree(`${generation} ${of}`, this.world.work(id));
      }
    }
  }

  #agree(key: string, work: string): void {
    assert.equal(this.#works.get(key) ?? work, work, "a member has one assignment in a generation");
    this.#works.set(key, work);
  }

  #follow(client: number, code: string | null, next: "sync" | "heartbeat"): void {
    this.#next[client] = code === null ? next : "join";
    const stays = code === null || code === "REBALANCE_IN_PROGRESS" || code === "MEMBER_ID_REQUIRED";
    if (!stays) this.#memories[client]!.push({ memberId: "", generation: -1 });
  }

  #learn(client: number, memberId: string, generation: number): void {
    this.#owners.set(memberId, CLIENTS[client] ?? memberId);
    const last = this.#memories[client]!.at(-1);
    if (last?.memberId !== memberId || generation >= 0) {
      this.#memories[client]!.push({ memberId, generation });
    }
  }

  /** Member ids of one instance are one member. */
  #compare(reply: ReturnType<ClassicWorld["joined"]>): void {
    const { generation } = reply;
    const of = (memberId: string) => this.#owners.get(memberId) ?? memberId.replace(/^(i\d)-.*/, "$1");
    const members = reply.members.length === 0
      ? null
      : reply.members.map(({ memberId }) => of(memberId)).sort();
    const view = { protocol: reply.protocol, leader: of(reply.leader), members };
    const known = this.#views.get(generation) ?? view;
    assert.deepEqual(
      [view.protocol, view.leader],
      [known.protocol, known.leader],
      `generation ${generation}`,
    );
    if (members !== null && known.members !== null) assert.deepEqual(members, known.members);
    known.members ??= members;
    this.#views.set(generation, known);
  }
}

/** What holds of a group whatever has happened to it. */
function check({ group, timers, records }: ClassicWorld): void {
  if (group === null) return assert.equal(timers.size, 0);
  const members = [...group.members.values()];
  const instances = members.filter(({ instanceId }) => instanceId !== null);
  assert.deepEqual(
    group.instances,
    new Map(instances.map(({ instanceId, memberId }) => [instanceId!, memberId])),
  );
  assert.ok(group.state === "PreparingRebalance" || members.every(({ joinId }) => joinId === null));
  assert.ok(group.state === "CompletingRebalance" || members.every(({ syncId }) => syncId === null));
  assert.ok([...group.pendingSync].every((memberId) => group.members.has(memberId)));
  assert.equal(timers.has("join"), group.state === "PreparingRebalance");
  assert.equal(timers.has("sync"), group.pendingSync.size > 0);
  checkSessions(
    group,
    [...timers.keys()].filter((key) => key.startsWith("session:")).map((key) => key.slice(8)),
  );
  if (group.state === "Stable" || group.state === "Empty") checkKept(group, records.at(-1) ?? null);
}

/** Everybody who can be late has a timer, and nobody else but those who wait. */
function checkSessions(group: ClassicGroup, timed: readonly string[]): void {
  for (const { memberId, isNew, joinId, syncId } of group.members.values()) {
    assert.ok(timed.includes(memberId) || !isNew && (joinId !== null || syncId !== null), memberId);
  }
  for (const memberId of group.pendingJoin) assert.ok(timed.includes(memberId));
  for (const memberId of timed) assert.ok(group.members.has(memberId) || group.pendingJoin.has(memberId));
}

/** A restart finds the settled group as it is. */
function checkKept(group: ClassicGroup, value: ClassicWorld["records"][number]): void {
  if (value === null) return assert.equal(group.generation, 0);
  const record = { kind: "classic_group", group: "orders", value };
  assert.deepEqual(recordOfClassic(group), record);
  assert.deepEqual(recordOfClassic(classicOf("orders", value)), record);
}

describe("classic group", () => {
  it("keeps its word whatever clients do, and is empty when all have gone silent", () => {
    const settings = [
      fc.constantFrom(0, 3_000),
      fc.constantFrom(2, 2_147_483_647),
      fc.constantFrom(5_000, 60_000),
    ] as const;
    const steps = fc.array(step, { maxLength: 120, size: "max" });
    fc.assert(
      fc.property(...settings, steps, (delayMs, membersMax, rebalanceTimeoutMs, taken) => {
        const run = new Run(delayMs, membersMax, rebalanceTimeoutMs);
        for (const item of taken) run.take(item);
        run.take({ act: "pass", client: 0, memory: 0, offer: 0, ms: 3_600_000, flag: false });
        const { group, timers } = run.world;
        assert.ok(group === null || group.state === "Empty");
        assert.deepEqual([timers.size, group?.pendingJoin.size ?? 0], [0, 0]);
      }),
      { numRuns: 300 },
    );
  });
});
