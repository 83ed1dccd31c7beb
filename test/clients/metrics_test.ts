/**
 * Metrics as those who read them see them: promtool judges the text and the rules,
 * a real Prometheus scrapes a broker under load, and every query of the dashboard
 * has an answer. What is not installed is skipped.
 */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { type EmbeddedBroker, startBroker } from "weir/broker";
import {
  alertNames,
  alertQueries,
  CONFIG,
  namesIn,
  panelQueries,
  RULES,
  RULES_TEST,
  variableSources,
} from "./metrics_deploy.ts";
import { Load, pause } from "./metrics_load.ts";
import { isInstalled, Prometheus, runTool } from "./metrics_prometheus.ts";

/** Names of kafka_exporter that promtool would rather have otherwise; dashboards want them as they are. */
const DISLIKED = ["kafka_consumergroup_current_offset_sum", "kafka_consumergroup_lag_sum"];
/** Long enough for rates over scrapes a second apart. */
const INTERVAL = "8s";
const PROMETHEUS_MS_MAX = 60_000;

const tools = describeWhere("promtool");
const server = describeWhere("prometheus");

/** Skips, and says what for, where a program of Debian's package "prometheus" is missing. */
function describeWhere(program: string): (name: string, body: () => void) => void {
  if (isInstalled(program)) return describe;
  return (name, body) => describe.ignore(`${name} (${program} is not installed)`, body);
}

async function scrape(broker: EmbeddedBroker, accept = "text/plain"): Promise<Response> {
  return await fetch(`http://${broker.http}/metrics`, { headers: { accept } });
}

/** A broker under load on a disk, with a second's worth of it done. */
class World {
  readonly broker: EmbeddedBroker;
  readonly #load: Load;
  readonly #data: string;

  private constructor(broker: EmbeddedBroker, load: Load, data: string) {
    this.broker = broker;
    this.#load = load;
    this.#data = data;
  }

  static async start(): Promise<World> {
    const data = await Deno.makeTempDir({ prefix: "weir-metrics-" });
    const broker = await startBroker({ data });
    const load = await Load.start(broker);
    return new World(broker, load, data);
  }

  async stop(): Promise<void> {
    await this.#load[Symbol.asyncDispose]();
    await this.broker.stop();
    await Deno.remove(this.#data, { recursive: true });
  }
}

describe("/metrics", () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    await (await scrape(world.broker)).body?.cancel();
    await pause(2_500);
  });
  afterAll(() => world.stop());

  it("counts what clients do, through both doors", async () => {
    const text = await (await scrape(world.broker)).text();
    const value = (series: string) =>
      Number(text.split("\n").find((line) => line.startsWith(`${series} `))?.split(" ")[1]);
    for (
      const series of [
        'weir_requests_total{door="kafka",api="Produce"}',
        'weir_requests_total{door="native",api="produce"}',
        'weir_request_errors_total{door="native",api="create_topics",error="TOPIC_ALREADY_EXISTS"}',
        'weir_request_errors_total{door="kafka",api="CreateTopics",error="TOPIC_ALREADY_EXISTS"}',
        'weir_request_duration_seconds_count{door="kafka",api="Produce"}',
        'weir_http_requests_total{part="metrics",code="200"}',
        'kafka_topic_partitions{topic="orders"}',
        'kafka_topic_partition_current_offset{topic="orders",partition="0"}',
        'kafka_consumergroup_members{consumergroup="readers"}',
        'kafka_consumergroup_current_offset_sum{consumergroup="readers",topic="orders"}',
        'weir_connections{door="kafka"}',
        "weir_flush_duration_seconds_count",
        "weir_coordinator_flush_duration_seconds_count",
        "weir_disk_free_bytes",
        "weir_offset_commits_total",
        ...["read", "route", "worker_queue", "append", "flush", "fetch", "reply"].map((stage) =>
          `weir_stage_duration_seconds_count{stage="${stage}"}`
        ),
      ]
    ) assert.ok(value(series) > 0, `${series} is ${value(series)}`);
  });

  it("gives each form the type it was asked for", async () => {
    const plain = await scrape(world.broker);
    assert.equal(plain.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    await plain.body?.cancel();
    const open = await scrape(world.broker, "application/openmetrics-text; version=1.0.0");
    const type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert.equal(open.headers.get("content-type"), type);
    assert.ok((await open.text()).endsWith("# EOF\n"));
  });

  it("has every name that the dashboard and the alerts go by", async () => {
    const told = namesIn(await (await scrape(world.broker)).text());
    const wanted = panelQueries(INTERVAL).map(({ expression }) => expression).join("\n");
    const sources = variableSources().map(({ metric }) => metric).join(" ");
    const rules = Deno.readTextFileSync(RULES).match(/^\s+expr:.*(\n\s{10}.*)*/gm)!.join("\n");
    const missing = [...namesIn(`${wanted} ${sources} ${rules}`)].filter((name) => !told.has(name));
    assert.deepEqual(missing, []);
  });

  tools("promtool", () => {
    it("finds nothing wrong with the text, but for two names that are kafka_exporter's", async () => {
      const text = await (await scrape(world.broker)).text();
      const { printed } = await runTool("promtool", ["check", "metrics"], text);
      assert.deepEqual(printed.trim().split("\n").map((line) => line.split(" ")[0]), DISLIKED);
      const own = text.split("\n").filter((line) => !DISLIKED.some((name) => line.includes(name))).join("\n");
      const { code, printed: ofOwn } = await runTool("promtool", ["check", "metrics"], own);
      assert.deepEqual([code, ofOwn], [0, ""]);
    });
  });

  server("Prometheus", () => {
    it("scrapes it every second, and has data for every panel and for what every alert looks at", async () => {
      await using prometheus = await Prometheus.start(world.broker.http, RULES);
      await settled(prometheus);
      const empty: string[] = [];
      for (const { panel, expression } of panelQueries(INTERVAL)) {
        const series = await prometheus.query(expression);
        if (!series.some(({ value: [, number] }) => number !== "NaN")) empty.push(`${panel}: ${expression}`);
      }
      for (const expression of alertQueries(INTERVAL)) {
        if ((await prometheus.query(expression)).length === 0) empty.push(`alert: ${expression}`);
      }
      assert.deepEqual(empty, []);
      for (const { metric, label } of variableSources()) {
        const series = await prometheus.query(metric);
        assert.ok(series.some(({ metric }) => metric[label] !== undefined), `${metric} has no ${label}`);
      }
      const targets = await prometheus.targets();
      assert.deepEqual(targets.map(({ health, lastError }) => [health, lastError]), [["up", ""]]);
      const rules = await prometheus.rules();
      const sick = rules.filter(({ health }) => health !== "ok").map(({ name, lastError }) =>
        `${name}: ${lastError}`
      );
      assert.deepEqual(sick, []);
      assert.equal(rules.length, alertQueries(INTERVAL).length);
    });
  });
});

/** Waits until a rate over the interval is there, and the rules were looked at. */
async function settled(prometheus: Prometheus): Promise<void> {
  const scrapes = `count_over_time(up[${INTERVAL}]) >= 6 and up == 1`;
  for (const endMs = Date.now() + PROMETHEUS_MS_MAX; Date.now() < endMs;) {
    const series = await prometheus.query(scrapes).catch(() => []);
    if (series.length > 0 && (await prometheus.rules()).every(({ health }) => health !== "unknown")) return;
    await pause(250);
  }
  assert.fail(`Prometheus had no six scrapes in ${INTERVAL} within ${PROMETHEUS_MS_MAX} ms`);
}

describe("deploy/prometheus", () => {
  it("has a test of every alert", () => {
    const names = alertNames(RULES);
    assert.deepEqual(alertNames(RULES_TEST), names);
    assert.ok(names.size >= 25);
  });
});

tools("deploy/prometheus", () => {
  const passes = (name: string, ...args: string[]) =>
    it(name, async () => {
      const { code, printed } = await runTool("promtool", args);
      assert.equal(code, 0, printed);
    });
  passes("has alerts that promtool takes", "check", "rules", RULES);
  passes("has a configuration that promtool takes", "check", "config", CONFIG);
  passes(
    "has alerts that fire when they should, by Prometheus' own test of them",
    "test",
    "rules",
    RULES_TEST,
  );
});
