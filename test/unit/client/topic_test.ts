import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Schema, topic, type WeirError } from "weir";
import { type TopicCodecs, topicCodecs } from "../../../src/client/topic.ts";

interface Order {
  order: number;
}

/** A schema as a library would make it: takes an order, gives it back with a default. */
const Order: Schema<Order, Order & { currency: string }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate(value) {
      const { order, currency } = (value ?? {}) as Record<string, unknown>;
      if (typeof order !== "number") return { issues: [{ message: "must be a number", path: ["order"] }] };
      return { value: { order, currency: String(currency ?? "EUR") } };
    },
  },
};

function through(codecs: TopicCodecs, value: unknown): unknown {
  const encoded = codecs.value.encode(value, "Value");
  return codecs.value.decode(
    typeof encoded === "string" ? new TextEncoder().encode(encoded) : encoded,
    "Value",
  );
}

function isCode(code: string): (error: WeirError) => boolean {
  return (error) => error.code === code;
}

describe("topic", () => {
  it("auto gives objects and arrays back as they were, text as text, other bytes as bytes", () => {
    const codecs = topicCodecs("any");
    for (const value of [{ a: [1, null] }, [1, 2], "plain", "", "{ no json", new Uint8Array([0xff, 1])]) {
      assert.deepEqual(through(codecs, value), value);
    }
  });

  it("auto gives what is JSON but no object back as its text", () => {
    assert.equal(through(topicCodecs("any"), 5), "5");
    assert.equal(through(topicCodecs("any"), true), "true");
  });

  it("json, string, number and bytes give back what they take", () => {
    const cases = {
      json: [5, "text", { a: 1 }, null],
      string: ["5", "ä"],
      number: [-1.5, 0, 1e300],
    } as const;
    for (const [format, values] of Object.entries(cases)) {
      const codecs = topicCodecs(topic("t", { value: format as "json" }));
      for (const value of values) assert.deepEqual(through(codecs, value), value);
    }
    assert.deepEqual(
      through(topicCodecs(topic("t", { value: "bytes" })), new Uint8Array([1])),
      new Uint8Array([1]),
    );
  });

  it("formats refuse what does not fit them, with the value", () => {
    const string = topicCodecs(topic("t", { value: "string" }));
    assert.throws(() => through(string, 5), isCode("INVALID_VALUE"));
    const number = topicCodecs(topic("t", { value: "number" }));
    assert.throws(() => through(number, NaN), isCode("INVALID_VALUE"));
    assert.throws(
      () => number.value.decode(new TextEncoder().encode("five"), "Value"),
      /Value "five" must be a number/,
    );
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    assert.throws(() => through(topicCodecs("any"), loop), isCode("INVALID_VALUE"));
    assert.throws(() => through(topicCodecs("any"), () => 1), isCode("INVALID_VALUE"));
  });

  it("a schema checks what is sent and gives its output to who reads", () => {
    const codecs = topicCodecs(topic("orders", { value: Order }));
    assert.deepEqual(through(codecs, { order: 1 }), { order: 1, currency: "EUR" });
    assert.throws(
      () => codecs.value.encode({ order: "1" }, "Value"),
      /does not fit its schema: "order" must be a number/,
    );
    const bad = new TextEncoder().encode('{"order":null}');
    assert.throws(() => codecs.value.decode(bad, "Value"), isCode("INVALID_VALUE"));
  });

  it("an asynchronous schema and an unknown format are refused in words", () => {
    const slow: Schema = {
      "~standard": { version: 1, vendor: "test", validate: (value) => Promise.resolve({ value }) },
    };
    const codecs = topicCodecs(topic("t", { value: slow }));
    assert.throws(() => codecs.value.encode(1, "Value"), isCode("INVALID_ARGUMENT"));
    assert.throws(
      () => topicCodecs(topic("t", { value: "xml" as "json" })),
      /Format "xml" must be one of auto, json/,
    );
  });
});
