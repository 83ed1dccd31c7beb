/** One suite of cases through three drivers: in process, native, Kafka. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { CASES } from "./cases.ts";
import { GROUPS } from "./group_cases.ts";
import { type DriverName, type Line, openWays, type Ways } from "./drivers.ts";
import { type Case, type Step, T } from "./steps.ts";

const DRIVERS: readonly DriverName[] = ["in process", "native", "kafka"];
const PAUSE_MS = 50;
let topics = 0;

for (const driver of DRIVERS) {
  describe(`broker, ${driver}`, () => {
    let ways: Ways;
    beforeAll(async () => {
      ways = await openWays();
    });
    afterAll(async () => await ways[Symbol.asyncDispose]());
    for (const one of [...CASES, ...GROUPS]) register(one, driver, () => ways);
  });
}

function register(one: Case, driver: DriverName, shared: () => Ways): void {
  const reason = one.skips?.[driver];
  if (reason !== undefined) return it.ignore(`${one.name}: skipped, ${reason}`, () => {});
  it(one.name, async () => {
    if (one.settings === undefined) return await run(one, shared(), driver);
    await using own = await openWays(one.settings);
    await run(one, own, driver);
  });
}

async function run(one: Case, ways: Ways, driver: DriverName): Promise<void> {
  const topic = `conformance-${++topics}`;
  for (const [index, step] of one.steps.entries()) {
    const { ask, want, meanwhile } = renamed(step, topic);
    const waiting = ways.ask[driver](ask);
    // A connection answers in order, so what happens meanwhile comes another way.
    if (meanwhile !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      await ways.ask["in process"](meanwhile);
    }
    const lines = await waiting;
    assert.equal(lines.length, want.length, `step ${index}`);
    want.forEach((wanted, at) => assertLine(lines[at]!, wanted, `step ${index}, ${step.ask.kind}`));
  }
}

/** `T` as the name of this run's topic, wherever it stands. */
function renamed(step: Step, topic: string): Step {
  const rename = (value: unknown): unknown => {
    if (value === T) return topic;
    if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(rename);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rename(inner)]));
  };
  return rename(step) as Step;
}

function assertLine(found: Line, wanted: Partial<Line>, what: string): void {
  for (const [field, value] of Object.entries(wanted)) {
    const there = found[field];
    if (!(value instanceof Uint8Array)) assert.deepEqual(there, value, `${what}: ${field}`);
    else assert.equal((there as Uint8Array).toHex(), value.toHex(), `${what}: ${field}`);
  }
}
