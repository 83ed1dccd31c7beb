/** Patience: answers in time, late ones, and none asked for while one is outstanding. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Patience } from "../../../src/host/mod.ts";

/** A clock whose time is up when it is told so. */
function world() {
  const timers = new Set<() => void>();
  const clock = {
    after(_: number, action: () => void) {
      timers.add(action);
      return () => void timers.delete(action);
    },
  };
  return { patience: new Patience(clock, 1_000, "nothing yet"), timers };
}

describe("Patience.answer", () => {
  it("gives what comes in time and leaves no timer behind", async () => {
    const { patience, timers } = world();
    assert.equal(await patience.answer(() => Promise.resolve("one")), "one");
    assert.equal(timers.size, 0);
  });

  it("makes do with the last answer when time is up, and has the late one for who asks next", async () => {
    const { patience, timers } = world();
    const late = Promise.withResolvers<string>();
    let asked = 0;
    const ask = () => (asked++, late.promise);
    const first = patience.answer(ask);
    for (const fire of timers) fire();
    assert.equal(await first, "nothing yet");
    const second = patience.answer(ask);
    late.resolve("late");
    assert.equal(await second, "late");
    assert.equal(asked, 1);
    assert.equal(await patience.answer(() => Promise.resolve("fresh")), "fresh");
  });

  it("lets an error out, and asks again after it", async () => {
    const { patience } = world();
    await assert.rejects(patience.answer(() => Promise.reject(new Error("no"))), /no/);
    assert.equal(await patience.answer(() => Promise.resolve("yes")), "yes");
  });
});
