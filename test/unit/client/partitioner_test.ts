import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Partitioners } from "kafkajs";
import { murmur2, WeirError } from "weir";
import { TopicRoute } from "../../../src/client/topic_route.ts";

const utf8 = new TextEncoder();

describe("murmur2", () => {
  // From Kafka's own UtilsTest.
  const vectors: [string, number][] = [
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ];

  it("gives the values of Kafka's Java client", () => {
    for (const [text, hash] of vectors) assert.equal(murmur2(utf8.encode(text)), hash, text);
  });

  it("hashes a part of an array as if it were the whole", () => {
    const padded = utf8.encode("--foobar--");
    assert.equal(murmur2(padded, 2, 8), -790332482);
  });
});

describe("TopicRoute", () => {
  it("choose sends every key where kafkajs's default partitioner sends it", () => {
    const theirs = Partitioners.DefaultPartitioner();
    const ours = new TopicRoute("t", "default");
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 60 }),
        fc.integer({ min: 1, max: 64 }),
        (key, count) => {
          const partitionMetadata = Array.from({ length: count }, (_, partitionId) => {
            return { partitionId, leader: 1, partitionErrorCode: 0, replicas: [1], isr: [1] };
          });
          const wanted = theirs({
            topic: "t",
            partitionMetadata,
            message: { key: Buffer.from(key), value: null } as never,
          });
          assert.equal(ours.choose(key, undefined, count), wanted);
          assert.equal(ours.choose(utf8.encode(key), undefined, count), wanted);
        },
      ),
    );
  });

  it("choose keeps records without a key on one partition until its batch has left", () => {
    const route = new TopicRoute("t", "default");
    const first = route.choose(null, undefined, 4);
    assert.equal(route.choose(null, undefined, 4), first);
    route.batchLeft((first + 1) % 4, 4);
    assert.equal(route.choose(null, undefined, 4), first);
    route.batchLeft(first, 4);
    assert.equal(route.choose(null, undefined, 4), (first + 1) % 4);
  });

  it("choose takes turns with round-robin, whatever the key", () => {
    const route = new TopicRoute("t", "round-robin");
    const chosen = Array.from({ length: 6 }, () => route.choose("same", undefined, 3));
    assert.deepEqual([...chosen].sort(), [0, 0, 1, 1, 2, 2]);
  });

  it("choose asks a partitioner of one's own and refuses what is no partition", () => {
    const route = new TopicRoute("t", ({ key, partitions }) => key === null ? partitions : key.length);
    assert.equal(route.choose("ab", undefined, 3), 2);
    assert.throws(
      () => route.choose(null, undefined, 3),
      (error: WeirError) => error.code === "INVALID_ARGUMENT",
    );
    assert.throws(
      () => route.choose("ab", 7, 3),
      /Partition "7" of topic "t" must be an integer from 0 to 2/,
    );
  });
});
