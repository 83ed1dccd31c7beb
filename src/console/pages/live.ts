/**
 * Numbers for the pages' script, as they stand now: texts by the keys that the
 * pages' elements carry, and the points of their charts since the last time.
 */
import { RequestError } from "../failure.ts";
import { groupNamed, lagNumbers } from "./group_facts.ts";
import type { PageContext, Site } from "./layout.ts";
import type { Points, Pulse } from "./pulse.ts";
import { topicNumbers } from "./topic_facts.ts";
import { byteRate, bytes, count, duration, percent, rate } from "./words.ts";

/** Lines of a chart that has one for each group or worker. */
const LINES_MAX = 6;
/** Texts of single topics, groups and workers in one answer. */
const KEYS_MAX = 500;

/** The texts of the overview. */
export function overviewNumbers(pulse: Pulse): Record<string, string> {
  const of = (name: string) => pulse.value(name);
  return {
    uptime: duration(of("uptime") * 1_000),
    records: rate(of("records")),
    bytesIn: byteRate(of("bytesIn")),
    bytesOut: byteRate(of("bytesOut")),
    requests: rate(of("requests")),
    errors: rate(of("errors")),
    lag: count(of("lag")),
    data: bytes(of("data")),
    diskFree: bytes(of("diskFree")),
    memory: bytes(of("memory")),
    connections: count(of("connections")),
    waiters: count(of("waiters")),
    busiest: percent(pulse.ranked("worker ")[0]?.[1] ?? NaN),
    offline: count(of("offline")),
  };
}

/** The text of `topic NAME` (records a second), `lag GROUP` or `worker NUMBER` (its share of the time). */
export function numberOf(pulse: Pulse, key: string): string {
  const value = pulse.value(key);
  if (key.startsWith("topic ")) return rate(value);
  return key.startsWith("worker ") ? percent(value) : count(value);
}

interface Lines {
  readonly labels: readonly string[];
  readonly names: readonly string[];
}

const FIXED: Readonly<Record<string, Lines>> = {
  bytes: { labels: ["Written", "Read"], names: ["bytesIn", "bytesOut"] },
  records: { labels: ["Records"], names: ["records"] },
  data: { labels: ["Data"], names: ["data"] },
};

/** What a chart draws: `lag` and `workers` are the largest of theirs, `lag NAME` is one group's. */
function linesOf(chart: string, pulse: Pulse): Lines {
  if (chart === "lag" || chart === "workers") {
    const prefix = chart === "lag" ? "lag " : "worker ";
    const labels = pulse.ranked(prefix).slice(0, LINES_MAX).map(([name]) => name)
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    return {
      labels: labels.map((name) => chart === "lag" ? name : `Worker ${name}`),
      names: labels.map((name) => prefix + name),
    };
  }
  if (chart.startsWith("lag ")) return { labels: ["Lag"], names: [chart] };
  if (chart.startsWith("topic ")) return { labels: ["Records"], names: [chart] };
  return FIXED[chart] ?? { labels: [], names: [] };
}

function chartPoints(chart: string, pulse: Pulse, sinceMs: number): Points & { labels: readonly string[] } {
  const { labels, names } = linesOf(chart, pulse);
  return { labels, ...pulse.points(names, sinceMs) };
}

/** `GET /live.json?chart=bytes&chart=lag&since=MS&key=lag+G&group=G&topic=T&first=ROW`. */
export async function live(site: Site, context: PageContext): Promise<Response> {
  const { pulse, view } = site;
  const query = new URL(context.req.url).searchParams;
  await pulse.look();
  const sinceMs = Number(query.get("since")) || 0;
  const names = query.getAll("chart").slice(0, 8);
  const group = query.get("group");
  const topic = query.get("topic");
  const charts = Object.fromEntries(names.map((name) => [name, chartPoints(name, pulse, sinceMs)]));
  const keys = query.getAll("key").filter((key) => /^(topic|lag|worker) /.test(key)).slice(0, KEYS_MAX);
  const numbers = {
    ...overviewNumbers(pulse),
    ...Object.fromEntries(keys.map((key) => [key, numberOf(pulse, key)])),
  };
  const first = Number(query.get("first") ?? NaN);
  if (group !== null) Object.assign(numbers, await numbersOfGroup(view, group, first));
  if (topic !== null) Object.assign(numbers, await topicNumbers(view, topic, first));
  return context.json({ numbers, charts }, 200, { "cache-control": "no-store" });
}

/** None for a group that went meanwhile. */
async function numbersOfGroup(
  view: Site["view"],
  group: string,
  first: number,
): Promise<Record<string, string>> {
  try {
    return lagNumbers(await groupNamed(view, group), first);
  } catch (error) {
    if (error instanceof RequestError) return {};
    throw error;
  }
}
