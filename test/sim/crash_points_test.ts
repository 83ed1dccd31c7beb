import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { runWhole } from "./crash_points/crash_point.ts";
import { listTasks, runTask } from "./crash_points/enumerate.ts";
import { CRASH_SABOTAGES } from "./crash_points/sabotage.ts";

/** Far enough apart for a test of seconds; `deno task sim --crash-points` takes all. */
const STRIDE = 61;

describe("crash points", () => {
  it("are the same operations in every run of the scenario", () => {
    const { violation, counted } = runWhole();
    assert.equal(violation, null);
    assert.deepEqual(runWhole().counted, counted);
  });

  it("lie in rolls, deletions, cleanings and swaps, many of each", () => {
    const { counted } = runWhole();
    const count = (operation: string, ending: RegExp) =>
      counted.filter((one) => one.operation === operation && ending.test(one.path)).length;
    const rolls = count("create", /\d\.log$/);
    const deletions = count("rename", /(aged|sized)-0.*\.log\.deleted$/);
    const cleanings = count("create", /\.log\.cleaned$/);
    const swaps = count("rename", /\.log\.swap$/);
    for (const number of [rolls, deletions, cleanings, swaps]) {
      assert.ok(number >= 10, JSON.stringify({ rolls, deletions, cleanings, swaps }));
    }
  });

  it("each leave logs that open, serve and go on", () => {
    for (const task of listTasks(STRIDE, 4 * STRIDE).tasks) assert.deepEqual(runTask(task).failed, []);
  });
});

describe("crash points with the broker broken", () => {
  for (const [what, sabotage] of Object.entries(CRASH_SABOTAGES)) {
    it(`show ${what}`, () => {
      const { counted, tasks } = listTasks(1, Infinity, sabotage);
      const atSwaps = tasks.filter(({ at }) => counted[at]!.path.endsWith(".log.swap"));
      assert.ok(atSwaps.some((task) => runTask(task, sabotage).failed.length > 0), "nothing is seen");
    });
  }
});
