/**
 * Metrics as text, in the two forms Prometheus reads: its own, version 0.0.4, and
 * OpenMetrics 1.0, which names a counter's family without `_total`, tells units,
 * and says where it ends. Pure: families in, lines out, in pieces, so that whoever
 * writes thousands of series can do something else in between.
 *
 * Source: prometheus.io/docs/instrumenting/exposition_formats, the OpenMetrics
 * 1.0 specification.
 */
import type { MetricFamily, MetricSample } from "../view.ts";

export type Form = "prometheus" | "openmetrics";

/** What each form is called in HTTP's headers. */
export const CONTENT_TYPES: Readonly<Record<Form, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** Series of one piece of text. */
const SERIES_PER_PIECE = 2_000;
const TOTAL = "_total";
const UNITS = /_(seconds|bytes)$/;

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

/** The text, piece by piece. */
export function* expose(families: Iterable<MetricFamily>, form: Form): Generator<string> {
  const writer = new FamilyWriter(form);
  let text = "";
  let series = 0;
  for (const family of families) {
    text += writer.head(family);
    for (const sample of family.samples) {
      text += writer.sample(family, sample);
      if (++series % SERIES_PER_PIECE > 0) continue;
      yield text;
      text = "";
    }
  }
  yield form === "openmetrics" ? `${text}# EOF\n` : text;
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

  /** What stands between a name and its value: labels in braces, if there are any, and a space. */
  #labelsOf(labels: MetricSample["labels"]): string {
    let text = this.#labels.get(labels);
    if (text !== undefined) return text;
    text = "";
    for (const name in labels) {
      text += (text === "" ? "{" : ",") + name + '="' + escapeValue(labels[name]!) + '"';
    }
    text += text === "" ? " " : "} ";
    this.#labels.set(labels, text);
    return text;
  }

  /** OpenMetrics tells whole bounds as floats, too. */
  #bound(upTo: number): string {
    return this.#isOpen && Number.isInteger(upTo) ? `${upTo}.0` : String(upTo);
  }

  #help(help: string): string {
    return this.#isOpen ? escapeValue(help) : help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  }
}

const SPECIAL = /[\\"\n]/;

function escapeValue(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** A value and the line's end. */
function number(value: number): string {
  if (value === Infinity) return "+Inf\n";
  return value === -Infinity ? "-Inf\n" : value + "\n";
}
