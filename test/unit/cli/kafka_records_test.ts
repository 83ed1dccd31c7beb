/** How the commands with Kafka's flags read records from lines, and print them. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { lineReader } from "../../../src/cli/kafka/line_reader.ts";
import { propertiesOf } from "../../../src/cli/kafka/properties.ts";
import { type FormattedRecord, recordFormatter } from "../../../src/cli/kafka/record_formatter.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const textOf = (bytes: unknown) => bytes instanceof Uint8Array ? decoder.decode(bytes) : bytes;

/** A line's key, value and headers as text. */
function read(line: string, ...properties: string[]): unknown[] {
  const record = lineReader(propertiesOf(properties))(encoder.encode(line), 1);
  const headers = record.headers as [string, Uint8Array | null][] | undefined;
  return [
    textOf(record.key),
    textOf(record.value),
    ...(headers ?? []).map(([name, value]) => `${name}=${textOf(value)}`),
  ];
}

const RECORD: FormattedRecord = {
  timestamp: 1_700,
  timestampType: "CreateTime",
  partition: 3,
  offset: 9,
  keyBytes: encoder.encode("k"),
  rawHeaders: [["a", encoder.encode("1")], ["b", null]],
  bytes: () => encoder.encode("v"),
};

function print(record: Partial<FormattedRecord>, ...properties: string[]): string {
  const pieces = recordFormatter(propertiesOf(properties))({ ...RECORD, ...record });
  return pieces.map((piece) => decoder.decode(piece)).join("");
}

describe("lineReader", () => {
  it("lineReader takes a whole line as the value, and its carriage return off", () => {
    assert.deepEqual(read("a\tb"), [null, "a\tb"]);
    assert.deepEqual(read("a\r"), [null, "a"]);
    assert.deepEqual(read(""), [null, ""]);
  });

  it("lineReader keeps bytes that are not UTF-8", () => {
    const reader = lineReader(propertiesOf(["parse.key=true"]));
    const record = reader(Uint8Array.of(0xff, 0x09, 0xfe, 0x00), 1);
    assert.deepEqual([record.key, record.value], [Uint8Array.of(0xff), Uint8Array.of(0xfe, 0x00)]);
  });

  it("lineReader cuts keys and headers at their separators", () => {
    assert.deepEqual(read("k\tv\tw", "parse.key=true"), ["k", "v\tw"]);
    assert.deepEqual(read("k::v", "parse.key= TRUE", "key.separator=::"), ["k", "v"]);
    assert.deepEqual(read("a:1,b:2:3\tk\tv", "parse.key=true", "parse.headers=true"), [
      "k",
      "v",
      "a=1",
      "b=2:3",
    ]);
    const other = ["headers.delimiter=|", "headers.separator=;", "headers.key.separator=="];
    assert.deepEqual(read("a=1;b=2|v", "parse.headers=true", ...other), [null, "v", "a=1", "b=2"]);
  });

  it("lineReader takes the null marker for none, in keys, values and headers", () => {
    const all = ["parse.key=true", "parse.headers=true", "null.marker=N"];
    assert.deepEqual(read("a:N\tN\tN", ...all), [null, null, "a=null"]);
    assert.deepEqual(read("N\tk\tv", ...all), ["k", "v"]);
    assert.throws(() => read("N:1\tk\tv", ...all), /Header keys should not be equal to the null marker 'N'/);
  });

  it("lineReader refuses a line without its parts, unless errors are to be ignored", () => {
    assert.throws(() => read("v", "parse.key=true"), /No key separator found on line number 1: 'v'/);
    assert.throws(() => read("v", "parse.headers=true"), /No headers delimiter found on line number 1: 'v'/);
    assert.throws(() => read("h\tv", "parse.headers=true"), /No header key separator found in pair 'h'/);
    assert.deepEqual(read("v", "parse.key=true", "ignore.error=true"), [null, "v"]);
    assert.deepEqual(read("h\tv", "parse.headers=true", "ignore.error=true"), [null, "v", "h=null"]);
  });

  it("lineReader refuses separators that cannot be told apart", () => {
    assert.throws(
      () => read("", "headers.separator=:"),
      /headers\.separator and headers\.key\.separator may not/,
    );
    assert.throws(() => read("", "null.marker=,"), /null\.marker and headers\.separator may not be equal/);
    assert.throws(() => read("", "key.separator="), /key\.separator must not be empty/);
  });
});

describe("recordFormatter", () => {
  it("recordFormatter prints the value, and columns in Kafka's order when they are asked for", () => {
    assert.equal(print({}), "v\n");
    const names = ["timestamp", "partition", "offset", "delivery", "epoch", "headers", "key"];
    assert.equal(
      print({}, ...names.map((name) => `print.${name}=true`)),
      "CreateTime:1700\tPartition:3\tOffset:9\tDelivery:NOT_PRESENT\tEpoch:NOT_PRESENT\ta:1,b:null\tk\tv\n",
    );
    assert.equal(print({}, "print.value=false", "print.key=true"), "k\n");
  });

  it("recordFormatter takes separators and words for what is not there", () => {
    const separators = ["key.separator=|", "line.separator=;", "headers.separator=&", "null.literal=~"];
    assert.equal(
      print({ keyBytes: null }, "print.key=true", "print.headers=true", ...separators),
      "a:1&b:~|~|v;",
    );
    const bare = { timestamp: -1, rawHeaders: [] };
    assert.equal(print(bare, "print.timestamp=true", "print.headers=true"), "NO_TIMESTAMP\tNO_HEADERS\tv\n");
    assert.equal(
      print({ timestampType: "LogAppendTime" }, "print.timestamp=true"),
      "LogAppendTime:1700\tv\n",
    );
  });

  it("recordFormatter reads numbers as Kafka's deserializers write them, and refuses other lengths", () => {
    const value = (name: string, ...bytes: number[]) =>
      print(
        { bytes: () => Uint8Array.from(bytes) },
        `value.deserializer=org.apache.kafka.common.serialization.${name}`,
      );
    assert.equal(value("LongDeserializer", 0, 0, 0, 0, 0, 0, 1, 2), "258\n");
    assert.equal(value("IntegerDeserializer", 255, 255, 255, 254), "-2\n");
    assert.equal(value("DoubleDeserializer", 0x3f, 0xf0, 0, 0, 0, 0, 0, 0), "1.0\n");
    assert.equal(value("BooleanDeserializer", 1), "true\n");
    assert.equal(value("StringDeserializer", 0x61), "a\n");
    assert.throws(() => value("LongDeserializer", 1), /Size of data received by LongDeserializer is not 8/);
    assert.throws(() => value("AvroDeserializer", 1), /Deserializer ".*AvroDeserializer" cannot be loaded/);
    assert.equal(print({ bytes: () => null }, "value.deserializer=LongDeserializer"), "null\n");
  });
});
