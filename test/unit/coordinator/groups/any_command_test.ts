/**
 * Any commands on groups at all, in both protocols, over full disks, jumping clocks and restarts: nothing throws, every
 * command is answered in the end, and what comes out of the log is what was there.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { GroupCommand, GroupDescription, Reply } from "../../../../src/model/mod.ts";
import { FaultyDisk } from "../../../../src/storage/mod.ts";
import { anyCommand, GROUPS, resolve } from "./any_command.ts";
import { CoordinatorWorld } from "./coordinator_world.ts";

const steps = fc.array(
  fc.oneof(
    { weight: 16, arbitrary: fc.array(anyCommand, { minLength: 1, maxLength: 4 }) },
    { weight: 4, arbitrary: fc.constantFrom(0, 0, 200, 200, 3_000, 30_000, -20_000) },
    { weight: 1, arbitrary: fc.constantFrom("restart", "crash", "full", "room", "topic") },
  ),
  { minLength: 10, maxLength: 40 },
);

interface Shown {
  readonly groups: readonly GroupDescription[];
  /** Of each group. */
  readonly offsets: readonly (readonly string[])[];
}

class Run {
  readonly disk = new FaultyDisk();
  readonly made = new CoordinatorWorld({ topicPartitions: 2, offsetsRetentionMs: 40_000 }, this.disk);
  /** Asked of the coordinator that is there now, by id. */
  #asked = new Map<number, GroupCommand>();
  /** The generation or epoch told last, by group and member, the newest member last. */
  readonly #latest = new Map<string, Map<string, number>>();

  constructor() {
    this.made.createTopics("orders");
    // The logs of both partitions are there before the disk may be full.
    for (const group of ["a", "b"]) this.made.commit(group, "orders", 1);
  }

  do(step: readonly GroupCommand[] | number | string): void {
    if (typeof step === "number") return this.#pass(step);
    if (typeof step === "string") return this.#happen(step);
    const meaning = {
      memberIds: (group: string) => [...this.#latest.get(group)?.keys() ?? []].reverse(),
      topicId: this.made.coordinator.image.topics.get("orders")!.id,
      latest: (group: string, memberId: string) => this.#latest.get(group)?.get(memberId) ?? 0,
    };
    const commands = step.map((command) => resolve(command, meaning));
    for (const [index, id] of this.made.send(...commands).entries()) this.#asked.set(id, commands[index]!);
    this.#listen();
  }

  /** Room on the disk, and time: every session ends, and with it every wait. */
  end(): void {
    this.disk.full = false;
    this.made.pass(1_000_000);
    for (const [id, command] of this.#asked) {
      assert(this.made.replies.has(id), `answered in the end is ${JSON.stringify(command)}`);
    }
    assert.deepEqual(this.made.listed(["stable", "assigning", "reconciling", "preparingRebalance"]), []);
  }

  #pass(ms: number): void {
    if (ms < 0) this.made.nowMs += ms;
    this.made.pass(Math.max(ms, 0));
    this.#listen();
  }

  #happen(what: string): void {
    const { made, disk } = this;
    if (what === "full" || what === "room") {
      disk.full = what === "full";
    } else if (disk.full) {
      return;
    } else if (what === "topic") {
      made.send({ kind: "delete_topics", topics: ["bills"] });
      made.createTopics("bills");
    } else {
      const before = this.#shown();
      if (what === "crash") disk.crash(() => 0);
      else disk.kill();
      made.restart();
      this.#asked = new Map();
      this.#compare(before, this.#shown());
    }
  }

  /** Learns from the answers what clients learn. */
  #listen(): void {
    for (const [id, command] of this.#asked) {
      const reply = this.made.replies.get(id);
      if (reply === undefined) continue;
      const { memberId, latest } = learn(reply);
      if (memberId === "" || !("group" in command)) continue;
      const members = this.#latest.get(command.group) ?? new Map();
      this.#latest.set(command.group, members.set(memberId, latest));
    }
  }

  #shown(): Shown {
    const { groups } = this.made.ask("groups_described", { kind: "describe_groups", groups: GROUPS });
    return { groups, offsets: GROUPS.map((group) => this.made.committed(group)) };
  }

  #compare(before: Shown, after: Shown): void {
    assert.deepEqual(after.offsets, before.offsets);
    for (const [index, group] of before.groups.entries()) {
      if (isKept(group)) assert.deepEqual(after.groups[index], group);
    }
  }
}

/** A classic group in the middle of a rebalance is not in the log yet. */
function isKept(group: GroupDescription): boolean {
  return group.fault === null && (group.type === "Consumer" || group.state === "Stable");
}

function learn(reply: Reply): { memberId: string; latest: number } {
  if (reply.kind === "group_joined") return { memberId: reply.memberId, latest: reply.generation };
  if (reply.kind !== "consumer_heartbeat") return { memberId: "", latest: 0 };
  return { memberId: reply.memberId, latest: reply.memberEpoch };
}

describe("groups", () => {
  it("take any commands, answer each in the end, and come out of the log as they were", () => {
    fc.assert(
      fc.property(steps, (steps) => {
        const run = new Run();
        for (const step of steps) run.do(step);
        run.end();
      }),
      { numRuns: 100 },
    );
  });
});
