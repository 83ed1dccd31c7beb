/**
 * Messages of Kafka's protocol made from their tables: for the round trips, for the
 * door's fuzz target and its seeds. Everything comes out of one generator of numbers,
 * so that a finding can be made again from its seed.
 */
import { concat } from "@std/bytes/concat";
import { type Message, messageCodec, type Schema, type SchemaField, Writer } from "../../src/bytes/mod.ts";
import type { Api } from "../../src/kafka/api.ts";

/** Numbers in [0, 1). */
export type Random = () => number;

/** A topic the fake broker of the fuzz target has. */
export const TOPIC = "orders";
export const TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAKg";
const TEXTS = [TOPIC, TOPIC, "", "a", "ünïcödé 🦫", "__weir", "1", "2", "retention.ms", "x".repeat(300)];
const IDS = [TOPIC_ID, TOPIC_ID, "AAAAAAAAAAAAAAAAAAAAAA", "_____________________w"];
const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  int8: [0, 1, -1, 2, 4, 127, -128],
  int16: [0, 1, -1, 2, 300, 32_767, -32_768],
  uint16: [0, 1, 65_535],
  int32: [0, 1, -1, 2, 1_000, 2_147_483_647, -2_147_483_648],
  uint32: [0, 1, 4_294_967_295],
  int64: [0, 1, -1, -2, -4, 1_700_000_000_000, 2 ** 40 + 5, -(2 ** 50)],
  float64: [0, 1.5, -1e300],
};

/** True when `version` lies in a table's range: "0+", "2", "1-3", "none". */
export function isIn(range: string | undefined, version: number): boolean {
  if (range === undefined || range === "none") return false;
  const [first, last] = range.endsWith("+") ? [range.slice(0, -1), "Infinity"] : range.split("-");
  return version >= Number(first) && version <= Number(last ?? first);
}

/** Every version of a range with an end. */
export function versionsOf(range: string): number[] {
  const [first, last] = range.split("-").map(Number);
  return Array.from({ length: (last ?? first!) - first! + 1 }, (_, index) => first! + index);
}

export interface MakeOptions {
  /** Fields that the version does not have are set too, none is null and no array is empty. */
  readonly isFull?: boolean;
}

/** A message that can be written in `version`. */
export function makeMessage(
  schema: Schema,
  version: number,
  random: Random,
  options: MakeOptions = {},
): Message {
  const make = (fields: readonly SchemaField[]): Message => {
    const isThere = ({ versions, taggedVersions }: SchemaField) =>
      options.isFull === true || isIn(versions, version) || isIn(taggedVersions, version);
    return Object.fromEntries(fields.filter(isThere).map((field) => [field.name, value(field, field.type)]));
  };
  const value = (field: SchemaField, type: string): unknown => {
    const isFull = options.isFull === true;
    if (!isFull && type === field.type && isIn(field.nullableVersions, version) && random() < 0.2) {
      return null;
    }
    if (type.startsWith("[]")) {
      const count = isFull ? 2 : Math.floor(random() * 4);
      return Array.from({ length: count }, () => value(field, type.slice(2)));
    }
    const inner = field.fields ?? schema.commonStructs?.find(({ name }) => name === type)?.fields;
    return inner === undefined ? primitive(type, random) : make(inner);
  };
  return make(schema.fields);
}

function primitive(type: string, random: Random): unknown {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!;
  if (type === "string") return pick(TEXTS);
  if (type === "uuid") return pick(IDS);
  if (type === "bool") return random() < 0.5;
  if (type === "bytes" || type === "records") return makeBytes(random);
  return pick(NUMBERS[type]!);
}

/** Bytes of any kind, or what looks like a record batch to those who look at its head alone. */
function makeBytes(random: Random): Uint8Array {
  const length = random() < 0.02 ? 5_000 : Math.floor(random() * 90);
  const bytes = Uint8Array.from({ length }, () => Math.floor(random() * 256));
  if (length < 61 || random() < 0.3) return bytes;
  const view = new DataView(bytes.buffer);
  view.setInt32(8, length - 12);
  bytes[16] = 2;
  view.setInt16(21, Math.floor(random() * 6));
  return bytes;
}

/** A whole request frame without its length: header and body. */
export function requestFrame(
  api: Api,
  version: number,
  body: Message,
  clientId: string | null = "fuzz",
): Uint8Array {
  const writer = new Writer();
  writer.writeInt16(api.key);
  writer.writeInt16(version);
  writer.writeInt32(7);
  writer.writeString(clientId);
  if (isIn(api.request.flexibleVersions, version)) writer.writeUnsignedVarint(0);
  messageCodec(api.request, version).write(writer, body);
  return wholeOf(writer);
}

/** All that was written, long records too, which a writer holds by reference. */
export function wholeOf(writer: Writer): Uint8Array<ArrayBuffer> {
  return concat(writer.chunks());
}
