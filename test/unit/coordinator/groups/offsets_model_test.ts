/** Offsets of groups without members against a plain map: any commits, deletions, waits, full disks and restarts. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { FaultyDisk } from "../../../../src/storage/mod.ts";
import { commitOf, CoordinatorWorld, toCommit } from "./coordinator_world.ts";

const RETENTION_MS = 10_000;
const CHECK_MS = 1_000;
const GROUPS = ["a", "b", "c"];

const group = fc.constantFrom(...GROUPS);
const topic = fc.constantFrom("orders", "bills");
const partition = fc.nat(1);
const offset = fc.nat(1_000);
const place = fc.record({ topic, partition });
const step = fc.oneof(
  fc.record({
    kind: fc.constant("commit" as const),
    group,
    entries: fc.array(fc.record({ topic, partition, offset }), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant("delete_offsets" as const),
    group,
    entries: fc.array(place, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant("delete_group" as const), group }),
  fc.record({ kind: fc.constant("delete_topic" as const), topic }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(6_000) }),
  fc.record({ kind: fc.constant("full" as const), full: fc.boolean() }),
  fc.record({ kind: fc.constant("restart" as const), crash: fc.boolean() }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What should be there: by group, by "topic-partition", the offset and when it was committed. */
class Model {
  readonly groups = new Map<string, Map<string, { offset: number; commitMs: number }>>();

  commit(group: string, name: string, offset: number, commitMs: number): void {
    let offsets = this.groups.get(group);
    if (offsets === undefined) this.groups.set(group, offsets = new Map());
    offsets.set(name, { offset, commitMs });
  }

  /** Removes what `isGone` says; groups stay, empty, until the next look at retention. */
  remove(isGone: (group: string, name: string, commitMs: number) => boolean): void {
    for (const [group, offsets] of this.groups) {
      for (const [name, { commitMs }] of [...offsets]) {
        if (isGone(group, name, commitMs)) offsets.delete(name);
      }
    }
  }

  shown(group: string): string[] {
    const offsets = this.groups.get(group) ?? new Map();
    return Array.from(offsets, ([name, { offset }]) => `${name}@${offset}`).sort();
  }
}

class Run {
  readonly disk = new FaultyDisk();
  readonly made = new CoordinatorWorld({
    offsetsRetentionMs: RETENTION_MS,
    offsetsCheckIntervalMs: CHECK_MS,
    topicPartitions: 2,
  }, this.disk);
  readonly model = new Model();

  constructor() {
    this.made.createTopics("orders", "bills");
    // The logs are there before the disk may be full.
    for (const group of GROUPS) this.commit(group, [{ topic: "orders", partition: 0, offset: 1 }]);
  }

  do(step: Step): void {
    switch (step.kind) {
      case "commit":
        return this.commit(step.group, step.entries);
      case "delete_offsets": {
        const { kind, group, entries } = step;
        const reply = this.made.ask(this.disk.full ? this.#refusal(step) : "offsets_deleted", {
          kind,
          group,
          entries,
        });
        if (reply.kind !== "offsets_deleted" || reply.fault !== null) return;
        const names = entries.map(({ topic, partition }) => `${topic}-${partition}`);
        return this.model.remove((of, name) => of === group && names.includes(name));
      }
      case "delete_group": {
        const reply = this.made.ask("groups_deleted", { kind: "delete_groups", groups: [step.group] });
        if (reply.groups[0]!.fault === null) this.model.groups.delete(step.group);
        return;
      }
      case "delete_topic":
        return this.#recreate(step.topic);
      case "pass":
        return this.#pass(step.ms);
      case "full":
        this.disk.full = step.full;
        return;
      case "restart":
        if (this.disk.full) return;
        if (step.crash) this.disk.crash(() => 0);
        else this.disk.kill();
        return this.made.restart();
    }
  }

  commit(group: string, entries: readonly { topic: string; partition: number; offset: number }[]): void {
    const toKeep = entries.map(({ topic, partition, offset }) => toCommit(topic, partition, offset));
    const reply = this.made.ask("offsets_committed", commitOf(group, toKeep));
    for (const [index, { topic, partition, fault }] of reply.entries.entries()) {
      assert.equal(fault?.code, this.disk.full ? "COORDINATOR_NOT_AVAILABLE" : undefined);
      if (fault !== null) continue;
      this.model.commit(group, `${topic}-${partition}`, entries[index]!.offset, this.made.nowMs);
    }
  }

  check(): void {
    for (const group of GROUPS) assert.deepEqual(this.made.committed(group), this.model.shown(group));
  }

  /** With nothing to delete nothing is written, and a full disk does not matter. */
  #refusal(step: Extract<Step, { kind: "delete_offsets" }>): "failed" | "offsets_deleted" {
    const offsets = this.model.groups.get(step.group);
    const isAny = step.entries.some(({ topic, partition }) => offsets?.has(`${topic}-${partition}`));
    return isAny ? "failed" : "offsets_deleted";
  }

  #recreate(topic: string): void {
    if (this.disk.full) return;
    this.made.ask("topics_changed", { kind: "delete_topics", topics: [topic] });
    this.made.createTopics(topic);
    this.model.remove((_group, name) => name.startsWith(topic));
  }

  /** What is due goes at the next look at it; the disk has room, so that it can. */
  #pass(ms: number): void {
    this.disk.full = false;
    this.made.pass(ms + CHECK_MS);
    const dueMs = this.made.nowMs - RETENTION_MS;
    // Between the last look and now some may be due and not gone: as far as they are gone, they were due.
    for (const group of GROUPS) {
      const left = new Set(this.made.committed(group).map((shown) => shown.split("@")[0]));
      this.model.remove((of, name, commitMs) => of === group && commitMs <= dueMs && !left.has(name));
      const late = [...this.model.groups.get(group) ?? []]
        .filter(([, { commitMs }]) => commitMs <= dueMs - CHECK_MS);
      assert.deepEqual(late, [], "what was due at the last look is gone");
    }
  }
}

describe("committed offsets", () => {
  it("are what was acknowledged, whatever is deleted and expires, however often the coordinator dies", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const run = new Run();
        for (const step of steps) {
          run.do(step);
          run.check();
        }
      }),
      { numRuns: 60 },
    );
  });
});
