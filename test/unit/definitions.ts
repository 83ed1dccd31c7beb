/**
 * Apache Kafka's own message definitions, where that folder is present, and what of a table must agree with
 * them. `KAFKA_MESSAGES` names the folder of requests and replies, or it lies beside the repository.
 */
import { defaultOf } from "../../src/bytes/schema_types.ts";
import type { Schema, SchemaField } from "../../src/bytes/mod.ts";

const REPOSITORY = new URL("../../", import.meta.url);

/** A definition, which also says what API, or what type of record, it is of. */
export interface Definition extends Schema {
  readonly apiKey: number;
}

/** One folder of definitions: "rpc" or another beside it; `null` where they are not at hand. */
export function definitionsIn(folder: string): ((name: string) => Definition) | null {
  const rpc = Deno.env.get("KAFKA_MESSAGES") ?? new URL("../shared/kafka/messages/rpc", REPOSITORY).pathname;
  const found = folderOf(folder === "rpc" ? rpc : `${rpc.replace(/\/+$/, "")}/../${folder}`);
  if (found === null) console.log("Kafka's definitions are not here: KAFKA_MESSAGES may name their folder");
  return found && ((name) => readDefinition(found, name));
}

function folderOf(path: string): URL | null {
  const folder = new URL(`file://${path.replace(/\/?$/, "/")}`);
  try {
    return Deno.statSync(folder).isDirectory ? folder : null;
  } catch {
    return null;
  }
}

/** The definitions are JSON with comments at the beginning of lines, or behind values. */
function readDefinition(folder: URL, name: string): Definition {
  const text = Deno.readTextFileSync(new URL(`${name}.json`, folder));
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, "").replace(/("|,|\]|\}|\d)\s+\/\/ .*$/gm, "$1"));
}

/** What of a message's fields matters on the wire, spelled one way. */
export function fieldsOf({ fields, commonStructs }: Schema) {
  return fields.map((field) => essence(field, commonStructs));
}

/** Structs that several fields share are shown where they are used. */
function essence(field: SchemaField, structs: Schema["commonStructs"]): Record<string, unknown> {
  const { name, type, versions } = field;
  const fields = field.fields ?? structs?.find(({ name }) => name === type.replace("[]", ""))?.fields;
  return {
    name: name.slice(0, 1).toLowerCase() + name.slice(1),
    type,
    versions: inOneSpelling(versions),
    nullableVersions: inOneSpelling(field.nullableVersions),
    taggedVersions: inOneSpelling(field.taggedVersions),
    tag: field.tag ?? -1,
    flexibleVersions: field.flexibleVersions === undefined ? "as the message" : field.flexibleVersions,
    default: defaultOf(type, field.default),
    ignorable: field.ignorable ?? false,
    fields: fields?.map((inner) => essence(inner, structs)) ?? [],
  };
}

function inOneSpelling(versions: string | undefined): string {
  const [first, last] = (versions ?? "none").split("-");
  return last === undefined || last === first ? first! : `${first}-${last}`;
}

/** True for what looks like a message's table. */
export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && "validVersions" in value;
}
