import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Writer } from "../../../src/bytes/mod.ts";
import { writeMetadataRecord } from "../../../src/coordinator/journal/metadata_record.ts";
import { run } from "../../fuzz/metadata_target.ts";

describe("decoders of metadata", () => {
  it("refuse any bytes with a DecodeError or take them", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), run), { numRuns: 2_000 });
  });

  it("refuse sound records with one byte changed, or take them", () => {
    const writer = new Writer();
    writeMetadataRecord(writer, { kind: "topic", name: "orders", id: "AAAAAAAAAAAAAAAAAAAAAQ" });
    const first = writer.bytes().slice();
    writer.reset();
    const fields = { partition: 0, replicas: [1], inSyncReplicas: [1], leader: 1, leaderEpoch: 0 };
    writeMetadataRecord(writer, { kind: "partition", topicId: "AAAAAAAAAAAAAAAAAAAAAQ", ...fields });
    const sound = new Uint8Array([2, first.length + 1, ...first, ...writer.bytes()]);
    for (let at = 1; at < sound.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = sound.slice();
        changed[at]! ^= 1 << bit;
        run(changed);
      }
    }
    run(sound);
  });
});
