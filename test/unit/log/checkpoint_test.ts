import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  formatLeaderEpochs,
  formatOffsetCheckpoint,
  formatPartitionMetadata,
  LogError,
  parseLeaderEpochs,
  parseOffsetCheckpoint,
  parsePartitionMetadata,
} from "../../../src/log/mod.ts";
import { TOPIC_ID } from "./fixtures.ts";

const corrupt = { name: "LogError", code: "corrupt_text" };

describe("parseOffsetCheckpoint", () => {
  it("reads what Kafka writes", () => {
    assert.deepEqual(parseOffsetCheckpoint("0\n2\norders 0 42\n__consumer_offsets 49 0\n"), [
      { topic: "orders", partition: 0, offset: 42 },
      { topic: "__consumer_offsets", partition: 49, offset: 0 },
    ]);
    assert.deepEqual(parseOffsetCheckpoint(""), []);
    assert.deepEqual(parseOffsetCheckpoint("0\n0\n"), []);
  });

  it("refuses another version, count or line, and a partition named twice", () => {
    const wrong = [
      "1\n0\n",
      "0\n1\n",
      "0\n0\norders 0 1\n",
      "0\n1\norders 0\n",
      "0\n1\norders 0 1 2\n",
      "0\n1\norders -1 1\n",
      "0\n1\norders 0 -1\n",
      "0\n1\norders 0 9007199254740993\n",
      "0\n1\nor/ders 0 1\n",
      "0\n1\norders 0 01\n",
      "0\nx\norders 0 1\n",
      "0",
      "0\n2\norders 0 1\norders 0 2\n",
      "0\n1\norders 0 1\n\n",
    ];
    for (const text of wrong) assert.throws(() => parseOffsetCheckpoint(text), corrupt, JSON.stringify(text));
  });

  it("is the inverse of formatOffsetCheckpoint", () => {
    const entry = fc.record({
      topic: fc.stringMatching(/^[a-zA-Z0-9._-]{1,30}$/),
      partition: fc.integer({ min: 0, max: 2_147_483_647 }),
      offset: fc.maxSafeNat(),
    }, { noNullPrototype: true });
    const entries = fc.uniqueArray(entry, { selector: ({ topic, partition }) => `${topic} ${partition}` });
    fc.assert(fc.property(entries, (entries) => {
      assert.deepEqual(parseOffsetCheckpoint(formatOffsetCheckpoint(entries)), entries);
    }));
  });
});

describe("parseLeaderEpochs", () => {
  it("reads ascending entries and refuses others", () => {
    const text = "0\n2\n0 0\n3 17\n";
    const entries = [{ epoch: 0, startOffset: 0 }, { epoch: 3, startOffset: 17 }];
    assert.deepEqual(parseLeaderEpochs(text), entries);
    assert.equal(formatLeaderEpochs(entries), text);
    for (const wrong of ["0\n2\n0 0\n0 17\n", "0\n2\n1 5\n2 5\n", "0\n1\n-1 0\n", "0\n1\n2147483648 0\n"]) {
      assert.throws(() => parseLeaderEpochs(wrong), corrupt, JSON.stringify(wrong));
    }
  });
});

describe("parsePartitionMetadata", () => {
  it("reads what it writes and refuses the rest", () => {
    assert.equal(formatPartitionMetadata(TOPIC_ID), `version: 0\ntopic_id: ${TOPIC_ID}`);
    assert.equal(parsePartitionMetadata(`${formatPartitionMetadata(TOPIC_ID)}\n`), TOPIC_ID);
    for (
      const wrong of ["", "version: 1\ntopic_id: " + TOPIC_ID, "version: 0\ntopic_id: short", "version: 0"]
    ) {
      assert.throws(() => parsePartitionMetadata(wrong), LogError, JSON.stringify(wrong));
    }
  });
});
