/** Records of the broker's own in a journal, as another version or another hand may have left them. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DecodeError, Writer } from "../../../src/bytes/mod.ts";
import { decodeEvents } from "../../../src/coordinator/journal/decode_events.ts";
import {
  type MetadataRecord,
  writeMetadataRecord,
} from "../../../src/coordinator/journal/metadata_record.ts";
import { applyEvents, IMAGE_EMPTY } from "../../../src/model/mod.ts";
import { encodeBatch } from "../../../src/record/mod.ts";

function decode(...records: MetadataRecord[]) {
  const batch = encodeBatch(records.map((record) => {
    const writer = new Writer();
    writeMetadataRecord(writer, record);
    return { timestamp: 0, value: writer.bytes().slice() };
  }));
  return decodeEvents(batch, IMAGE_EMPTY);
}

function ids(nextProducerId: number): MetadataRecord {
  return { kind: "producer_ids", brokerId: 1, nextProducerId };
}

function setting(name: string, value: string | null, broker = "1"): MetadataRecord {
  return { kind: "broker_config", broker, name, value };
}

describe("decodeEvents", () => {
  it("keeps settings it does not know, for a version that does, in one event", () => {
    const events = decode(
      setting("log.retention.ms", "5"),
      setting("from.the.future", "x"),
      setting("gone", null),
    );
    const settings = { "log.retention.ms": "5", "from.the.future": "x", gone: null };
    assert.deepEqual(events, [{ kind: "broker_altered", settings }]);
    const { brokerSettings } = applyEvents(IMAGE_EMPTY, events);
    assert.deepEqual(brokerSettings, { "log.retention.ms": "5", "from.the.future": "x" });
  });

  it("takes producer ids that grow, by whatever step, and refuses those that do not", () => {
    const image = applyEvents(IMAGE_EMPTY, decode(ids(1_000), ids(1_001), ids(5_000)));
    assert.equal(image.nextProducerId, 5_000);
    for (const again of [1_000, 999, 0, -1]) {
      assert.throws(() => decode(ids(1_000), ids(again)), (error: Error) => {
        return error instanceof DecodeError && /must be above 1000/.test(error.message);
      });
    }
    assert.throws(() => decode(ids(0)), DecodeError);
  });
});
