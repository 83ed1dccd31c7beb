/**
 * What `/metrics` answers, made at most once a second and by one scrape at a time,
 * however many ask: they share it. Text is written in pieces with a turn of the
 * event loop between them, so that a thousand partitions do not hold up produce
 * and fetch. Series are bounded: what is too much is left out, and that is told.
 * Nothing of an answer is kept once it is too old to be shared.
 */
import { gzip } from "node:zlib";
import type { Clock } from "../../host/mod.ts";
import type { ConsoleView, MetricFamily } from "../view.ts";
import { expose, type Form } from "./exposition.ts";

/** How long an answer is good for: scrapers come by every few seconds, dashboards share them. */
const FRESH_MS = 1_000;
/** Series of one answer: 200,000 are some 20 MB. */
const SERIES_MAX = 200_000;
/** How long text is written without a turn of the event loop. */
const AT_WORK_MS_MAX = 5;
/** Room for the first text; later ones begin with what the last one took. */
const TEXT_BYTES = 65_536;
/** The text says the same again and again: the fastest level makes a tenth of it, the best a twentieth. */
const GZIP_LEVEL = 1;
const LEFT_OUT = "weir_metrics_left_out_series";

/** What an answer holds: UTF-8, or that packed. */
type Text = Uint8Array<ArrayBuffer>;
export type Packing = "identity" | "gzip";

/** What it asks of the broker. */
type View = Pick<ConsoleView, "metrics" | "nowMs">;
type Timing = Pick<Clock, "now" | "sleep" | "after">;

/** The metrics at one moment, and the texts that were asked for. */
interface Scrape {
  readonly beganMs: number;
  readonly families: Promise<readonly MetricFamily[]>;
  readonly texts: Map<string, Promise<Text>>;
  isMade: boolean;
}

export class Scrapes {
  readonly #view: View;
  readonly #clock: Timing;
  readonly #more: () => readonly MetricFamily[];
  #last: Scrape | null = null;
  #bytes = TEXT_BYTES;

  /** `more`: what the door itself counts. */
  constructor(view: View, clock: Timing, more: () => readonly MetricFamily[] = () => []) {
    this.#view = view;
    this.#more = more;
    this.#clock = clock;
  }

  /** The metrics in `form`; they were no older than a second when they were asked for. */
  text(form: Form, packing: Packing = "identity"): Promise<Text> {
    const scrape = this.#scrape();
    const plain = shared(scrape.texts, form, async () => this.#write(await scrape.families, form));
    if (packing === "identity") return plain;
    return shared(scrape.texts, `${form} gzip`, async () => pack(await plain));
  }

  /** The metrics as they are, or were at most a second ago. */
  families(): Promise<readonly MetricFamily[]> {
    return this.#scrape().families;
  }

  #scrape(): Scrape {
    const nowMs = this.#clock.now();
    const last = this.#last;
    // A clock that was set back makes nothing young.
    const isFresh = last !== null && nowMs >= last.beganMs && nowMs - last.beganMs < FRESH_MS;
    if (last !== null && (isFresh || !last.isMade)) return last;
    const families = this.#collect().finally(() => this.#made(scrape));
    const scrape: Scrape = { beganMs: nowMs, families, texts: new Map(), isMade: false };
    return this.#last = scrape;
  }

  #made(scrape: Scrape): void {
    scrape.isMade = true;
    this.#clock.after(FRESH_MS, () => {
      if (this.#last === scrape) this.#last = null;
    });
  }

  /** Put into bytes piece by piece: a text of megabytes is dearer to build whole. */
  async #write(families: readonly MetricFamily[], form: Form): Promise<Text> {
    const page = new Page(this.#bytes);
    let beganMs = this.#clock.now();
    for (const piece of expose(families, form)) {
      page.add(piece);
      if (this.#clock.now() - beganMs < AT_WORK_MS_MAX) continue;
      await this.#clock.sleep(0);
      beganMs = this.#clock.now();
    }
    const text = page.text();
    this.#bytes = text.length + TEXT_BYTES;
    return text;
  }

  async #collect(): Promise<readonly MetricFamily[]> {
    const beganMs = this.#view.nowMs();
    const own = await this.#view.metrics();
    const bounded = bound([...own, ...this.#more()], SERIES_MAX);
    return [...bounded, durationFamily(this.#view.nowMs() - beganMs)];
  }
}

/** Text as it grows, in one piece of memory. */
class Page {
  readonly #encoder = new TextEncoder();
  #bytes: Text;
  #length = 0;

  constructor(bytes: number) {
    this.#bytes = new Uint8Array(bytes);
  }

  add(piece: string): void {
    for (let rest = piece; rest !== "";) {
      const { read, written } = this.#encoder.encodeInto(rest, this.#bytes.subarray(this.#length));
      this.#length += written;
      rest = rest.slice(read);
      if (rest !== "") this.#grow(rest.length);
    }
  }

  text(): Text {
    return this.#bytes.subarray(0, this.#length);
  }

  /** One character takes three bytes at most: there is room for one whatever it is. */
  #grow(characters: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + characters * 3));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function shared(texts: Scrape["texts"], name: string, make: () => Promise<Text>): Promise<Text> {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const text = make();
  texts.set(name, text);
  return text;
}

function pack(text: Text): Promise<Text> {
  return new Promise((resolve, reject) => {
    gzip(text, { level: GZIP_LEVEL }, (error, packed) => {
      if (error === null) resolve(new Uint8Array(packed));
      else reject(error);
    });
  });
}

/** The families with at most so many series in all, and how many were left out, by whoever it was. */
export function bound(families: readonly MetricFamily[], seriesMax: number): MetricFamily[] {
  let left = seriesMax;
  let leftOut = 0;
  const bounded: MetricFamily[] = [];
  for (const family of families) {
    const { samples, table } = family;
    if (family.name === LEFT_OUT) {
      for (const { value } of samples) leftOut += value;
      continue;
    }
    const kept = samples.slice(0, left);
    const rows = Math.min(table?.values.length ?? 0, left - kept.length);
    left -= kept.length + rows;
    leftOut += samples.length - kept.length + (table?.values.length ?? 0) - rows;
    const columns = table && { table: { ...table, values: firstOf(table.values, rows) } };
    bounded.push({ ...family, samples: kept, ...columns });
  }
  const help = "Series that are not told here because there are too many";
  return [...bounded, { name: LEFT_OUT, help, type: "gauge", samples: [{ labels: {}, value: leftOut }] }];
}

function firstOf(values: ArrayLike<number>, count: number): ArrayLike<number> {
  return count === values.length ? values : Array.from({ length: count }, (_, row) => values[row]!);
}

function durationFamily(durationMs: number): MetricFamily {
  return {
    name: "weir_metrics_collect_seconds",
    help: "How long it took to gather these metrics",
    type: "gauge",
    samples: [{ labels: {}, value: durationMs / 1_000 }],
  };
}
