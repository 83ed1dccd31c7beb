/**
 * A row for each partition of each topic, topic by topic: where the columns of
 * metrics have its number, and the text of its labels. Made again when the image
 * is another, and then only of topics whose partitions changed. Kept from scrape
 * to scrape. Pure.
 */
import { escapeLabel, type Labels, type Table } from "../meter/mod.ts";
import type { Image, TopicImage } from "../model/mod.ts";

/** The rows of one image. */
export class PartitionRows {
  readonly image: Image;
  readonly texts: readonly string[];
  readonly #firsts = new Map<string, number>();

  /** `before`: the rows of an image before this one. */
  constructor(image: Image, before: PartitionRows | null) {
    this.image = image;
    const texts: string[] = [];
    for (const topic of image.topics.values()) {
      this.#firsts.set(topic.name, texts.length);
      for (const text of before?.textsOf(topic) ?? textsOf(topic)) texts.push(text);
    }
    this.texts = texts;
  }

  /** The row of a partition; −1 where the image has none. */
  find(topic: string, partition: number): number {
    const first = this.#firsts.get(topic);
    if (first === undefined) return -1;
    return partition < this.image.topics.get(topic)!.partitions.length ? first + partition : -1;
  }

  /** A column with nothing in it. */
  column(): Float64Array {
    return new Float64Array(this.texts.length).fill(NaN);
  }

  table(values: Float64Array): Table {
    return { texts: this.texts, values, labelsOf: (row) => this.#labelsOf(row) };
  }

  /** The texts of a topic that is the same in this image; `null` when it is another. */
  textsOf({ name, partitions }: TopicImage): readonly string[] | null {
    if (this.image.topics.get(name)?.partitions !== partitions) return null;
    const first = this.#firsts.get(name)!;
    return this.texts.slice(first, first + partitions.length);
  }

  #labelsOf(row: number): Labels {
    let topic = "";
    let first = 0;
    for (const [name, row0] of this.#firsts) {
      if (row0 > row) break;
      [topic, first] = [name, row0];
    }
    return { topic, partition: String(row - first) };
  }
}

function textsOf({ name, partitions }: TopicImage): string[] {
  const head = `{topic="${escapeLabel(name)}",partition="`;
  return partitions.map((_, partition) => `${head}${partition}"} `);
}
