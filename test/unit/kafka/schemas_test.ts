/** Every table of the Kafka door beside Apache Kafka's own definitions, field by field, where those are present. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Schema } from "../../../src/bytes/mod.ts";
import { servedApis } from "../../../src/kafka/registry.ts";
import { definitionsIn, fieldsOf, isSchema } from "../definitions.ts";

const REPOSITORY = new URL("../../../", import.meta.url);
const definitionOf = definitionsIn("rpc");

/** Ignored where Kafka's definitions are not at hand. */
const whereDefined = definitionOf === null ? it.ignore : it;

const SCHEMAS: Schema[] = [];
for (const { name } of Deno.readDirSync(new URL("src/kafka/schemas/", REPOSITORY))) {
  const module: Record<string, unknown> = await import(new URL(`src/kafka/schemas/${name}`, REPOSITORY).href);
  for (const value of Object.values(module)) if (isSchema(value)) SCHEMAS.push(value);
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
      const definition = definitionOf!(schema.name);
      assert.equal(schema.validVersions, definition.validVersions);
      assert.equal(schema.flexibleVersions, definition.flexibleVersions);
      assert.deepEqual(fieldsOf(schema), fieldsOf(definition));
    });
  }

  whereDefined("belong to the API keys Apache Kafka gives them", () => {
    for (const { key, request } of servedApis()) assert.equal(definitionOf!(request.name).apiKey, key);
  });
});
