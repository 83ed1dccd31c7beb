/**
 * Numbers as people and Prometheus read them: families of samples, with names,
 * labels and units. Made when somebody asks, never while counting.
 */
import { bucketOf, BUCKETS, lowestOf } from "./histogram.ts";
import type { Definition, Labels, Sheet } from "./sheet.ts";

/** One series of a family. */
export interface Sample {
  readonly labels: Labels;
  /** Of counters and gauges; 0 of histograms. */
  readonly value: number;
  /** Of histograms: how many lie at or below each bound, cumulative. Beyond the last bound is only `count`. */
  readonly buckets?: readonly { readonly upTo: number; readonly count: number }[];
  readonly sum?: number;
  readonly count?: number;
}

/** All series of one name. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: Sample[];
  /** Of counters and gauges with a great many series: these, and no samples. */
  readonly table?: Table;
}

/** Series as two columns: no object for any of them, and texts that are made once for many scrapes. */
export interface Table {
  /** What {@linkcode labelText} gives for each row. */
  readonly texts: readonly string[];
  /** A number for each row, finite; NaN where there is no such series now. */
  readonly values: ArrayLike<number>;
  /** The labels of a row. */
  labelsOf(row: number): Labels;
}

/** Told bounds of durations: every power of two from 16 µs to 16.8 s. */
const FIRST_BOUND = bucketOf(2 ** 4);
const LAST_BOUND = bucketOf(2 ** 24);
const BOUND_STEP = 4;

/** What of a sheet is told: everything, or one of its halves, where they are told of different things. */
export type Part = "all" | "histograms" | "numbers";

/** The families of `values`, an array of `sheet`; `labels` go on every sample. */
export function familiesOf(
  sheet: Sheet,
  values: Float64Array,
  labels: Labels = {},
  part: Part = "all",
): Family[] {
  const families = new Map<string, Family>();
  for (const definition of sheet.definitions) {
    const { name, help, type } = definition;
    if (part !== "all" && (part === "histograms") !== (type === "histogram")) continue;
    let family = families.get(name);
    if (family === undefined) families.set(name, family = { name, help, type, samples: [] });
    family.samples.push(sampleOf(definition, values, { ...definition.labels, ...labels }));
  }
  return [...families.values()];
}

/** A family of a single type with what is known of it at this moment. */
export function family(type: "counter" | "gauge", name: string, help: string, samples: Sample[]): Family {
  return { name, help, type, samples };
}

/** A family of gauges in columns. */
export function tabled(name: string, help: string, table: Table): Family {
  return { name, help, type: "gauge", samples: [], table };
}

/** A family of one series without labels. */
export function single(type: "counter" | "gauge", name: string, help: string, value: number): Family {
  return family(type, name, help, [{ labels: {}, value }]);
}

/** Families of one name become one, in the order the names first come. */
export function joinFamilies(lists: Iterable<readonly Family[]>): Family[] {
  const joined = new Map<string, Family>();
  for (const families of lists) {
    for (const family of families) {
      const known = joined.get(family.name);
      if (known === undefined) joined.set(family.name, { ...family, samples: [...family.samples] });
      else for (const sample of family.samples) known.samples.push(sample);
    }
  }
  return [...joined.values()];
}

/** The sum of arrays of one sheet. */
export function addUp(sheet: Sheet, arrays: Iterable<Float64Array>): Float64Array {
  const sum = new Float64Array(sheet.size);
  for (const values of arrays) {
    for (let index = 0; index < sum.length; index++) sum[index]! += values[index]!;
  }
  return sum;
}

/** A sample of a histogram: `slot` is where its sum lies, its buckets come behind it. */
export function histogramSample(values: Float64Array, slot: number, scale: number, labels: Labels): Sample {
  const buckets: { upTo: number; count: number }[] = [];
  let count = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const isBound = bucket >= FIRST_BOUND && bucket <= LAST_BOUND && bucket % BOUND_STEP === 0;
    if (isBound) buckets.push({ upTo: round(lowestOf(bucket) * scale), count });
    count += values[slot + 1 + bucket]!;
  }
  return { labels, value: 0, buckets, sum: round(values[slot]! * scale), count };
}

function sampleOf({ type, slot, scale }: Definition, values: Float64Array, labels: Labels): Sample {
  if (type === "histogram") return histogramSample(values, slot, scale, labels);
  return { labels, value: scale === 1 ? values[slot]! : round(values[slot]! * scale) };
}

/** To 12 digits: 0.001024, not 0.0010239999999999999. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}
