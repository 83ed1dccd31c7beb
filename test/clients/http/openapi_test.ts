/**
 * The OpenAPI document: sound by an independent validator, and true: requests made
 * from it, good and bad, never break the broker, and answers are as it says.
 */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { connect } from "weir";
import { HttpBroker } from "./http_broker.ts";
import { type MadeRequest, type Operation, operationsOf, requestOf } from "./openapi_requests.ts";

/** Requests of each operation; more of them: `OPENAPI_RUNS=500 deno test ...`. */
const RUNS = Number(Deno.env.get("OPENAPI_RUNS") ?? 20);

/** Checks answers by the document. */
class Judge {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });

  // deno-lint-ignore no-explicit-any -- a document of any shape
  constructor(document: any) {
    this.#ajv.addSchema({ $id: "weir:", components: document.components });
  }

  /** Throws unless the answer is one that the operation declares. */
  check({ answers, method, path }: Operation, response: Response, text: string): void {
    const { status } = response;
    const what = `${method} ${path}: ${status} ${text.slice(0, 500)}`;
    const declared = answers[status] ?? answers[status < 500 && status >= 400 ? "4XX" : "none"];
    assert.ok(declared !== undefined, `not declared, ${what}`);
    const type = response.headers.get("content-type")?.split(";")[0] ?? null;
    if (type === null) return assert.equal(text, "", what);
    if (method === "HEAD") return;
    const schema = declared[type];
    assert.ok(schema !== undefined, `${type} is not declared, ${what}`);
    if (type === "application/json") {
      // Reports on records stand one after another.
      for (const part of text.trimEnd().split("\r\n")) this.#fits(schema, JSON.parse(part), what);
    } else if (type === "application/x-ndjson") {
      const record = { $ref: "#/components/schemas/RecordData" };
      for (const line of text.split("\n").slice(0, -1)) this.#fits(record, JSON.parse(line), what);
      assert.match(text, /^$|\n$/);
    }
  }

  #fits(schema: unknown, value: unknown, what: string): void {
    const target = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"weir:#/'));
    assert.ok(this.#ajv.validate(target, value), `${this.#ajv.errorsText()}, ${what}`);
  }
}

describe("/openapi.json", () => {
  let http: HttpBroker;
  // deno-lint-ignore no-explicit-any -- JSON of any shape
  let document: any;
  let operations: readonly Operation[];

  beforeAll(async () => {
    http = await HttpBroker.start();
    document = (await http.ask("/openapi.json")).json;
    operations = operationsOf(document);
  });
  afterAll(() => http.stop());

  /** A live tail has no end: its beginning is answer enough. */
  const send = async ({ path, init }: MadeRequest) => {
    const response = await fetch(http.url + path, init);
    const isTail = response.headers.get("content-type") === "text/event-stream";
    if (isTail) await response.body!.cancel();
    return { response, text: isTail ? "" : await response.text() };
  };

  /** Some requests delete the topic or forget its records. */
  const restore = async () => {
    await http.createTopic("orders", 2);
    await http.produce("orders", ["one", '{"two":2}']);
  };

  it("is a sound OpenAPI 3.1 document", async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors, null, 2));
    assert.equal(document.openapi, "3.1.0");
    assert.ok(operations.length > 50, `${operations.length} operations`);
  });

  it("has every operation under a name of its own", () => {
    const names = operations.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });

  it("never gets a 5xx for a request made from it, and an answer that it describes", async () => {
    await http.createTopic("kept");
    await http.produce("kept", ["one"]);
    await using weir = await connect(http.broker.native);
    await using consumer = weir.consumer({ group: "readers", topics: ["kept"], from: "earliest" });
    for await (const record of consumer) {
      await consumer.commit(record);
      break;
    }
    const { json: { data: [member] } } = await http.ask("~/consumer-groups/readers/consumers");
    const knownIn = (path: string) => ({
      cluster_id: http.clusterId,
      topic_name: path.includes("consumer-groups") ? "kept" : "orders",
      broker_id: "1",
      partition_id: "0",
      consumer_group_id: "readers",
      consumer_id: member.consumer_id,
      name: path.includes("broker") ? "log.retention.ms" : "retention.ms",
    });
    const judge = new Judge(document);
    let served = 0;
    for (const operation of operations) {
      const statuses = new Set<number>();
      await restore();
      await fc.assert(
        fc.asyncProperty(requestOf(operation, document, knownIn(operation.path)), async (request) => {
          const { response, text } = await send(request);
          judge.check(operation, response, text);
          statuses.add(response.status);
          assert.ok(
            response.status !== 405 && !text.includes("There is nothing at"),
            `${request.path} ${text}`,
          );
        }),
        { numRuns: RUNS },
      );
      if ([...statuses].some((status) => status < 400)) served++;
    }
    // A few can only be refused, and chance may leave out others: most must have been served.
    assert.ok(served > 0.75 * operations.length, `${served} of ${operations.length} operations were served`);
    assert.equal((await http.ask("/health/ready")).status, 200);
  });
});
