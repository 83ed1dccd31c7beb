/**
 * The primitive types a schema's fields can have: how each is read and written,
 * plain or compact, and what it is when nothing is said. Numbers are `number`
 * (64-bit ones clamped to the safe integers, for "never" is 2^63 − 1), ids 22 characters, bytes and records views.
 */
import { DecodeError } from "./decode_error.ts";
import type { Reader } from "./reader.ts";
import { UUID_NIL } from "./uuid.ts";
import type { Writer } from "./writer.ts";

/** Reads and writes one field's value. The writer is given what the table's type says. */
export interface FieldCodec {
  read(reader: Reader): unknown;
  write(writer: Writer, value: unknown): void;
}

function codecOf<T>(read: (reader: Reader) => T, write: (writer: Writer, value: T) => void): FieldCodec {
  return { read, write: (writer, value) => write(writer, value as T) };
}

/** Types of a fixed size, and what they are unless said. */
const FIXED: ReadonlyMap<string, readonly [codec: FieldCodec, fallback: unknown]> = new Map([
  ["bool", [codecOf((from) => from.readBoolean(), (to, value) => to.writeBoolean(value)), false]],
  ["int8", [codecOf((from) => from.readInt8(), (to, value) => to.writeInt8(value)), 0]],
  ["int16", [codecOf((from) => from.readInt16(), (to, value) => to.writeInt16(value)), 0]],
  ["uint16", [codecOf((from) => from.readUint16(), (to, value) => to.writeInt16(value)), 0]],
  ["int32", [codecOf((from) => from.readInt32(), (to, value) => to.writeInt32(value)), 0]],
  ["uint32", [codecOf((from) => from.readUint32(), (to, value) => to.writeUint32(value)), 0]],
  ["int64", [codecOf((from) => from.readInt64Clamped(), (to, value) => to.writeInt64(value)), 0]],
  ["float64", [codecOf((from) => from.readFloat64(), (to, value) => to.writeFloat64(value)), 0]],
  ["uuid", [codecOf((from) => from.readUuid(), (to, value) => to.writeUuid(value)), UUID_NIL]],
]);

const STRING = codecOf<string | null>(
  (from) => from.readNullableString(),
  (to, value) => to.writeString(value),
);
const COMPACT_STRING = codecOf<string | null>(
  (from) => from.readCompactNullableString(),
  (to, value) => to.writeCompactString(value),
);
const BYTES = codecOf<Uint8Array | null>(
  (from) => from.readNullableBytes(),
  (to, value) => to.writeBytes(value),
);
const COMPACT_BYTES = codecOf<Uint8Array | null>(
  (from) => from.readCompactNullableBytes(),
  (to, value) => to.writeCompactBytes(value),
);

/** Records that are longer are not copied on their way into a reply. */
const DETACHED_BYTES_MIN = 4_096;

/** Records: written by reference where they are long. */
function recordsCodec(isCompact: boolean): FieldCodec {
  const whole = isCompact ? COMPACT_BYTES : BYTES;
  return {
    read: whole.read,
    write(writer, value) {
      const bytes = value as Uint8Array | null;
      if (bytes === null || bytes.length < DETACHED_BYTES_MIN) return whole.write(writer, bytes);
      if (isCompact) writer.writeUnsignedVarint(bytes.length + 1);
      else writer.writeInt32(bytes.length);
      writer.writeDetached(bytes);
    },
  };
}

const RECORDS = recordsCodec(false);
const COMPACT_RECORDS = recordsCodec(true);

/** The codec of a primitive type. Throws `RangeError` for a type that does not exist. */
export function primitiveCodec(type: string, isCompact: boolean, isNullable: boolean): FieldCodec {
  const fixed = FIXED.get(type);
  if (fixed !== undefined) return fixed[0];
  if (type !== "string" && type !== "bytes" && type !== "records") {
    throw new RangeError(`Type "${type}" must be a primitive type, or a struct with fields`);
  }
  const sized = type === "string"
    ? (isCompact ? COMPACT_STRING : STRING)
    : type === "records"
    ? (isCompact ? COMPACT_RECORDS : RECORDS)
    : (isCompact ? COMPACT_BYTES : BYTES);
  return isNullable ? sized : neverNull(type, sized);
}

function neverNull(type: string, codec: FieldCodec): FieldCodec {
  return {
    read(reader) {
      const value = codec.read(reader);
      if (value === null) {
        throw new DecodeError(`Field of type "${type}" is null, which this version does not allow`);
      }
      return value;
    },
    write(writer, value) {
      if (value === null) {
        throw new RangeError(`Field of type "${type}" is null, which this version does not allow`);
      }
      codec.write(writer, value);
    },
  };
}

/**
 * What a field is when nothing is written: what its table says, in the spelling
 * of Kafka's definitions too ("-1", "0x7fffffff", "true", "null"), or its type's own.
 */
export function defaultOf(type: string, said: unknown): unknown {
  if (said === null || said === "null") return null;
  if (type.startsWith("[]")) return [];
  if (type === "string") return said ?? "";
  if (type === "bytes" || type === "records") return new Uint8Array(0);
  if (said === undefined || said === "") return FIXED.get(type)?.[1] ?? null;
  if (type === "bool") return said === true || said === "true";
  if (type === "uuid") return said;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(said)));
}
