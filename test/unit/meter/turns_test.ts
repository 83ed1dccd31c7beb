/** What threads measure of their turns, by a stopwatch that is moved by hand. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { familiesOf, type Family } from "../../../src/meter/families.ts";
import {
  COORDINATOR_SHEET,
  CoordinatorMeter,
  HttpMeter,
  LISTENER_SHEET,
  ListenerMeter,
  LOOP_SHEET,
  LoopMeter,
  OUTBOX_SHEET,
  OutboxMeter,
  PARTITION_SHEET,
  RequestMeter,
  TurnMeter,
} from "../../../src/meter/mod.ts";
import { FIGURES } from "./figures.ts";

class HandWatch {
  us = 1_000;
  nowUs = 1_000;

  stamp(): number {
    return this.us = this.nowUs;
  }
}

/** The one sample of a name, with these labels. */
function sample(families: readonly Family[], name: string, labels: Record<string, string> = {}) {
  const found = families.find((family) => family.name === name)?.samples.filter((sample) =>
    Object.entries(labels).every(([key, value]) => sample.labels[key] === value)
  );
  assert.equal(found?.length, 1, name);
  return found![0]!;
}

describe("TurnMeter", () => {
  it("tells a turn's stages apart, and counts each once for every request in it", () => {
    const watch = new HandWatch();
    const meter = new TurnMeter(watch);
    meter.begin();
    watch.nowUs += 100;
    meter.taken();
    watch.nowUs += 300;
    meter.flushed();
    watch.nowUs += 200;
    meter.flushed();
    watch.nowUs += 50;
    const batches = [70, 900].map((length) => ({ kind: "append", batch: new Uint8Array(length) }));
    const records = new Uint8Array(30);
    const busyUs = meter.end([...batches, { kind: "fetch" }], [
      { kind: "opened" },
      { kind: "appended", fault: null },
      { kind: "notice" },
      { kind: "appended", fault: { code: "CORRUPT_MESSAGE" } },
      { kind: "fetched", entries: [{ records }, { records }] },
    ]);
    assert.equal(busyUs, 650);
    const families = familiesOf(PARTITION_SHEET, meter.snapshot({ ...FIGURES, waiters: 4 }, 1_234));
    const stage = (stage: string) => sample(families, "weir_stage_duration_seconds", { stage });
    assert.deepEqual([stage("append").count, stage("append").sum], [1, 0.0001]);
    assert.deepEqual([stage("flush").count, stage("flush").sum], [1, 0.0005]);
    assert.deepEqual([stage("fetch").count, stage("fetch").sum], [1, 0.00005]);
    assert.deepEqual(
      [
        sample(families, "weir_flush_duration_seconds").count,
        sample(families, "weir_flush_duration_seconds").sum,
      ],
      [2, 0.0005],
    );
    assert.equal(sample(families, "weir_worker_busy_seconds_total").value, 0.00065);
    assert.equal(sample(families, "weir_appended_batches_total").value, 1);
    assert.equal(sample(families, "weir_refused_batches_total").value, 1);
    assert.equal(sample(families, "weir_appended_bytes_total").value, 70);
    assert.equal(sample(families, "weir_fetched_bytes_total").value, 60);
    assert.equal(sample(families, "weir_waiters").value, 4);
    assert.equal(sample(families, "weir_worker_notices_total").value, 1);
  });

  it("tells of cleanings by how they ended, of the time they took, and what they found", () => {
    const watch = new HandWatch();
    const meter = new TurnMeter(watch);
    for (const result of ["done", "damaged", "done"] as const) {
      meter.cleaning();
      watch.nowUs += 2_000;
      meter.cleaned();
      meter.cleanedLog(result, 100, 30);
    }
    meter.scrubbed(5_000, 2);
    const figures = {
      ...FIGURES,
      isCleaning: true,
      uncleanableLogs: 1,
      dirtyBytes: 900,
      dirtyRatioMax: 0.75,
    };
    const families = familiesOf(PARTITION_SHEET, meter.snapshot({ ...figures, isRefusing: true }, 0));
    const value = (name: string, labels = {}) => sample(families, `weir_${name}`, labels).value;
    const runs = ["done", "changed", "full", "damaged"].map((result) =>
      value("cleaner_runs_total", { result })
    );
    assert.deepEqual(runs, [2, 0, 0, 1]);
    assert.equal(value("cleaner_busy_seconds_total"), 0.006);
    assert.deepEqual([value("cleaner_cleaned_bytes_total"), value("cleaner_kept_bytes_total")], [300, 90]);
    assert.deepEqual([value("cleaner_at_work"), value("cleaner_uncleanable_logs")], [1, 1]);
    assert.deepEqual([value("cleaner_dirty_bytes"), value("cleaner_dirty_ratio")], [900, 0.75]);
    assert.deepEqual([value("scrub_bytes_total"), value("scrub_findings_total")], [5_000, 2]);
    assert.equal(value("worker_refusing"), 1);
  });

  it("counts no flush for appends of a turn that had none", () => {
    const meter = new TurnMeter(new HandWatch());
    meter.begin();
    meter.taken();
    meter.end([{ kind: "append", batch: new Uint8Array(1) }], [{ kind: "appended", fault: null }]);
    const families = familiesOf(PARTITION_SHEET, meter.snapshot(FIGURES, 0));
    assert.equal(sample(families, "weir_stage_duration_seconds", { stage: "flush" }).count, 0);
  });
});

describe("CoordinatorMeter", () => {
  it("measures turns and the flush in them", () => {
    const watch = new HandWatch();
    const meter = new CoordinatorMeter(watch);
    meter.begin();
    watch.nowUs += 20;
    meter.flushing();
    watch.nowUs += 400;
    meter.flushed();
    meter.end(3);
    const families = familiesOf(COORDINATOR_SHEET, meter.snapshot(9));
    assert.equal(sample(families, "weir_coordinator_turn_duration_seconds").sum, 0.00042);
    assert.equal(sample(families, "weir_coordinator_flush_duration_seconds").sum, 0.0004);
    assert.equal(sample(families, "weir_coordinator_inputs_total").value, 3);
  });
});

describe("OutboxMeter", () => {
  it("takes the worker's own time off what a message was under way, in the order they left", () => {
    const watch = new HandWatch();
    const meter = new OutboxMeter(watch);
    meter.collects();
    meter.sent(2);
    watch.nowUs += 100;
    watch.stamp();
    meter.collects();
    meter.sent(1);
    watch.nowUs += 900;
    watch.stamp();
    meter.answered(600);
    meter.answered(950);
    meter.answered(1);
    const families = familiesOf(OUTBOX_SHEET, meter.snapshot());
    const { count, sum } = sample(families, "weir_stage_duration_seconds", { stage: "worker_queue" });
    assert.deepEqual([count, sum], [3, 0.0008]);
    assert.equal(sample(families, "weir_worker_messages_total").value, 2);
  });

  it("forgets what was under way to a worker that is gone", () => {
    const meter = new OutboxMeter(new HandWatch());
    meter.collects();
    meter.sent(2);
    meter.lost();
    meter.answered(0);
    const families = familiesOf(OUTBOX_SHEET, meter.snapshot());
    assert.equal(sample(families, "weir_stage_duration_seconds").count, 0);
  });
});

describe("ListenerMeter", () => {
  const stageOf = (meter: ListenerMeter, stage: string) => {
    const { count, sum } = sample(
      familiesOf(LISTENER_SHEET, meter.snapshot()),
      "weir_stage_duration_seconds",
      {
        stage,
      },
    );
    return [count, sum];
  };

  it("counts stages by the requests that went through them together", () => {
    const watch = new HandWatch();
    const meter = new ListenerMeter(watch);
    watch.nowUs += 40;
    meter.routed(3, 10, 1_000);
    const beganUs = meter.replying(false);
    watch.nowUs += 7;
    meter.replied(2, beganUs);
    meter.received(5);
    meter.sent(6);
    meter.opened();
    assert.deepEqual(stageOf(meter, "route"), [3, 0.00012]);
    assert.deepEqual(stageOf(meter, "read"), [3, 0.00003]);
    assert.deepEqual(stageOf(meter, "reply"), [2, 0.000014]);
    const families = familiesOf(LISTENER_SHEET, meter.snapshot());
    assert.equal(sample(families, "weir_received_bytes_total").value, 5);
    assert.equal(sample(families, "weir_connections_opened_total").value, 1);
  });

  it("looks at a stage twice a millisecond, and counts those in between like the next", () => {
    const watch = new HandWatch();
    const meter = new ListenerMeter(watch);
    const stamps = { count: 0 };
    const stamp = watch.stamp.bind(watch);
    watch.stamp = () => (stamps.count++, stamp());
    for (let round = 0; round < 10; round++) {
      const beganUs = stamp();
      watch.nowUs += 20;
      meter.routed(2, 0, beganUs);
      meter.replied(2, meter.replying(true));
      watch.nowUs += 80;
    }
    assert.ok(stamps.count <= 2 * 3, `${stamps.count} looks in a millisecond`);
    assert.deepEqual(stageOf(meter, "route"), [20, 0.0004]);
    assert.deepEqual(stageOf(meter, "reply")[0], 20);
    assert.deepEqual(stageOf(meter, "route"), [20, 0.0004]);
  });
});

describe("LoopMeter", () => {
  it("tells how much later than its period a timer fired, never less than 0", () => {
    const watch = new HandWatch();
    const meter = new LoopMeter(500, watch);
    watch.nowUs += 499_000;
    meter.fired();
    watch.nowUs += 512_000;
    meter.fired();
    const families = familiesOf(LOOP_SHEET, meter.snapshot());
    assert.deepEqual(
      [
        sample(families, "weir_event_loop_lag_seconds").count,
        sample(families, "weir_event_loop_lag_seconds").sum,
      ],
      [2, 0.012],
    );
    assert.equal(sample(families, "weir_event_loop_last_lag_seconds").value, 0.012);
  });
});

describe("RequestMeter", () => {
  it("counts by name, and tells durations only of what was asked", () => {
    const meter = new RequestMeter("kafka", ["Produce", "Fetch"]);
    meter.answered(1, 30, 400, 2_000);
    meter.answered(1, 31, 401, 4_000);
    const families = meter.families();
    assert.equal(sample(families, "weir_requests_total", { api: "Fetch" }).value, 2);
    assert.equal(sample(families, "weir_requests_total", { api: "Produce" }).value, 0);
    assert.equal(sample(families, "weir_request_bytes_total", { api: "Fetch" }).value, 61);
    assert.equal(sample(families, "weir_response_bytes_total", { api: "Fetch" }).value, 801);
    const { labels, sum, count } = sample(families, "weir_request_duration_seconds");
    assert.deepEqual([labels, sum, count], [{ door: "kafka", api: "Fetch" }, 0.006, 2]);
  });

  it("counts errors by name and code, those of unknown requests too", () => {
    const meter = new RequestMeter("native", ["produce"]);
    meter.failed(0, "CORRUPT_MESSAGE", 2);
    meter.failed(0, "CORRUPT_MESSAGE", 1);
    meter.failed(-1, "INVALID_REQUEST", 1);
    const errors = meter.families().find(({ name }) => name === "weir_request_errors_total")!.samples;
    assert.deepEqual(errors, [
      { labels: { door: "native", api: "produce", error: "CORRUPT_MESSAGE" }, value: 3 },
      { labels: { door: "native", api: "unknown", error: "INVALID_REQUEST" }, value: 1 },
    ]);
  });
});

describe("HttpMeter", () => {
  it("counts by the first word of the path and the status, and makes no series of what is asked for", () => {
    const meter = new HttpMeter();
    meter.answered("/v3/clusters/a/topics", 200, 1_500);
    meter.answered("/v3", 200, 500);
    meter.answered("/v3/nothing", 404, 10);
    for (const path of ["/", "", "/any", "/thing/at/all", "//"]) meter.answered(path, 200, 10);
    const [answers, durations, atWork, streams] = meter.families({ atWork: 3, streams: 4 });
    assert.deepEqual([atWork!.samples[0]!.value, streams!.samples[0]!.value], [3, 4]);
    assert.deepEqual(answers!.samples, [
      { labels: { part: "v3", code: "200" }, value: 2 },
      { labels: { part: "v3", code: "404" }, value: 1 },
      { labels: { part: "pages", code: "200" }, value: 5 },
    ]);
    assert.deepEqual(durations!.samples.map(({ labels, count, sum }) => [labels.part, count, sum]), [
      ["v3", 3, 0.00201],
      ["pages", 5, 0.00005],
    ]);
  });
});
