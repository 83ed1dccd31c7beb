/** The last quarter of an hour in rings: rates from counters, and an end to reading when nobody looks. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Pulse } from "../../../src/console/pages/pulse.ts";
import type { MetricFamily } from "../../../src/console/view.ts";
import type { Clock } from "../../../src/host/mod.ts";

/** A clock that stands until it is told to go on. */
class StandingClock implements Clock {
  #nowMs = 1_000_000;
  #timers: { atMs: number; action: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, action };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((other) => other !== timer);
  }

  every(): () => void {
    throw new Error("Nobody asks for this");
  }

  sleep(): Promise<void> {
    throw new Error("Nobody asks for this");
  }

  get timers(): number {
    return this.#timers.length;
  }

  async go(ms: number): Promise<void> {
    this.#nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { action } of due) action();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

function family(name: string, value: number, labels: Record<string, string> = {}): MetricFamily {
  return { name, help: "", type: "counter", samples: [{ labels, value }] };
}

describe("Pulse", () => {
  function start() {
    const clock = new StandingClock();
    const now = { end: 100, lag: 7, reads: 0 };
    const families = () => {
      now.reads++;
      return Promise.resolve([
        family("kafka_topic_partition_current_offset", now.end, { topic: "orders", partition: "0" }),
        family("kafka_consumergroup_lag_sum", now.lag, { consumergroup: "g", topic: "orders" }),
      ]);
    };
    return { clock, now, pulse: new Pulse(clock, families) };
  }

  it("makes rates of counters from the second reading on, and keeps gauges as they are", async () => {
    const { clock, now, pulse } = start();
    await pulse.look();
    assert.deepEqual([pulse.value("records"), pulse.value("lag g")], [NaN, 7]);
    now.end = 500;
    await clock.go(2_000);
    assert.deepEqual([pulse.value("records"), pulse.value("topic orders")], [200, 200]);
    assert.deepEqual(pulse.points(["records", "lag"], 0).rows, [[1_000, 1_002], [null, 200], [7, 7]]);
    assert.deepEqual(pulse.points(["lag"], 1_000_000).rows, [[1_002], [7]]);
  });

  it("keeps 450 points and drops the oldest", async () => {
    const { clock, pulse } = start();
    await pulse.look();
    for (let period = 0; period < 460; period++) {
      await clock.go(2_000);
      if (period % 100 === 0) await pulse.look();
    }
    const [times] = pulse.points(["lag"], 0).rows;
    assert.deepEqual([times!.length, times!.at(0), times!.at(-1)], [450, 1_022, 1_920]);
  });

  it("stops reading when nobody has looked for a quarter of an hour, and begins anew", async () => {
    const { clock, now, pulse } = start();
    await pulse.look();
    await clock.go(901_000);
    assert.equal(clock.timers, 0);
    const { reads } = now;
    await clock.go(60_000);
    assert.equal(now.reads, reads);
    await pulse.look();
    assert.equal(pulse.points(["lag"], 0).rows[0]!.length, 1);
  });

  it("knows the number of each of thousands of groups, and draws those that somebody looks at", async () => {
    const clock = new StandingClock();
    let lag = 0;
    const samples = () =>
      Array.from(
        { length: 2_000 },
        (_, index) => ({ labels: { consumergroup: `g${index}` }, value: lag + index }),
      );
    const lags = () => ({ ...family("kafka_consumergroup_lag_sum", 0), samples: samples() });
    const pulse = new Pulse(clock, () => Promise.resolve([lags(), family("weir_requests_total", lag)]));
    await pulse.look();
    assert.deepEqual([pulse.value("lag g1999"), pulse.value("lag"), pulse.ranked("lag ")[0]], [
      1_999,
      1_999_000,
      ["g1999", 1_999],
    ]);
    // Not one of the first six hundred: it has a line from when it is asked for.
    assert.deepEqual(pulse.points(["lag g1999"], 0).rows[1], [1_999]);
    lag = 10;
    await clock.go(2_000);
    assert.deepEqual(pulse.points(["lag g1999", "requests"], 0).rows.slice(1), [[1_999, 2_009], [null, 5]]);
    for (let index = 0; index < 700; index++) pulse.points([`lag g${index}`], 0);
    assert.deepEqual(pulse.points(["lag g1999"], 0).rows[1], [1_999, 2_009]);
  });

  it("sums what the cleaners of all workers went over and kept", async () => {
    const clock = new StandingClock();
    const told = (name: string, ...values: number[]) => ({
      ...family(name, 0),
      samples: values.map((value, worker) => ({ labels: { worker: String(worker) }, value })),
    });
    const families = [
      told("weir_cleaner_cleaned_bytes_total", 100, 7),
      told("weir_cleaner_kept_bytes_total", 10, 1),
    ];
    const pulse = new Pulse(clock, () => Promise.resolve(families));
    await pulse.look();
    assert.deepEqual([pulse.value("cleaned"), pulse.value("kept")], [107, 11]);
  });

  it("stops when it is closed", async () => {
    const { clock, pulse } = start();
    await pulse.look();
    assert.equal(clock.timers, 1);
    pulse.close();
    assert.equal(clock.timers, 0);
  });
});
