/** One answer for everybody who asks within a second, bounded, and packed for whoever asks for that. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { describe, it } from "@std/testing/bdd";
import { bound, Scrapes } from "../../../src/console/metrics/scrape.ts";
import type { ConsoleView, MetricFamily } from "../../../src/console/mod.ts";

const gauge = (name: string, values: readonly number[]): MetricFamily => (
  { name, help: "", type: "gauge", samples: values.map((value) => ({ labels: {}, value })) }
);
const table = (name: string, values: readonly number[]): MetricFamily => {
  const texts = values.map((_, row) => `{row="${row}"} `);
  return { ...gauge(name, []), table: { texts, values, labelsOf: (row) => ({ row: String(row) }) } };
};

describe("bound", () => {
  it("cuts what is too much and says how much that was", () => {
    const bounded = bound([gauge("x", [0, 1, 2]), table("y", [0, 1, 2]), gauge("z", [0])], 4);
    assert.deepEqual(bounded.map(({ samples, table }) => samples.length + (table?.values.length ?? 0)), [
      3,
      1,
      0,
      1,
    ]);
    assert.equal(bounded[3]!.samples[0]!.value, 3);
  });

  it("adds to what others have left out", () => {
    const bounded = bound([gauge("weir_metrics_left_out_series", [5]), gauge("x", [0, 1])], 1);
    assert.deepEqual(bounded.map(({ name }) => name), ["x", "weir_metrics_left_out_series"]);
    assert.equal(bounded[1]!.samples[0]!.value, 6);
  });
});

/** A view that counts how often it is asked, and a clock moved by hand. */
function world(families: readonly MetricFamily[] = []) {
  const state = { nowMs: 5_000, collected: 0, collect: () => Promise.resolve(families) };
  const due: { atMs: number; action: () => void }[] = [];
  const view: Pick<ConsoleView, "metrics" | "nowMs"> = {
    metrics: () => (state.collected++, state.collect()),
    nowMs: () => state.nowMs,
  };
  const scrapes = new Scrapes(view, {
    now: () => state.nowMs,
    sleep: () => Promise.resolve(),
    after: (delayMs, action) => (due.push({ atMs: state.nowMs + delayMs, action }), () => {}),
  });
  return { state, due, scrapes };
}

describe("Scrapes", () => {
  it("asks the broker once for all who come within a second, in whichever form", async () => {
    const { state, scrapes } = world();
    const texts = await Promise.all([scrapes.text("prometheus"), scrapes.text("prometheus")]);
    state.nowMs += 999;
    await scrapes.text("openmetrics");
    await scrapes.families();
    assert.equal(texts[0], texts[1]);
    assert.equal(state.collected, 1);
    state.nowMs += 1;
    await scrapes.text("prometheus");
    assert.equal(state.collected, 2);
  });

  it("does not begin another while one is being made, however long that takes", async () => {
    const { state, scrapes } = world();
    const first = scrapes.text("prometheus");
    state.nowMs += 60_000;
    const second = scrapes.text("prometheus");
    await Promise.all([first, second]);
    assert.equal(state.collected, 1);
  });

  it("takes nothing for young because the clock was set back", async () => {
    const { state, scrapes } = world();
    await scrapes.text("prometheus");
    state.nowMs -= 4_000;
    await scrapes.text("prometheus");
    assert.equal(state.collected, 2);
  });

  it("asks again after a failure", async () => {
    const { state, scrapes } = world();
    state.collect = () => Promise.reject(new Error("The broker is gone"));
    await assert.rejects(scrapes.text("prometheus"));
    state.collect = () => Promise.resolve([]);
    state.nowMs += 1_000;
    await scrapes.text("prometheus");
  });

  it("keeps nothing of an answer that is too old to be shared", async () => {
    const { due, scrapes, state } = world();
    const text = await scrapes.text("prometheus");
    assert.deepEqual(due.map(({ atMs }) => atMs), [6_000]);
    due[0]!.action();
    state.nowMs -= 0;
    assert.notEqual(await scrapes.text("prometheus"), text);
  });

  it("packs a text once, and gives back what it packed", async () => {
    const { scrapes } = world([table("x", Array.from({ length: 3_000 }, (_, row) => row))]);
    const [plain, packed, again] = await Promise.all([
      scrapes.text("prometheus"),
      scrapes.text("prometheus", "gzip"),
      scrapes.text("prometheus", "gzip"),
    ]);
    assert.equal(packed, again);
    assert.deepEqual(new Uint8Array(gunzipSync(packed)), plain.slice());
    assert.ok(packed.length * 2 < plain.length);
  });

  it("writes a text that is many times as long as the last one", async () => {
    const { scrapes, state } = world([gauge("x", [1])]);
    await scrapes.text("prometheus");
    const long = table("é", Array.from({ length: 20_000 }, (_, row) => row));
    state.collect = () => Promise.resolve([long]);
    state.nowMs += 1_000;
    const lines = new TextDecoder().decode(await scrapes.text("prometheus")).split("\n");
    assert.equal(lines[2], 'é{row="0"} 0');
    assert.equal(lines[20_001], 'é{row="19999"} 19999');
  });
});
