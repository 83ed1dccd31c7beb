import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { GroupTimers, NEVER_MS } from "../../../../src/coordinator/groups/timers.ts";

/** Everything that is due, in the order it is taken. */
function takeAll(timers: GroupTimers, nowMs: number): string[] {
  const taken: string[] = [];
  const { order } = timers;
  for (let due = timers.take(nowMs, order); due !== null; due = timers.take(nowMs, order)) {
    taken.push(`${due.group} ${due.key}`);
  }
  return taken;
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant("set" as const),
    group: fc.constantFrom("a", "b", "c"),
    key: fc.constantFrom("x", "y"),
    inMs: fc.nat(30),
  }),
  fc.record({
    kind: fc.constant("cancel" as const),
    group: fc.constantFrom("a", "b", "c"),
    key: fc.constantFrom("x", "y"),
  }),
  fc.record({ kind: fc.constant("cancelAll" as const), group: fc.constantFrom("a", "b", "c") }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(20) }),
);

describe("GroupTimers", () => {
  it("gives what is due by moment, then by when it was set, each once", () => {
    const timers = new GroupTimers();
    timers.set("a", "x", 20);
    timers.set("b", "x", 10);
    timers.set("a", "y", 10);
    assert.equal(timers.earliestMs, 10);
    assert.deepEqual(takeAll(timers, 9), []);
    assert.deepEqual(takeAll(timers, 20), ["b x", "a y", "a x"]);
    assert.deepEqual([timers.earliestMs, timers.count, timers.has("a")], [NEVER_MS, 0, false]);
  });

  it("moves a timer both ways", () => {
    const timers = new GroupTimers();
    timers.set("a", "x", 20);
    timers.set("a", "x", 50);
    assert.equal(timers.earliestMs, 50);
    assert.deepEqual(takeAll(timers, 49), []);
    timers.set("a", "x", 5);
    assert.deepEqual(takeAll(timers, 5), ["a x"]);
    assert.equal(timers.count, 0);
  });

  it("leaves what was set during a turn to the next, even if it is due", () => {
    const timers = new GroupTimers();
    timers.set("a", "x", 1);
    const { order } = timers;
    assert.deepEqual(timers.take(5, order), { group: "a", key: "x" });
    timers.set("a", "x", 1);
    assert.equal(timers.take(5, order), null);
    assert.deepEqual(takeAll(timers, 5), ["a x"]);
  });

  it("moves all timers when the clock is set back, and keeps their order", () => {
    const timers = new GroupTimers();
    timers.set("a", "x", 100);
    timers.set("b", "x", 100);
    timers.set("c", "x", 90);
    timers.set("a", "x", 110);
    timers.set("d", "x", 5);
    timers.shift(-50);
    assert.deepEqual([timers.earliestMs, timers.count], [0, 4]);
    assert.deepEqual(takeAll(timers, 39), ["d x"]);
    assert.deepEqual(takeAll(timers, 50), ["c x", "b x"]);
    assert.deepEqual(takeAll(timers, 60), ["a x"]);
  });

  it("does as a plain map does, whatever is set, moved and called off", () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const timers = new GroupTimers();
      const model = new Map<string, { dueMs: number; order: number }>();
      let [nowMs, order] = [0, 0];
      for (const step of steps) {
        if (step.kind === "set") {
          const dueMs = nowMs + step.inMs;
          timers.set(step.group, step.key, dueMs);
          model.set(`${step.group} ${step.key}`, { dueMs, order: order++ });
        } else if (step.kind === "cancel") {
          timers.cancel(step.group, step.key);
          model.delete(`${step.group} ${step.key}`);
        } else if (step.kind === "cancelAll") {
          timers.cancelAll(step.group);
          for (const name of [...model.keys()]) if (name.startsWith(`${step.group} `)) model.delete(name);
        } else {
          nowMs += step.ms;
          const due = [...model].filter(([, { dueMs }]) => dueMs <= nowMs);
          assert.deepEqual(takeAll(timers, nowMs).sort(), due.map(([name]) => name).sort());
          for (const [name] of due) model.delete(name);
        }
        const earliest = Math.min(NEVER_MS, ...[...model.values()].map(({ dueMs }) => dueMs));
        assert.deepEqual([timers.earliestMs, timers.count], [earliest, model.size]);
      }
    }));
  });

  it("forgets what was moved to earlier and called off, however often that is", () => {
    const timers = new GroupTimers();
    for (let round = 0; round < 20_000; round++) {
      timers.set("a", "x", 1_000_000 - round);
      timers.cancel("b", "y");
      timers.set("b", "y", 2_000_000);
    }
    assert.equal(timers.count, 2);
    assert.deepEqual(takeAll(timers, 2_000_000), ["a x", "b y"]);
  });
});
