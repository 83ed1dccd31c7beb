import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DecodeError } from "../../../src/bytes/mod.ts";
import * as record from "../../../src/record/mod.ts";
import { COMMIT_MARKER_HEX, fromHex, THREE_RECORDS_HEX, VECTOR_TIME_MS } from "./vectors.ts";

const marker = { producerId: 1000, producerEpoch: 0, coordinatorEpoch: 7, timestamp: VECTOR_TIME_MS + 3 };

describe("encodeMarker", () => {
  it("writes the commit vector byte for byte", () => {
    const bytes = record.encodeMarker({ ...marker, outcome: "commit" }, { baseOffset: 3, leaderEpoch: 5 });
    assert.deepEqual(bytes, fromHex(COMMIT_MARKER_HEX));
  });
});

describe("readControlRecord", () => {
  it("reads both kinds of marker", () => {
    for (const outcome of ["abort", "commit"] as const) {
      const read = record.readControlRecord(record.encodeMarker({ ...marker, outcome }, { baseOffset: 9 }));
      assert.equal(read.type, outcome === "abort" ? record.CONTROL_ABORT : record.CONTROL_COMMIT);
      assert.equal(read.coordinatorEpoch, 7);
      assert.equal(read.offset, 9);
      assert.equal(read.timestamp, VECTOR_TIME_MS + 3);
    }
  });

  it("hands out the type and the value's bytes of a kind it does not know", () => {
    const key = Uint8Array.of(0, 0, 0, record.CONTROL_LEADER_CHANGE);
    const bytes = record.encodeBatch([{ timestamp: 1, key, value: Uint8Array.of(1, 2) }], {
      isControl: true,
    });
    const read = record.readControlRecord(bytes);
    assert.equal(read.type, 2);
    assert.equal(read.coordinatorEpoch, -1);
    assert.deepEqual(read.value, Uint8Array.of(1, 2));
  });

  it("refuses a batch whose record has no control key", () => {
    assert.throws(() => record.readControlRecord(record.encodeBatch([{ timestamp: 1 }])), DecodeError);
    assert.throws(() => record.readControlRecord(fromHex(THREE_RECORDS_HEX)), DecodeError);
  });
});
