/**
 * The OpenAPI document: sound by an independent validator, and true: requests made
 * from it, good and bad, never break the broker, and answers are as it says.
 */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { HttpBroker } from "./http_broker.ts";
import { type Operation, operationsOf, requestOf } from "./openapi_requests.ts";

const RUNS = 12;

describe("/openapi.json", () => {
  let http: HttpBroker;
  // deno-lint-ignore no-explicit-any -- JSON of any shape
  let document: any;
  let operations: readonly Operation[];

  beforeAll(async () => {
    http = await HttpBroker.start();
    await http.createTopic("orders", 2);
    await http.produce("orders", ["one", "two"]);
    document = (await http.ask("/openapi.json")).json;
    operations = operationsOf(document);
  });
  afterAll(() => http.stop());

  it("is a sound OpenAPI 3.1 document", async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors, null, 2));
    assert.equal(document.openapi, "3.1.0");
    assert.ok(operations.length > 40, `${operations.length} operations`);
  });

  it("has every operation under a name of its own", () => {
    const names = operations.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });

  it("never gets a 5xx for a request made from it, and an answer that it describes", async () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: "weir:", components: document.components });
    const known = { cluster_id: http.clusterId, topic_name: "orders", broker_id: "1", partition_id: "0" };
    for (const operation of operations) {
      await fc.assert(
        fc.asyncProperty(requestOf(operation, document, known), async ({ path, init }) => {
          const { status, json, text } = await http.ask(path, init);
          assert.ok(status < 500, `${init.method} ${path} ${init.body}: ${status} ${text}`);
          const schema = operation.answers[status] ?? operation.answers["4XX"];
          assert.ok(status < 400 ? status in operation.answers : true, `${init.method} ${path}: ${status}`);
          if (schema === undefined || schema === null || json === null) return;
          const target = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"weir:#/'));
          assert.ok(ajv.validate(target, json), `${path} ${text}: ${ajv.errorsText()}`);
        }),
        { numRuns: RUNS },
      );
    }
    assert.equal((await http.ask("/health/ready")).status, 200);
  });
});
