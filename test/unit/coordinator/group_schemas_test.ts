/** The tables of group records beside Apache Kafka's own definitions, where those are present. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as schemas from "../../../src/coordinator/journal/group_schemas.ts";
import { definitionsIn, fieldsOf, isSchema } from "../definitions.ts";

const definitionOf = definitionsIn("group-coordinator");
const whereDefined = definitionOf === null ? it.ignore : it;

describe("the tables of group records", () => {
  for (const schema of Object.values(schemas).filter(isSchema)) {
    whereDefined(`${schema.name} says what Apache Kafka's definition says`, () => {
      const definition = definitionOf!(schema.name);
      assert.equal(schema.validVersions, definition.validVersions);
      assert.equal(schema.flexibleVersions, definition.flexibleVersions);
      assert.deepEqual(fieldsOf(schema), fieldsOf(definition));
    });
  }
});
