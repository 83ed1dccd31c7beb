/** Records of `__consumer_offsets` that Apache Kafka's own classes wrote: read, and written again byte for byte. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { decodeGroupRecord } from "../../src/coordinator/journal/decode_groups.ts";
import { GroupEncoder } from "../../src/coordinator/journal/encode_groups.ts";
import { IMAGE_EMPTY } from "../../src/model/mod.ts";
import { BatchBuilder, readRecords } from "../../src/record/mod.ts";
import { IMAGE, RECORDS } from "./group_records.ts";

const TEXT = Deno.readTextFileSync(new URL("group_records.txt", import.meta.url));
const LINES = TEXT.trimEnd().split("\n").filter((line) => !line.startsWith("#")).map((line) => {
  const [name, key, value] = line.split(" ") as [string, string, string];
  return { name, key, value };
});

function hexOf(bytes: Uint8Array | null): string {
  return bytes === null ? "-" : bytes.toHex();
}

describe("records that Kafka wrote to __consumer_offsets", () => {
  it("are all known by name", () => {
    assert.deepEqual(LINES.map(({ name }) => name).sort(), Object.keys(RECORDS).sort());
  });

  for (const { name, key, value } of LINES) {
    it(`${name} is read as what it is`, () => {
      const bytes = value === "-" ? null : Uint8Array.fromHex(value);
      assert.deepEqual(decodeGroupRecord(Uint8Array.fromHex(key), bytes), RECORDS[name]);
    });
    const record = RECORDS[name];
    if (/^(read|unknown)_/.test(name) || !record) continue;
    it(`${name} is written byte for byte`, () => {
      const builder = new BatchBuilder();
      const image = name === "offset_of_no_topic" ? IMAGE_EMPTY : IMAGE;
      new GroupEncoder().encode(builder, image, record, 0);
      const [written] = readRecords(builder.build());
      assert.deepEqual([hexOf(written!.key), hexOf(written!.value)], [key, value]);
    });
  }
});
