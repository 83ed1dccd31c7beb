/**
 * Every table of the Kafka door beside Apache Kafka's own definitions, field by
 * field, where that folder is present: `KAFKA_MESSAGES` names it, or it lies
 * beside the repository.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { defaultOf } from "../../../src/bytes/schema_types.ts";
import type { Schema, SchemaField } from "../../../src/bytes/mod.ts";
import { servedApis } from "../../../src/kafka/registry.ts";

const REPOSITORY = new URL("../../../", import.meta.url);
const DEFINITIONS = folderOf(
  Deno.env.get("KAFKA_MESSAGES") ?? new URL("../shared/kafka/messages/rpc", REPOSITORY).pathname,
);

/** Ignored where Kafka's definitions are not at hand. */
const whereDefined = DEFINITIONS === null ? it.ignore : it;
if (DEFINITIONS === null) {
  console.log("Kafka's definitions are not here: KAFKA_MESSAGES may name their folder");
}

const SCHEMAS: Schema[] = [];
for (const { name } of Deno.readDirSync(new URL("src/kafka/schemas/", REPOSITORY))) {
  const module: Record<string, unknown> = await import(new URL(`src/kafka/schemas/${name}`, REPOSITORY).href);
  for (const value of Object.values(module)) if (isSchema(value)) SCHEMAS.push(value);
}

interface Definition extends Schema {
  readonly apiKey: number;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && "validVersions" in value;
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
function definitionOf(name: string): Definition {
  const text = Deno.readTextFileSync(new URL(`${name}.json`, DEFINITIONS!));
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, "").replace(/("|,|\]|\}|\d)\s+\/\/ .*$/gm, "$1"));
}

/** What of a field matters on the wire, spelled one way; structs that several fields share where they are used. */
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

function fieldsOf({ fields, commonStructs }: Schema) {
  return fields.map((field) => essence(field, commonStructs));
}

describe("the tables of the Kafka door", () => {
  it("are there for every API that is served, its request and its reply", () => {
    assert.ok(SCHEMAS.length >= 2 * servedApis().length);
    for (const { request, response } of servedApis()) {
      assert.ok(SCHEMAS.includes(request), request.name);
      assert.ok(SCHEMAS.includes(response), response.name);
      assert.equal(request.validVersions, response.validVersions);
    }
  });

  for (const schema of SCHEMAS) {
    whereDefined(`${schema.name} says what Apache Kafka's definition says`, () => {
      const definition = definitionOf(schema.name);
      assert.equal(schema.validVersions, definition.validVersions);
      assert.equal(schema.flexibleVersions, definition.flexibleVersions);
      assert.deepEqual(fieldsOf(schema), fieldsOf(definition));
    });
  }

  whereDefined("belong to the API keys Apache Kafka gives them", () => {
    for (const { key, request } of servedApis()) assert.equal(definitionOf(request.name).apiKey, key);
  });
});
