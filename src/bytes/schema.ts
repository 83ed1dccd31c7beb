/**
 * Versioned messages: a table of fields, each with the versions it lives in,
 * compiled once per version into a reader and a writer. The table has the shape
 * of Apache Kafka's own message definitions, so one of those can be used as it
 * is. Serves Kafka's requests and replies and the records of internal topics.
 *
 *     message  field ... | [tagged fields, in flexible versions]
 *     tagged   count uvarint | { tag uvarint | size uvarint | value } ...
 *
 * Reading is bounded: a count is checked against the bytes left, all counts of a
 * message against a million, strings and byte fields are views or short-lived. Tagged fields not in the table are
 * stepped over. Source: KIP-482 and Kafka's message generator.
 */
import type { Reader } from "./reader.ts";
import { arrayCodec, Budget } from "./schema_arrays.ts";
import { defaultOf, type FieldCodec, primitiveCodec } from "./schema_types.ts";
import { Writer } from "./writer.ts";

/** One field of a message. Version ranges: "0+", "2", "1-3", "none". */
export interface SchemaField {
  readonly name: string;
  /** "bool", "int8" ... "uuid", "records", the name of a struct, or "[]" before one of these. */
  readonly type: string;
  /** Versions the field is in. */
  readonly versions: string;
  /** Versions in which it may be `null`; none unless said. */
  readonly nullableVersions?: string;
  /** Versions in which it is a tagged field, under `tag`. */
  readonly taggedVersions?: string;
  readonly tag?: number;
  /** Versions in which its length is compact, if other than the message's. */
  readonly flexibleVersions?: string;
  /** What it is when it is not written; 0, "", false, empty or the nil id unless said. "null" is `null`. */
  readonly default?: unknown;
  /** May be left out silently in a version that does not have it. */
  readonly ignorable?: boolean;
  /** Fields of a struct, or of an array's structs. */
  readonly fields?: readonly SchemaField[];
}

/** A message's table. */
export interface Schema {
  readonly name: string;
  readonly validVersions: string;
  /** Versions with compact lengths and tagged fields. */
  readonly flexibleVersions: string;
  readonly fields: readonly SchemaField[];
  /** Structs that several fields name as their type. */
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly SchemaField[] }[];
}

/** A message's, or a struct's, values by field name. */
export type Message = Record<string, unknown>;

/** Reads and writes one version of a message. */
export interface MessageCodec {
  /** Throws {@linkcode DecodeError}. Bytes beyond the message are left to the caller. */
  read(reader: Reader): Message;
  /** Fields that are not there are written as their default. Throws `RangeError` for what cannot be said. */
  write(writer: Writer, message: Message): void;
}

/**
 * What becomes of a value that the version written has no field for: an error, or, in replies to a peer
 * that chose the version, left out.
 */
export type Unsaid = "refused" | "dropped";

const COMPILED: Readonly<Record<Unsaid, WeakMap<Schema, Map<number, MessageCodec>>>> = {
  refused: new WeakMap(),
  dropped: new WeakMap(),
};

/**
 * The reader and writer of `schema` in `version`, compiled at the first call.
 * Throws `RangeError` when the message has no such version or the table is wrong.
 *
 * @example
 * ```ts
 * const codec = messageCodec(TOPIC_RECORD, 0);
 * codec.write(writer, { name: "orders", topicId });
 * codec.read(new Reader(writer.bytes())); // { name: "orders", topicId }
 * ```
 */
export function messageCodec(schema: Schema, version: number, unsaid: Unsaid = "refused"): MessageCodec {
  let versions = COMPILED[unsaid].get(schema);
  if (versions === undefined) COMPILED[unsaid].set(schema, versions = new Map());
  let codec = versions.get(version);
  if (codec === undefined) {
    if (!inVersions(schema.validVersions, version)) {
      throw new RangeError(`Version "${version}" of ${schema.name} must be in ${schema.validVersions}`);
    }
    const budget = new Budget();
    codec = bounded(compileStruct({ schema, version, unsaid, budget }, schema.fields), budget);
    versions.set(version, codec);
  }
  return codec;
}

/** Each message may have as many elements again. */
function bounded({ read, write }: MessageCodec, budget: Budget): MessageCodec {
  return {
    read(reader) {
      budget.refill();
      return read(reader);
    },
    write,
  };
}

/** True when `version` lies in `range`. */
function inVersions(range: string | undefined, version: number): boolean {
  if (range === undefined || range === "none") return false;
  const parts = /^(\d+)(\+|-(\d+))?$/.exec(range);
  if (parts === null) throw new RangeError(`Version range "${range}" must look like 0+, 2, 1-3 or none`);
  const first = Number(parts[1]);
  if (parts[2] === "+") return version >= first;
  return version >= first && version <= Number(parts[3] ?? first);
}

/** A field as one version has it. */
interface CompiledField {
  readonly name: string;
  readonly codec: FieldCodec;
  /** A fresh default for each message, since arrays can be changed by whoever gets them. */
  readonly makeDefault: () => unknown;
  readonly place: "plain" | "tagged" | "absent";
  readonly tag: number;
  readonly ignorable: boolean;
}

/** What is compiled: one version of one message. */
interface Target {
  readonly schema: Schema;
  readonly version: number;
  readonly unsaid: Unsaid;
  readonly budget: Budget;
}

function compileStruct(target: Target, table: readonly SchemaField[]): MessageCodec {
  const { schema, version, unsaid } = target;
  const isFlexible = inVersions(schema.flexibleVersions, version);
  const fields = table.map((field) => compileField(target, field, isFlexible));
  const tagged = fields.filter((field) => field.place === "tagged").sort((one, other) => one.tag - other.tag);
  const scratch = new Writer(64);
  return {
    read(reader) {
      const message: Message = {};
      for (const field of fields) {
        message[field.name] = field.place === "plain" ? field.codec.read(reader) : field.makeDefault();
      }
      if (isFlexible) readTagged(reader, message, tagged);
      return message;
    },
    write(writer, message) {
      for (const field of fields) {
        if (field.place === "plain") field.codec.write(writer, valueOf(message, field));
        else if (field.place === "absent" && unsaid === "refused") {
          refuseUnsaid(schema, version, field, message);
        }
      }
      if (isFlexible) writeTagged(writer, message, tagged, scratch);
    },
  };
}

function compileField(target: Target, field: SchemaField, isFlexible: boolean): CompiledField {
  const { schema, version } = target;
  const isCompact = field.flexibleVersions === undefined
    ? isFlexible
    : inVersions(field.flexibleVersions, version);
  const isTagged = isFlexible && inVersions(field.taggedVersions, version);
  return {
    name: field.name,
    codec: valueCodec(target, field, isCompact, isTagged),
    makeDefault: defaultMaker(schema, field, version),
    place: isTagged ? "tagged" : inVersions(field.versions, version) ? "plain" : "absent",
    tag: field.tag ?? -1,
    ignorable: field.ignorable ?? false,
  };
}

/** The codec of a field's value: an array, a struct or a primitive. */
function valueCodec(target: Target, field: SchemaField, isCompact: boolean, isTagged = false): FieldCodec {
  const isNullable = inVersions(field.nullableVersions, target.version);
  if (!field.type.startsWith("[]")) {
    const struct = structOf(target, field);
    if (struct === null) return primitiveCodec(field.type, isCompact, isNullable);
    return isNullable ? nullableStruct(struct, isTagged ? 0 : -1) : struct as FieldCodec;
  }
  const { nullableVersions: _, ...element } = { ...field, type: field.type.slice(2) };
  const shape = { name: field.name, isCompact, isNullable };
  return arrayCodec(shape, valueCodec(target, element, isCompact), target.budget);
}

/** The codec of the struct a field names, or `null` when its type is none. */
function structOf(target: Target, field: SchemaField): MessageCodec | null {
  const table = field.fields ?? target.schema.commonStructs?.find(({ name }) => name === field.type)?.fields;
  return table === undefined ? null : compileStruct(target, table);
}

/** A struct behind one byte: 1 for one that follows, for `null` −1, or 0 in a tagged field. */
function nullableStruct(struct: MessageCodec, nullMark: -1 | 0): FieldCodec {
  return {
    read: (reader) => reader.readInt8() <= nullMark ? null : struct.read(reader),
    write(writer, value) {
      writer.writeInt8(value === null ? nullMark : 1);
      if (value !== null) struct.write(writer, value as Message);
    },
  };
}

/** Makes defaults: of a struct, one whose fields are all at theirs. */
function defaultMaker(schema: Schema, field: SchemaField, version: number): () => unknown {
  const table = field.type.startsWith("[]") || field.default !== undefined
    ? undefined
    : field.fields ?? schema.commonStructs?.find(({ name }) => name === field.type)?.fields;
  if (table === undefined) return () => defaultOf(field.type, field.default);
  const makers = table.map((inner) => [inner.name, defaultMaker(schema, inner, version)] as const);
  return () => Object.fromEntries(makers.map(([name, make]) => [name, make()]));
}

function valueOf(message: Message, field: CompiledField): unknown {
  const value = message[field.name];
  return value === undefined ? field.makeDefault() : value;
}

/** Equal as a message shows them: by value, inside arrays and structs too. */
function isDefault(value: unknown, fallback: unknown): boolean {
  if (value === undefined || value === fallback) return true;
  if (value === null || fallback === null || typeof value !== "object" || typeof fallback !== "object") {
    return false;
  }
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0 && "length" in fallback!;
  const names = Object.keys(value);
  return names.every((name) => isDefault((value as Message)[name], (fallback as Message)[name]));
}

/** A value that this version cannot carry is an error, unless it is the default or said to be ignorable. */
function refuseUnsaid(schema: Schema, version: number, field: CompiledField, message: Message): void {
  if (field.ignorable || isDefault(message[field.name], field.makeDefault())) return;
  throw new RangeError(
    `Field "${field.name}" of ${schema.name} must be left out: version ${version} has none`,
  );
}

function readTagged(reader: Reader, message: Message, tagged: readonly CompiledField[]): void {
  for (let left = reader.readUnsignedVarint(); left > 0; left--) {
    const tag = reader.readUnsignedVarint();
    const size = reader.readUnsignedVarint();
    const field = tagged.find((field) => field.tag === tag);
    const from = reader.skip(size);
    if (field === undefined) continue;
    const end = reader.end;
    reader.reset(reader.bytes, from, from + size);
    message[field.name] = field.codec.read(reader);
    reader.reset(reader.bytes, from + size, end);
  }
}

/** Tagged fields at their default are not written at all. */
function writeTagged(
  writer: Writer,
  message: Message,
  tagged: readonly CompiledField[],
  scratch: Writer,
): void {
  const present = tagged.filter((field) => !isDefault(message[field.name], field.makeDefault()));
  writer.writeUnsignedVarint(present.length);
  for (const field of present) {
    scratch.reset();
    field.codec.write(scratch, message[field.name]);
    writer.writeUnsignedVarint(field.tag);
    writer.writeUnsignedVarint(scratch.position);
    writer.writeRaw(scratch.bytes());
  }
}
