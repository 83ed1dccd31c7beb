/** Meters, what threads that die leave behind, and how their numbers are told. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { addUp, familiesOf, joinFamilies } from "../../../src/meter/families.ts";
import { Meter } from "../../../src/meter/meter.ts";
import { Sheet } from "../../../src/meter/sheet.ts";
import { Tally } from "../../../src/meter/tally.ts";

function sheetOfThree() {
  const sheet = new Sheet();
  const durations = sheet.histogram("x_seconds", "How long", { labels: { stage: "read" } });
  const count = sheet.counter("x_total", "How many");
  const level = sheet.gauge("x", "How much", { scale: 0.5 });
  return { sheet, durations, count, level };
}

describe("Meter", () => {
  it("tells counters, gauges in their unit, and histograms in seconds", () => {
    const { sheet, durations, count, level } = sheetOfThree();
    const meter = new Meter(sheet);
    meter.add(count, 2);
    meter.add(count, 3);
    meter.set(level, 7);
    meter.observe(durations, 10);
    meter.observe(durations, 100, 4);
    const [histogram, counter, gauge] = familiesOf(sheet, meter.snapshot(), { worker: "1" });
    assert.deepEqual(counter!.samples, [{ labels: { worker: "1" }, value: 5 }]);
    assert.equal(gauge!.samples[0]!.value, 3.5);
    const { labels, sum, count: observed, buckets } = histogram!.samples[0]!;
    assert.deepEqual({ labels, sum, observed }, {
      labels: { stage: "read", worker: "1" },
      sum: 0.00041,
      observed: 5,
    });
    assert.deepEqual(buckets!.slice(0, 4), [
      { upTo: 0.000016, count: 1 },
      { upTo: 0.000032, count: 1 },
      { upTo: 0.000064, count: 1 },
      { upTo: 0.000128, count: 5 },
    ]);
  });

  it("counts in each told bucket what lies below its bound, for any values", () => {
    const { sheet, durations } = sheetOfThree();
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 26 })), (values) => {
      const meter = new Meter(sheet);
      for (const value of values) meter.observe(durations, value);
      const { buckets, count, sum } = familiesOf(sheet, meter.snapshot())[0]!.samples[0]!;
      for (const { upTo, count } of buckets!) {
        assert.equal(count, values.filter((value) => value < Math.round(upTo * 1e6)).length);
      }
      assert.equal(count, values.length);
      assert.ok(Math.abs(sum! - values.reduce((total, value) => total + value, 0) / 1e6) < 1e-3);
    }));
  });

  it("gives copies: what is counted later is not in them", () => {
    const { sheet, count } = sheetOfThree();
    const meter = new Meter(sheet);
    const before = meter.snapshot();
    meter.add(count, 1);
    assert.equal(before[count], 0);
    assert.equal(meter.snapshot()[count], 1);
  });

  it("adds up with others of its sheet", () => {
    const { sheet, count, durations } = sheetOfThree();
    const meters = [new Meter(sheet), new Meter(sheet)];
    for (const meter of meters) {
      meter.add(count, 2);
      meter.observe(durations, 50);
    }
    const [histogram, counter] = familiesOf(sheet, addUp(sheet, meters.map((meter) => meter.snapshot())));
    assert.equal(counter!.samples[0]!.value, 4);
    assert.equal(histogram!.samples[0]!.count, 2);
  });
});

describe("Tally", () => {
  it("keeps what a lost thread had counted, and lets its gauges go", () => {
    const { sheet, count, level, durations } = sheetOfThree();
    const tally = new Tally(sheet);
    const first = new Meter(sheet);
    first.add(count, 5);
    first.set(level, 9);
    first.observe(durations, 3);
    tally.heard(first.snapshot());
    tally.ended();
    assert.deepEqual([tally.total()[count], tally.total()[level]], [5, 0]);
    const second = new Meter(sheet);
    second.add(count, 1);
    second.set(level, 2);
    tally.heard(second.snapshot());
    tally.heard(second.snapshot());
    assert.deepEqual([tally.total()[count], tally.total()[level]], [6, 2]);
    assert.equal(familiesOf(sheet, tally.total())[0]!.samples[0]!.count, 1);
    tally.ended();
    tally.ended();
    assert.equal(tally.total()[count], 6);
  });

  it("lets an array of another sheet be", () => {
    const { sheet, count } = sheetOfThree();
    const tally = new Tally(sheet);
    tally.heard(new Float64Array(1).fill(1));
    assert.equal(tally.total()[count], 0);
  });
});

describe("joinFamilies", () => {
  it("joins the series of one name and leaves its arguments alone", () => {
    const { sheet } = sheetOfThree();
    const values = new Meter(sheet).snapshot();
    const one = familiesOf(sheet, values, { worker: "0" }, "numbers");
    const joined = joinFamilies([one, familiesOf(sheet, values, { worker: "1" }, "numbers")]);
    assert.deepEqual(joined.map(({ name, samples }) => [name, samples.length]), [["x_total", 2], ["x", 2]]);
    assert.equal(one[0]!.samples.length, 1);
  });
});
