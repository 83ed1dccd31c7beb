/**
 * Reads metrics as text as strictly as the two forms are described: a family in
 * one place with its words before it, no series twice, histograms that add up.
 * Source: prometheus.io/docs/instrumenting/exposition_formats, the OpenMetrics
 * 1.0 specification.
 */
import assert from "node:assert/strict";

export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string | null;
  /** By what stands in front of the value: names, and labels as they were written. */
  readonly series: Map<string, number>;
}

const LABEL = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total"],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
};

/** The families of a text; throws AssertionError where it breaks the rules. */
export function readMetrics(text: string, isOpen: boolean): Map<string, ReadFamily> {
  assert.ok(text.endsWith("\n"), "the last line ends, too");
  const lines = text.slice(0, -1).split("\n");
  if (isOpen) assert.equal(lines.pop(), "# EOF");
  const families = new Map<string, ReadFamily>();
  let family: ReadFamily | null = null;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (!line.startsWith("# HELP ")) {
      addSeries(family, line, isOpen);
      continue;
    }
    family = readHead(lines.slice(at, at + 3), isOpen);
    assert.ok(!families.has(family.name), `"${family.name}" is in two places`);
    families.set(family.name, family);
    at += family.unit === null ? 1 : 2;
  }
  for (const family of families.values()) if (family.type === "histogram") checkHistogram(family);
  return families;
}

/** The value of one series, whose labels are written in this order; throws where there is none. */
export function valueOf(families: ReadonlyMap<string, ReadFamily>, series: string): number {
  for (const { series: all } of families.values()) {
    const value = all.get(series);
    if (value !== undefined) return value;
  }
  return assert.fail(`There is no series ${series}`);
}

/** The sum of all series of a name. */
export function sumOf(families: ReadonlyMap<string, ReadFamily>, name: string): number {
  let sum = 0;
  for (const { series } of families.values()) {
    for (const [key, value] of series) if (key.split("{")[0] === name) sum += value;
  }
  return sum;
}

/** Every series of a counter or a histogram: what may never fall. */
export function* growing(families: ReadonlyMap<string, ReadFamily>): Generator<[string, number]> {
  for (const { type, series } of families.values()) if (type !== "gauge") yield* series;
}

function readHead(lines: readonly string[], isOpen: boolean): ReadFamily {
  const [, name, help] = /^# HELP (\S+) (.*)$/.exec(lines[0]!)!;
  const [, typed, type] = /^# TYPE (\S+) (\S+)$/.exec(lines[1]!) ?? [];
  assert.equal(typed, name, lines[1] ?? "");
  assert.ok(type! in SUFFIXES, lines[1]!);
  const [, measured, unit] = /^# UNIT (\S+) (\S+)$/.exec(lines[2] ?? "") ?? [];
  assert.equal(unit !== undefined, isOpen && /_(seconds|bytes|ratio)$/.test(name!), `the unit of ${name}`);
  if (unit !== undefined) assert.ok(measured === name && name!.endsWith(`_${unit}`), lines[2]!);
  return { name: name!, type: type!, help: help!, unit: unit ?? null, series: new Map() };
}

function addSeries(family: ReadFamily | null, line: string, isOpen: boolean): void {
  const [, key, name, , labels, value] = /^(([a-zA-Z_:][\w:]*)(\{(.*)\})?) (\S+)$/.exec(line) ?? [];
  assert.ok(family !== null && key !== undefined, `"${line}" is no series of a family`);
  const base = family.type === "counter" && !isOpen ? family.name.replace(/_total$/, "") : family.name;
  assert.ok(SUFFIXES[family.type]!.includes(name!.slice(base.length)) && name!.startsWith(base), line);
  for (let rest = labels ?? ""; rest !== "";) {
    const label = LABEL.exec(rest);
    assert.ok(label !== null, `"${line}" has labels that cannot be read at ${rest}`);
    rest = rest.slice(label[0].length);
  }
  const number = value === "+Inf" ? Infinity : Number(value);
  assert.ok(!Number.isNaN(number) && (family.type === "gauge" || number >= 0), line);
  assert.ok(!family.series.has(key), `"${key}" is told twice`);
  family.series.set(key, number);
}

function checkHistogram({ name, series }: ReadFamily): void {
  const buckets = new Map<string, { upTo: number; count: number }[]>();
  for (const [key, count] of series) {
    const found = /^(\w+)_bucket\{(?:(.*),)?le="([^"]+)"\}$/.exec(key);
    if (found === null) continue;
    const [, , labels = "", bound] = found;
    const list = buckets.get(labels) ?? [];
    buckets.set(labels, list);
    list.push({ upTo: bound === "+Inf" ? Infinity : Number(bound), count });
  }
  for (const [labels, list] of buckets) {
    for (let index = 1; index < list.length; index++) {
      assert.ok(list[index]!.upTo > list[index - 1]!.upTo, `bounds of ${name} grow`);
      assert.ok(list[index]!.count >= list[index - 1]!.count, `buckets of ${name} are cumulative`);
    }
    assert.equal(list.at(-1)!.upTo, Infinity);
    const braces = labels === "" ? "" : `{${labels}}`;
    assert.equal(series.get(`${name}_count${braces}`), list.at(-1)!.count, `${name}${braces}`);
    assert.ok(series.has(`${name}_sum${braces}`));
  }
}
