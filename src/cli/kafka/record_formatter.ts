/**
 * How `kafka-console-consumer` prints a record: Kafka's default formatter, by
 * its properties. The columns, in this order, those that are switched on:
 *
 *     CreateTime:1700000000000 | Partition:0 | Offset:7 | Delivery:NOT_PRESENT |
 *     Epoch:NOT_PRESENT | h1:v1,h2:v2 | key | value
 *
 * `key.separator` stands between columns, `line.separator` at the end. Pure.
 */
import type { ConsumerRecord } from "../../client/mod.ts";
import { type Deserializer, deserializerOf } from "./deserializers.ts";
import { type Properties, switchProperty } from "./properties.ts";

/** What is printed of a record. */
export type FormattedRecord =
  & Pick<
    ConsumerRecord,
    "timestamp" | "timestampType" | "partition" | "offset" | "keyBytes" | "rawHeaders"
  >
  & { bytes(): Uint8Array | null };

/** The pieces of a record's line, in order. */
export type RecordFormatter = (record: FormattedRecord) => readonly Uint8Array[];

const encoder = new TextEncoder();

/** The formatter that `properties` describe. Throws `CommandError` for a deserializer nobody has. */
export function recordFormatter(properties: Properties): RecordFormatter {
  const bytes = (name: string, fallback: string) => encoder.encode(properties.get(name) ?? fallback);
  const columns = columnsOf(properties, bytes("null.literal", "null"), bytes("headers.separator", ","));
  const separator = bytes("key.separator", "\t");
  const end = bytes("line.separator", "\n");
  return (record) =>
    columns.flatMap((column, index) => [
      ...column(record),
      index < columns.length - 1 ? separator : end,
    ]);
}

type Column = (record: FormattedRecord) => readonly Uint8Array[];

function columnsOf(properties: Properties, nullLiteral: Uint8Array, headersSeparator: Uint8Array): Column[] {
  const text =
    (words: (record: FormattedRecord) => string): Column => (record) => [encoder.encode(words(record))];
  const decode = (name: string) => {
    const deserializer = deserializerIn(properties, name);
    return (bytes: Uint8Array | null) => bytes === null ? nullLiteral : deserializer(bytes);
  };
  const header = decode("headers.deserializer");
  const key = decode("key.deserializer");
  const value = decode("value.deserializer");
  const columns: [property: string, column: Column][] = [
    ["print.timestamp", text(timestampText)],
    ["print.partition", text(({ partition }) => `Partition:${partition}`)],
    ["print.offset", text(({ offset }) => `Offset:${offset}`)],
    ["print.delivery", text(() => "Delivery:NOT_PRESENT")],
    ["print.epoch", text(() => "Epoch:NOT_PRESENT")],
    ["print.headers", ({ rawHeaders }) => headerPieces(rawHeaders, headersSeparator, header)],
    ["print.key", ({ keyBytes }) => [key(keyBytes)]],
    ["print.value", (record) => [value(record.bytes())]],
  ];
  return columns
    .filter(([property]) => switchProperty(properties, property, property === "print.value"))
    .map(([, column]) => column);
}

function deserializerIn(properties: Properties, name: string): Deserializer {
  const given = properties.get(name);
  return given === undefined ? (bytes) => bytes : deserializerOf(given);
}

function timestampText({ timestamp, timestampType }: FormattedRecord): string {
  return timestamp < 0 ? "NO_TIMESTAMP" : `${timestampType}:${timestamp}`;
}

function headerPieces(
  headers: FormattedRecord["rawHeaders"],
  separator: Uint8Array,
  decode: (bytes: Uint8Array | null) => Uint8Array,
): Uint8Array[] {
  if (headers.length === 0) return [encoder.encode("NO_HEADERS")];
  return headers.flatMap(([name, value], index) => [
    ...(index === 0 ? [] : [separator]),
    encoder.encode(`${name}:`),
    decode(value),
  ]);
}
