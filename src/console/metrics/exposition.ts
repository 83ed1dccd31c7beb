/**
 * Metrics as text, in the two forms Prometheus reads: its own, version 0.0.4, and
 * OpenMetrics 1.0, which names a counter's family without `_total`, tells units,
 * and says where it ends. Pure: families in, lines out, in pieces, so that whoever
 * writes thousands of series can do something else in between.
 *
 * Source: prometheus.io/docs/instrumenting/exposition_formats, the OpenMetrics
 * 1.0 specification.
 */
import { escapeLabel, labelText } from "../../meter/mod.ts";
import type { MetricFamily, MetricSample, MetricTable } from "../view.ts";

export type Form = "prometheus" | "openmetrics";

/** What each form is called in HTTP's headers. */
export const CONTENT_TYPES: Readonly<Record<Form, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** Series of one piece of text: some 50 KB. */
const SERIES_PER_PIECE = 500;
const TOTAL = "_total";
const UNITS = /_(seconds|bytes|ratio)$/;

/** The form that an Accept header asks for: OpenMetrics where it is wanted at least as much as plain text. */
export function formOf(accept: string | null): Form {
  const weights = { open: 0, plain: 0 };
  for (const range of (accept ?? "").toLowerCase().split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    const weight = q === undefined ? 1 : Number(q.slice(2)) || 0;
    const version = parameters.find((parameter) => parameter.startsWith("version="));
    const isKnown = version === undefined || version === "version=1.0.0" || version === "version=0.0.1";
    if (type === "application/openmetrics-text" && isKnown) weights.open = Math.max(weights.open, weight);
    if (type === "text/plain" || type === "text/*") weights.plain = Math.max(weights.plain, weight);
  }
  return weights.open > 0 && weights.open >= weights.plain ? "openmetrics" : "prometheus";
}

/** True where an Accept-Encoding header asks for gzip. */
export function takesGzip(acceptEncoding: string | null): boolean {
  return (acceptEncoding ?? "").toLowerCase().split(",").some((range) => {
    const [coding, q] = range.split(";").map((part) => part.trim());
    return (coding === "gzip" || coding === "x-gzip") && (q === undefined || Number(q.slice(2)) > 0);
  });
}

/** The text, piece by piece. */
export function* expose(families: Iterable<MetricFamily>, form: Form): Generator<string> {
  const writer = new FamilyWriter(form);
  for (const family of families) {
    yield writer.head(family);
    for (let first = 0; first < family.samples.length; first += SERIES_PER_PIECE) {
      let text = "";
      for (const sample of family.samples.slice(first, first + SERIES_PER_PIECE)) {
        text += writer.sample(family, sample);
      }
      yield text;
    }
    if (family.table !== undefined) yield* rowsOf(family.name, family.table);
  }
  if (form === "openmetrics") yield "# EOF\n";
}

function* rowsOf(name: string, { texts, values }: MetricTable): Generator<string> {
  for (let first = 0; first < values.length; first += SERIES_PER_PIECE) {
    const end = Math.min(values.length, first + SERIES_PER_PIECE);
    let text = "";
    for (let row = first; row < end; row++) {
      const value = values[row]!;
      if (!Number.isNaN(value)) text += name + texts[row]! + value + "\n";
    }
    yield text;
  }
}

class FamilyWriter {
  readonly #isOpen: boolean;
  /** Labels are often shared by the samples of many families: written once each. */
  readonly #labels = new Map<MetricSample["labels"], string>();

  constructor(form: Form) {
    this.#isOpen = form === "openmetrics";
  }

  head({ name, help, type }: MetricFamily): string {
    const isTotal = this.#isOpen && type === "counter" && name.endsWith(TOTAL);
    const base = isTotal ? name.slice(0, -TOTAL.length) : name;
    const unit = this.#isOpen ? UNITS.exec(base)?.[1] : undefined;
    const unitLine = unit === undefined ? "" : `# UNIT ${base} ${unit}\n`;
    return `# HELP ${base} ${this.#help(help)}\n# TYPE ${base} ${type}\n${unitLine}`;
  }

  sample({ name, type }: MetricFamily, sample: MetricSample): string {
    const labels = this.#labelsOf(sample.labels);
    if (type !== "histogram") return name + labels + number(sample.value);
    const { buckets = [], sum = 0, count = 0 } = sample;
    const opened = labels === " " ? "{" : `${labels.slice(0, -2)},`;
    let text = "";
    for (const { upTo, count } of buckets) {
      text += `${name}_bucket${opened}le="${this.#bound(upTo)}"} ${count}\n`;
    }
    return `${text}${name}_bucket${opened}le="+Inf"} ${count}\n` +
      `${name}_sum${labels}${number(sum)}${name}_count${labels}${count}\n`;
  }

  #labelsOf(labels: MetricSample["labels"]): string {
    let text = this.#labels.get(labels);
    if (text === undefined) this.#labels.set(labels, text = labelText(labels));
    return text;
  }

  /** OpenMetrics tells whole bounds as floats, too. */
  #bound(upTo: number): string {
    return this.#isOpen && Number.isInteger(upTo) ? `${upTo}.0` : String(upTo);
  }

  #help(help: string): string {
    return this.#isOpen ? escapeLabel(help) : help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  }
}

/** A value and the line's end. */
function number(value: number): string {
  if (value === Infinity) return "+Inf\n";
  return value === -Infinity ? "-Inf\n" : value + "\n";
}
