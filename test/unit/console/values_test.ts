/** Keys and values between bytes and JSON. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseJson } from "../../../src/console/body.ts";
import { encodeData, type Format, recordText } from "../../../src/console/records/values.ts";

const encoder = new TextEncoder();

function record(value: Uint8Array | null) {
  return {
    topic: 'to"pic',
    partition: 1,
    offset: 5,
    timestamp: 0,
    timestampType: "CreateTime" as const,
    key: null,
    value,
    headers: [{ key: "h", value: encoder.encode("{}") }, { key: "n", value: null }],
  };
}

function shown(value: string | Uint8Array, format: Format) {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  const parsed = JSON.parse(recordText(record(bytes), { key: "auto", value: format }));
  return [parsed.value, parsed.value_format];
}

describe("recordText", () => {
  it("is one line of JSON with the record's place, time and headers", () => {
    const text = recordText(record(null), { key: "auto", value: "auto" });
    assert.ok(!text.includes("\n"));
    assert.deepEqual(JSON.parse(text), {
      topic: 'to"pic',
      partition: 1,
      offset: 5,
      timestamp: "1970-01-01T00:00:00.000Z",
      timestamp_type: "CreateTime",
      key: null,
      key_format: "null",
      value: null,
      value_format: "null",
      headers: [{ name: "h", value: "{}", value_format: "string" }, {
        name: "n",
        value: null,
        value_format: "null",
      }],
    });
  });

  it("shows auto values as the JSON, the text or the bytes that they are", () => {
    assert.deepEqual(shown('{"a":[1]}', "auto"), [{ a: [1] }, "json"]);
    assert.deepEqual(shown("42", "auto"), ["42", "string"]);
    assert.deepEqual(shown("{no", "auto"), ["{no", "string"]);
    assert.deepEqual(shown(Uint8Array.of(255, 0), "auto"), ["/wA=", "base64"]);
    assert.deepEqual(shown(Uint8Array.of(0x92, 1, 0xc0), "auto"), [[1, null], "msgpack"]);
    assert.deepEqual(shown(Uint8Array.of(0x92, 1), "auto"), ["kgE=", "base64"]);
    // Letters whose first byte could begin a list, too.
    assert.deepEqual(shown("\u0710", "auto"), ["\u0710", "string"]);
  });

  it("shows the form that was asked for, and says so where it cannot", () => {
    assert.deepEqual(shown("42", "json"), [42, "json"]);
    assert.deepEqual(shown("no", "json"), ["no", "string"]);
    assert.deepEqual(shown('{"a":1}', "string"), ['{"a":1}', "string"]);
    assert.deepEqual(shown(Uint8Array.of(255), "string"), ["/w==", "base64"]);
    assert.deepEqual(shown("hi", "base64"), ["aGk=", "base64"]);
    assert.deepEqual(shown("hi", "hex"), ["6869", "hex"]);
  });

  it("keeps every digit and stays on one line, whatever the JSON looks like", () => {
    const text = recordText(record(encoder.encode('{\r\n "n": 12345678901234567890,\n "t": "a\\nb"\n}')), {
      key: "auto",
      value: "auto",
    });
    assert.ok(text.includes("12345678901234567890") && !/[\r\n]/.test(text), text);
    assert.equal(JSON.parse(text).value.t, "a\nb");
  });
});

describe("encodeData", () => {
  const decode = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes);

  it("makes bytes of text, base64 and JSON, and nothing of nothing", () => {
    assert.equal(decode(encodeData("STRING", "ä", "The key")), "ä");
    assert.equal(decode(encodeData("BINARY", "aGk=", "The key")), "hi");
    assert.equal(decode(encodeData("JSON", { a: "b" }, "The key")), '{"a":"b"}');
    assert.equal(decode(encodeData("JSON", "b", "The key")), '"b"');
    assert.equal(encodeData("STRING", null, "The key"), null);
    assert.equal(encodeData("JSON", undefined, "The key"), null);
  });

  it("refuses what is not of the type", () => {
    assert.throws(() => encodeData("STRING", 5, "The key"), /The key of type "STRING" must be text/);
    assert.throws(() => encodeData("BINARY", "!", "The value"), /The value of type "BINARY" must be base64/);
  });

  it("keeps the digits of numbers that JavaScript would round", () => {
    const data = parseJson('{"a":12345678901234567890,"b":[1e999,0.1,-0.12345678901234567890123],"c":"1e5"}');
    assert.equal(
      decode(encodeData("JSON", data, "The value")),
      '{"a":12345678901234567890,"b":[1e999,0.1,-0.12345678901234567890123],"c":"1e5"}',
    );
  });
});
