import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DecodeError, Reader, Writer } from "../../../src/bytes/mod.ts";
import {
  type MetadataRecord,
  readMetadataRecord,
  writeMetadataRecord,
} from "../../../src/coordinator/journal/metadata_record.ts";

describe("metadata records", () => {
  it("are Kafka's own bytes", () => {
    const writer = new Writer();
    writeMetadataRecord(writer, { kind: "topic", name: "foo", id: "AAAAAAAAAAAAAAAAAAAAAQ" });
    assert.equal(writer.bytes().toHex(), "01020004666f6f0000000000000000000000000000000100");
    writer.reset();
    writeMetadataRecord(writer, { kind: "config", topic: "foo", name: "k", value: null });
    assert.equal(writer.bytes().toHex(), "0104000204666f6f026b0000");
    writer.reset();
    writeMetadataRecord(writer, { kind: "remove_topic", id: "AAAAAAAAAAAAAAAAAAAAAQ" });
    assert.equal(writer.bytes().toHex(), "0109000000000000000000000000000000000100");
    writer.reset();
    writeMetadataRecord(writer, { kind: "broker_config", broker: "1", name: "k", value: "v" });
    assert.equal(writer.bytes().toHex(), "01040004" + "0231" + "026b" + "0276" + "00");
    writer.reset();
    writeMetadataRecord(writer, { kind: "producer_ids", brokerId: 1, nextProducerId: 2_000 });
    const ids = "00000001" + "ffffffffffffffff" + "00000000000007d0";
    assert.equal(writer.bytes().toHex(), "010f00" + ids + "00");
  });

  it("are read with directories and tagged fields of newer versions", () => {
    const uuid = "00000000000000000000000000000001";
    const one = "0200000001"; // a compact array of the one number 1
    const fields = "00000003" + uuid + one + one + "01" + "01" + "00000001" + "00000002" + "00000000";
    const tagged = "01" + "01" + "05" + one; // field 1, five bytes
    const bytes = Uint8Array.fromHex("010302" + fields + "02" + uuid + tagged);
    assert.deepEqual(readMetadataRecord(new Reader(bytes)), {
      kind: "partition",
      topicId: "AAAAAAAAAAAAAAAAAAAAAQ",
      partition: 3,
      replicas: [1],
      inSyncReplicas: [1],
      leader: 1,
      leaderEpoch: 2,
    });
  });
  it("are read back as they were written", () => {
    const records: MetadataRecord[] = [
      { kind: "config", topic: "foo", name: "k", value: "v" },
      { kind: "broker_config", broker: "1", name: "k", value: null },
      { kind: "feature_level", name: "metadata.version", level: 25 },
      { kind: "producer_ids", brokerId: 7, nextProducerId: Number.MAX_SAFE_INTEGER },
    ];
    for (const record of records) {
      const writer = new Writer();
      writeMetadataRecord(writer, record);
      assert.deepEqual(readMetadataRecord(new Reader(writer.bytes())), record);
    }
  });

  it("are refused in words where they are newer, or about something else", () => {
    const read = (hex: string) => readMetadataRecord(new Reader(Uint8Array.fromHex(hex)));
    const ids = "00000001" + "ffffffffffffffff" + "00000000000007d0" + "00";
    assert.deepEqual(read("010f00" + ids).kind, "producer_ids");
    assert.throws(() => read("010f01" + ids), /type "15" has version "1", which is too new/);
    assert.throws(
      () => read("01040008" + "0231" + "026b" + "0276" + "00"),
      /type "4" is not one of those that Weir writes/,
    );
    assert.throws(() => read("010f00" + ids + "00"), /is followed by "1" bytes/);
    assert.throws(
      () => read("010f00" + "00000001" + "ffffffffffffffff" + "7fffffffffffffff" + "00"),
      DecodeError,
    );
  });
});
