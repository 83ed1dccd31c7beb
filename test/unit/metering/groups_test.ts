/** Consumer groups under kafka_exporter's names, scrape after scrape. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { GroupMetrics } from "../../../src/metering/groups.ts";
import { PartitionRows } from "../../../src/metering/rows.ts";
import type { GroupFigures, Image } from "../../../src/model/mod.ts";
import { imageOf, told } from "./families.ts";

/** Offsets by group, topic and partition, as figures. */
function figuresOf(
  groups: Readonly<Record<string, Readonly<Record<string, Readonly<Record<number, number>>>>>>,
): GroupFigures {
  const partitions: number[] = [];
  const offsets: number[] = [];
  const told = Object.entries(groups).map(([group, topics], index) => ({
    group,
    type: "Classic" as const,
    state: index === 0 ? "Stable" as const : "Empty" as const,
    members: index === 0 ? 2 : 0,
    topics: Object.entries(topics).map(([topic, committed]) => {
      for (const [partition, offset] of Object.entries(committed)) {
        partitions.push(Number(partition));
        offsets.push(offset);
      }
      return { topic, count: Object.keys(committed).length };
    }),
  }));
  const columns = { partitions: Int32Array.from(partitions), offsets: Float64Array.from(offsets) };
  return { groups: told, ...columns, leftOut: 0 };
}

/** The families where each log ends at 100, except those in `unknown`. */
function families(
  figures: GroupFigures,
  image: Image,
  unknown: readonly number[] = [],
  metrics = new GroupMetrics(),
) {
  const rows = new PartitionRows(image, null);
  const ends = rows.column().fill(100);
  for (const row of unknown) ends[row] = NaN;
  return metrics.families(figures, rows, ends);
}

describe("GroupMetrics", () => {
  const figures = figuresOf({ g: { a: { 0: 40, 2: 7 }, gone: { 0: 3 } }, idle: { b: { 0: 100 } }, none: {} });
  const { families: list } = families(figures, imageOf({ a: 4, b: 1 }), [3]);
  const series = told(list);

  it("tells the lag of every partition of a topic that was committed, -1 where nothing was", () => {
    assert.deepEqual(series.lag, ["g/a/0: 60", "g/a/1: -1", "g/a/2: 93", "idle/b/0: 0"]);
    const offsets = ["g/a/0: 40", "g/a/1: -1", "g/a/2: 7", "g/a/3: -1", "idle/b/0: 100"];
    assert.deepEqual(series.current_offset, offsets);
  });

  it("sums lags that are known, and offsets as kafka_exporter does", () => {
    assert.deepEqual(series.lag_sum, ["g/a: 153", "idle/b: 0"]);
    assert.deepEqual(series.current_offset_sum, ["g/a: 45", "idle/b: 100"]);
  });

  it("counts members, and groups by their state", () => {
    assert.deepEqual(series.members, ["g: 2", "idle: 0", "none: 0"]);
    assert.deepEqual(series.groups, ["Classic/Stable: 1", "Classic/Empty: 2"]);
  });

  it("has no lag below 0 for a commit that is newer than the known end of the log", () => {
    const { families: list } = families(figuresOf({ g: { a: { 0: 103 } } }), imageOf({ a: 1 }));
    assert.deepEqual([told(list).lag, told(list).lag_sum], [["g/a/0: 0"], ["g/a: 0"]]);
  });

  it("writes the same texts for a group that stays, and escapes what a group is called", () => {
    const metrics = new GroupMetrics();
    const name = 'odd "group"\\\n';
    const texts = (topics: Parameters<typeof figuresOf>[0], partitions: number) => {
      const { families: list } = families(figuresOf(topics), imageOf({ a: partitions }), [], metrics);
      return list.find(({ name }) => name === "kafka_consumergroup_lag")!.table!.texts;
    };
    const escaped = 'odd \\"group\\"\\\\\\n';
    const one = [`{consumergroup="${escaped}",topic="a",partition="0"} `];
    assert.deepEqual(texts({ [name]: { a: { 0: 1 } } }, 1), one);
    assert.deepEqual(texts({ [name]: { a: { 0: 2 } } }, 1), one);
    assert.equal(texts({ [name]: { a: { 0: 2 } } }, 2).length, 2);
    assert.equal(texts({}, 2).length, 0);
    assert.deepEqual(texts({ [name]: { a: { 0: 1 } } }, 1), one);
  });

  it("leaves out what is too much and says how many series that is", () => {
    const metrics = new GroupMetrics(5);
    const { families: list, leftOut } = families(
      { ...figuresOf({ g: { a: { 0: 1 } }, h: { a: { 0: 1 } }, i: { b: { 0: 9 } } }), leftOut: 7 },
      imageOf({ a: 4, b: 1 }),
      [],
      metrics,
    );
    assert.deepEqual(told(list).lag_sum, ["g/a: 99", "i/b: 91"]);
    assert.equal(leftOut, (4 + 7) * 2);
  });
});
