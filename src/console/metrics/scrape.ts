/**
 * What `/metrics` answers, made at most once a second and by one scrape at a time,
 * however many ask: they share it. Text is written in pieces with a turn of the
 * event loop between them, so that a thousand partitions do not hold up produce
 * and fetch. Series are bounded: what is too much is left out, and that is told.
 */
import { type Clock, Patience } from "../../host/mod.ts";
import type { GroupDescription, OffsetsFetchedReply } from "../../model/mod.ts";
import type { ConsoleView, MetricFamily } from "../view.ts";
import { expose, type Form } from "./exposition.ts";
import { type CurrentOffset, groupFamilies } from "./groups.ts";

/** How long an answer is good for: scrapers come by every few seconds, dashboards share them. */
const FRESH_MS = 1_000;
/** How long a coordinator may take to tell of its groups before its last word is taken: a scraper waits no longer. */
const WAIT_MS_MAX = 2_000;
/** Series of one answer: 200,000 are some 20 MB. */
const SERIES_MAX = 200_000;
/** Groups whose offsets are asked for at once: thousands of offsets in one answer would hold up both threads. */
const GROUPS_AT_ONCE = 50;
/** How long text is written without a turn of the event loop. */
const AT_WORK_MS_MAX = 5;
const CURRENT_OFFSET = "kafka_topic_partition_current_offset";

/** What an answer holds: UTF-8. */
type Text = Uint8Array<ArrayBuffer>;

/** Something made when it is asked for, and handed out while it is in the making and fresh. */
class Shared<Value> {
  readonly #clock: Timing;
  readonly #make: () => Promise<Value>;
  #value: Promise<Value> | null = null;
  /** When it stops being good; the end of time while it is being made. */
  #staleMs = 0;

  constructor(clock: Timing, make: () => Promise<Value>) {
    this.#clock = clock;
    this.#make = make;
  }

  get(): Promise<Value> {
    if (this.#value !== null && this.#clock.now() < this.#staleMs) return this.#value;
    const beganMs = this.#clock.now();
    this.#staleMs = Infinity;
    return this.#value = this.#make().finally(() => this.#staleMs = beganMs + FRESH_MS);
  }
}

/** What it asks of the broker. */
type View = Pick<ConsoleView, "metrics" | "groups" | "ask" | "image" | "nowMs">;
type Timing = Pick<Clock, "now" | "sleep" | "after">;

export class Scrapes {
  readonly #view: View;
  readonly #clock: Timing;
  readonly #more: () => readonly MetricFamily[];
  readonly #groups: Patience<Groups>;
  readonly #families: Shared<readonly MetricFamily[]>;
  readonly #texts: Readonly<Record<Form, Shared<Text>>>;

  /** `more`: what the door itself counts. */
  constructor(view: View, clock: Timing, more: () => readonly MetricFamily[] = () => []) {
    this.#view = view;
    this.#more = more;
    this.#clock = clock;
    this.#groups = new Patience<Groups>(clock, WAIT_MS_MAX, { groups: [], offsets: [] });
    this.#families = new Shared(clock, () => this.#collect());
    this.#texts = {
      prometheus: new Shared(clock, () => this.#write("prometheus")),
      openmetrics: new Shared(clock, () => this.#write("openmetrics")),
    };
  }

  /** The metrics in `form`, no older than a second when they were begun. */
  text(form: Form): Promise<Text> {
    return this.#texts[form].get();
  }

  /** The metrics as they are, no older than a second when they were begun. */
  families(): Promise<readonly MetricFamily[]> {
    return this.#families.get();
  }

  /** Put into bytes piece by piece: a text of megabytes is dearer to build whole. */
  async #write(form: Form): Promise<Text> {
    const encoder = new TextEncoder();
    const pieces: Text[] = [];
    const families = await this.#families.get();
    let beganMs = this.#clock.now();
    for (const piece of expose(families, form)) {
      pieces.push(encoder.encode(piece));
      if (this.#clock.now() - beganMs < AT_WORK_MS_MAX) continue;
      await this.#clock.sleep(0);
      beganMs = this.#clock.now();
    }
    return join(pieces);
  }

  async #collect(): Promise<readonly MetricFamily[]> {
    const view = this.#view;
    const beganMs = view.nowMs();
    const [own, { groups, offsets }] = await Promise.all([
      view.metrics(),
      this.#groups.answer(() => fetchGroups(view)),
    ]);
    const ofGroups = groupFamilies(groups, offsets, view.image(), currentOffsetOf(own));
    const bounded = bound([...own, ...this.#more(), ...ofGroups], SERIES_MAX);
    return [...bounded, durationFamily(view.nowMs() - beganMs)];
  }
}

function join(pieces: readonly Text[]): Text {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Every group and everything it committed. */
interface Groups {
  readonly groups: readonly GroupDescription[];
  readonly offsets: OffsetsFetchedReply["groups"];
}

async function fetchGroups(view: View): Promise<Groups> {
  const groups = await view.groups();
  return { groups, offsets: await fetchOffsets(view, groups.map(({ group }) => group)) };
}

async function fetchOffsets(
  view: View,
  names: readonly string[],
): Promise<OffsetsFetchedReply["groups"]> {
  const fetched: OffsetsFetchedReply["groups"][number][] = [];
  for (let first = 0; first < names.length; first += GROUPS_AT_ONCE) {
    const groups = names.slice(first, first + GROUPS_AT_ONCE).map((group) => (
      { group, memberId: null, memberEpoch: -1, entries: null }
    ));
    const reply = await view.ask({ kind: "fetch_offsets", requireStable: false, groups });
    if (reply.kind === "offsets_fetched") fetched.push(...reply.groups);
  }
  return fetched;
}

/** Where partitions end, as the broker's own metrics have just told. */
function currentOffsetOf(families: readonly MetricFamily[]): CurrentOffset {
  const offsets = new Map<string, Map<string, number>>();
  for (const { labels, value } of families.find(({ name }) => name === CURRENT_OFFSET)?.samples ?? []) {
    const { topic = "", partition = "" } = labels;
    const ofTopic = offsets.get(topic) ?? new Map<string, number>();
    offsets.set(topic, ofTopic.set(partition, value));
  }
  return (topic, partition) => offsets.get(topic)?.get(String(partition));
}

/** The families with at most so many samples in all, and how many were left out. */
export function bound(families: readonly MetricFamily[], samplesMax: number): MetricFamily[] {
  let left = samplesMax;
  let leftOut = 0;
  const bounded = families.map((family) => {
    const { samples } = family;
    const kept = samples.length <= left ? samples : samples.slice(0, left);
    left -= kept.length;
    leftOut += samples.length - kept.length;
    return { ...family, samples: kept };
  });
  const help = "Series that are not told here because there are too many";
  const name = "weir_metrics_left_out_series";
  return [...bounded, { name, help, type: "gauge", samples: [{ labels: {}, value: leftOut }] }];
}

function durationFamily(durationMs: number): MetricFamily {
  return {
    name: "weir_metrics_collect_seconds",
    help: "How long it took to gather these metrics",
    type: "gauge",
    samples: [{ labels: {}, value: durationMs / 1_000 }],
  };
}
