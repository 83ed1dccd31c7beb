/** Consumer groups under kafka_exporter's names, and one answer for everybody who asks within a second. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { groupFamilies } from "../../../src/console/metrics/groups.ts";
import { bound, Scrapes } from "../../../src/console/metrics/scrape.ts";
import type { ConsoleView, MetricFamily } from "../../../src/console/mod.ts";
import { type GroupDescription, type Image, IMAGE_EMPTY } from "../../../src/model/mod.ts";

const PARTITION = { leader: 1, leaderEpoch: 0, replicas: [1], inSyncReplicas: [1] };

/** An image of topics with so many partitions. */
function imageOf(topics: Readonly<Record<string, number>>): Image {
  const entries = Object.entries(topics).map(([name, count]) => {
    const partitions = Array.from({ length: count }, (_, partition) => ({ ...PARTITION, partition }));
    return [name, { name, id: name, internal: false, partitions, settings: {} }] as const;
  });
  return { ...IMAGE_EMPTY, topics: new Map(entries) };
}

function groupOf(group: string, members: number): GroupDescription {
  const member = { memberId: "m", instanceId: null, clientId: "c", clientHost: "/h" };
  const bytes = new Uint8Array(0);
  return {
    type: "Classic",
    group,
    fault: null,
    state: members === 0 ? "Empty" : "Stable",
    protocolType: "consumer",
    protocol: "range",
    generation: 1,
    members: Array.from({ length: members }, () => ({ ...member, metadata: bytes, assignment: bytes })),
  };
}

const committed = (topic: string, partition: number, offset: number) => (
  { topic, partition, offset, leaderEpoch: -1, metadata: "", fault: null }
);

/** "labels: value" of every sample of a name. */
function series(families: readonly MetricFamily[], name: string): string[] {
  const family = families.find((family) => family.name === name);
  return family!.samples.map(({ labels, value }) => `${Object.values(labels).join("/")}: ${value}`);
}

describe("groupFamilies", () => {
  const families = groupFamilies(
    [groupOf("g", 2), groupOf("idle", 0)],
    [
      {
        group: "g",
        fault: null,
        entries: [committed("a", 0, 40), committed("a", 2, 7), committed("gone", 0, 3)],
      },
      { group: "idle", fault: null, entries: [committed("b", 0, -1)] },
    ],
    imageOf({ a: 4, b: 1 }),
    (_, partition) => partition === 3 ? undefined : 100,
  );

  it("tells the lag of every partition of a topic that was committed, -1 where nothing was", () => {
    assert.deepEqual(series(families, "kafka_consumergroup_lag"), ["g/a/0: 60", "g/a/1: -1", "g/a/2: 93"]);
    const offsets = ["g/a/0: 40", "g/a/1: -1", "g/a/2: 7", "g/a/3: -1"];
    assert.deepEqual(series(families, "kafka_consumergroup_current_offset"), offsets);
  });

  it("sums lags that are known, and offsets as kafka_exporter does", () => {
    assert.deepEqual(series(families, "kafka_consumergroup_lag_sum"), ["g/a: 153"]);
    assert.deepEqual(series(families, "kafka_consumergroup_current_offset_sum"), ["g/a: 45"]);
  });

  it("counts members, and groups by their state", () => {
    assert.deepEqual(series(families, "kafka_consumergroup_members"), ["g: 2", "idle: 0"]);
    assert.deepEqual(series(families, "weir_groups"), ["Classic/Stable: 1", "Classic/Empty: 1"]);
  });
});

describe("bound", () => {
  it("cuts what is too much and says how much that was", () => {
    const samples = Array.from({ length: 3 }, (_, value) => ({ labels: {}, value }));
    const family = { name: "x", help: "", type: "gauge", samples } as const;
    const bounded = bound([family, { ...family, name: "y" }], 4);
    assert.deepEqual(bounded.map(({ samples }) => samples.length), [3, 1, 1]);
    assert.equal(bounded[2]!.samples[0]!.value, 2);
  });
});

describe("Scrapes", () => {
  /** A view that counts how often it is asked, and a clock moved by hand. */
  function world() {
    const clock = { nowMs: 5_000, collected: 0 };
    const view: Pick<ConsoleView, "metrics" | "groups" | "ask" | "image" | "nowMs"> = {
      metrics: () => (clock.collected++, Promise.resolve([])),
      groups: () => Promise.resolve([]),
      ask: () => Promise.reject(new Error("There is no group to ask for")),
      image: () => imageOf({}),
      nowMs: () => clock.nowMs,
    };
    const scrapes = new Scrapes(view, {
      now: () => clock.nowMs,
      sleep: () => Promise.resolve(),
      after: () => () => {},
    });
    return { clock, scrapes };
  }

  it("asks the broker once for all who come within a second, in whichever form", async () => {
    const { clock, scrapes } = world();
    const texts = await Promise.all([scrapes.text("prometheus"), scrapes.text("prometheus")]);
    clock.nowMs += 999;
    await scrapes.text("openmetrics");
    assert.equal(texts[0], texts[1]);
    assert.equal(clock.collected, 1);
    clock.nowMs += 1;
    await scrapes.text("prometheus");
    assert.equal(clock.collected, 2);
  });

  it("does not begin another while one is being made, however long that takes", async () => {
    const { clock, scrapes } = world();
    const first = scrapes.text("prometheus");
    clock.nowMs += 60_000;
    const second = scrapes.text("prometheus");
    await Promise.all([first, second]);
    assert.equal(clock.collected, 1);
  });
});
