/** What tests of metrics build and read: images, and families as short texts. */
import type { Family } from "../../../src/meter/mod.ts";
import { type Image, IMAGE_EMPTY, type PartitionImage } from "../../../src/model/mod.ts";

const PARTITION = { leader: 1, leaderEpoch: 0, replicas: [1, 2], inSyncReplicas: [1, 2] };

/** An image of topics with these partitions, or so many, and settings. */
export function imageOf(
  topics: Readonly<Record<string, number | readonly Partial<PartitionImage>[]>>,
  settings: Readonly<Record<string, Record<string, string>>> = {},
): Image {
  const entries = Object.entries(topics).map(([name, given]) => {
    const fields = typeof given === "number" ? Array.from({ length: given }, () => ({})) : given;
    const partitions = fields.map((fields, partition) => ({ ...PARTITION, ...fields, partition }));
    return [name, { name, id: name, internal: false, partitions, settings: settings[name] ?? {} }] as const;
  });
  return { ...IMAGE_EMPTY, topics: new Map(entries) };
}

/** Every series of each family, by the end of its name: "labels: value". */
export function told(families: readonly Family[]): Record<string, string[]> {
  return Object.fromEntries(families.map((family) => {
    const name = family.name.replace(/^(weir|kafka_topic|kafka_consumergroup)_/, "");
    return [name, seriesOf(family)];
  }));
}

function seriesOf({ samples, table }: Family): string[] {
  const line = (labels: Readonly<Record<string, string>>, value: number) =>
    `${Object.values(labels).join("/")}: ${value}`.replace(/^: /, "");
  const rows = Array.from(table?.values ?? [], (value, row) => ({ row, value }))
    .filter(({ value }) => !Number.isNaN(value))
    .map(({ row, value }) => line(table!.labelsOf(row), value));
  return [...samples.map(({ labels, value }) => line(labels, value)), ...rows];
}
