/**
 * Consumer groups under the names of kafka_exporter, with its labels, help and
 * values: a group has series for every partition of a topic it committed an
 * offset of; a partition without one has the offset −1 and the lag −1, which the
 * sum of the offsets counts and the sum of the lags does not. A commit may be
 * newer than what is known of the log's end: no lag is below 0 for it. The texts
 * of labels are kept from scrape to scrape. Pure.
 */
import {
  escapeLabel,
  type Family,
  family,
  type Labels,
  type Sample,
  type Table,
  tabled,
} from "../meter/mod.ts";
import type { GroupFigures } from "../model/mod.ts";
import type { PartitionRows } from "./rows.ts";

/** Rows of all groups at most: each is two series. */
const ROWS_MAX = 100_000;

/** Texts of one group's topics, a text for each partition. */
type Texts = Map<string, readonly string[]>;

/** The metrics of groups, scrape after scrape. */
export class GroupMetrics {
  readonly #rowsMax: number;
  #texts = new Map<string, Texts>();

  constructor(rowsMax = ROWS_MAX) {
    this.#rowsMax = rowsMax;
  }

  /** The families; `ends` is where each partition ends for consumers, by the rows of `rows`, NaN where that is not known. */
  families(
    figures: GroupFigures,
    rows: PartitionRows,
    ends: Float64Array,
  ): { families: Family[]; leftOut: number } {
    const columns = new Columns(rows, ends, this.#rowsMax);
    const texts = new Map<string, Texts>();
    let at = 0;
    for (const { group, topics } of figures.groups) {
      const kept: Texts = new Map();
      const before = this.#texts.get(group);
      for (const { topic, count } of topics) {
        const partitions = figures.partitions.subarray(at, at + count);
        const offsets = figures.offsets.subarray(at, at + count);
        const told = columns.add({ group, topic, partitions, offsets, texts: before?.get(topic) });
        if (told !== null) kept.set(topic, told);
        at += count;
      }
      if (kept.size > 0) texts.set(group, kept);
    }
    this.#texts = texts;
    const members = figures.groups.map(({ group, members }) => (
      { labels: { consumergroup: group }, value: members }
    ));
    const families = [
      family("gauge", "kafka_consumergroup_members", "Amount of members in a consumer group", members),
      ...columns.families(),
      family("gauge", "weir_groups", "Groups by type and state", countStates(figures)),
    ];
    return { families, leftOut: (columns.leftOut + figures.leftOut) * 2 };
  }
}

/** What one group committed of one topic. */
interface Committed {
  readonly group: string;
  readonly topic: string;
  readonly partitions: Int32Array;
  readonly offsets: Float64Array;
  /** The texts of its rows, where they were made before. */
  readonly texts: readonly string[] | undefined;
}

class Columns {
  readonly #rows: PartitionRows;
  readonly #ends: Float64Array;
  readonly #rowsMax: number;
  readonly #texts: string[] = [];
  readonly #offsets: number[] = [];
  readonly #lags: number[] = [];
  readonly #sums: { labels: Labels; offset: number; lag: number; first: number }[] = [];
  /** Rows there was no room for. */
  leftOut = 0;

  constructor(rows: PartitionRows, ends: Float64Array, rowsMax: number) {
    this.#rows = rows;
    this.#ends = ends;
    this.#rowsMax = rowsMax;
  }

  /**
   * Takes what a group committed of a topic; gives the texts of its rows. One that is gone has no series,
   * whatever is still committed of it: `null`.
   */
  add({ group, topic, partitions, offsets, texts }: Committed): readonly string[] | null {
    const count = this.#rows.image.topics.get(topic)?.partitions.length ?? 0;
    const first = this.#texts.length;
    const hasRoom = first + count <= this.#rowsMax;
    if (!hasRoom) this.leftOut += count;
    if (count === 0 || !hasRoom) return null;
    const told = texts?.length === count ? texts : textsOf(group, topic, count);
    for (const text of told) this.#texts.push(text);
    for (let partition = 0; partition < count; partition++) this.#offsets.push(-1);
    partitions.forEach((partition, index) => {
      if (partition < count) this.#offsets[first + partition] = offsets[index]!;
    });
    const sums = { labels: { consumergroup: group, topic }, offset: 0, lag: 0, first };
    this.#measure(sums, this.#rows.find(topic, 0), count);
    this.#sums.push(sums);
    return told;
  }

  families(): Family[] {
    const where = "of a ConsumerGroup at Topic";
    const sums = (value: (sum: { offset: number; lag: number }) => number) =>
      this.#sums.map((sum): Sample => ({ labels: sum.labels, value: value(sum) }));
    return [
      tabled(
        "kafka_consumergroup_current_offset",
        `Current Offset ${where}/Partition`,
        this.#table(this.#offsets),
      ),
      family(
        "gauge",
        "kafka_consumergroup_current_offset_sum",
        `Current Offset ${where} for all partitions`,
        sums(({ offset }) => offset),
      ),
      tabled(
        "kafka_consumergroup_lag",
        `Current Approximate Lag ${where}/Partition`,
        this.#table(this.#lags),
      ),
      family(
        "gauge",
        "kafka_consumergroup_lag_sum",
        `Current Approximate Lag ${where} for all partitions`,
        sums(({ lag }) => lag),
      ),
    ];
  }

  #measure(sums: { offset: number; lag: number; first: number }, row: number, count: number): void {
    for (let partition = 0; partition < count; partition++) {
      const offset = this.#offsets[sums.first + partition]!;
      const end = this.#ends[row + partition]!;
      const lag = offset < 0 ? (Number.isNaN(end) ? NaN : -1) : Math.max(0, end - offset);
      this.#lags.push(lag);
      sums.offset += offset;
      if (lag > 0) sums.lag += lag;
    }
  }

  #table(values: readonly number[]): Table {
    return { texts: this.#texts, values, labelsOf: (row) => this.#labelsOf(row) };
  }

  #labelsOf(row: number): Labels {
    const { labels, first } = this.#sums.findLast(({ first }) => first <= row)!;
    return { ...labels, partition: String(row - first) };
  }
}

function textsOf(group: string, topic: string, count: number): string[] {
  const head = `{consumergroup="${escapeLabel(group)}",topic="${escapeLabel(topic)}",partition="`;
  return Array.from({ length: count }, (_, partition) => `${head}${partition}"} `);
}

function countStates({ groups }: GroupFigures): Sample[] {
  const counts = new Map<string, { labels: Labels; value: number }>();
  for (const { type, state } of groups) {
    const known = counts.get(`${type} ${state}`);
    if (known === undefined) counts.set(`${type} ${state}`, { labels: { type, state }, value: 1 });
    else known.value++;
  }
  return [...counts.values()];
}
