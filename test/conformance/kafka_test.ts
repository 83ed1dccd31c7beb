/** What only Kafka's protocol has, frame by frame: versions, sessions, topic ids, silence and hanging up. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import type { Message } from "../../src/bytes/mod.ts";
import { encodeBatch } from "../../src/record/mod.ts";
import { openWays, type Ways } from "./drivers.ts";
import { KafkaWire } from "./wire.ts";

const BATCH = encodeBatch([{ timestamp: 1_700_000_000_000, key: "k", value: "v" }]);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const first = (message: Message, ...path: string[]) =>
  path.reduce((part, field) => (part[field] as Message[])[0]!, message);

function producing(topic: string, topicId: string, records: Uint8Array, acks = -1): Message {
  const topicData = [{ name: topic, topicId, partitionData: [{ index: 0, records }] }];
  return { transactionalId: null, acks, timeoutMs: 5_000, topicData };
}

function fetching(
  topic: string,
  topicId: string,
  session: { id: number; epoch: number },
  fetchOffset = 0,
): Message {
  const partition = { partition: 0, fetchOffset, currentLeaderEpoch: -1, partitionMaxBytes: 1_000_000 };
  const topics = topic === "" ? [] : [{ topic, topicId, partitions: [partition] }];
  const { id: sessionId, epoch: sessionEpoch } = session;
  return { maxWaitMs: 0, minBytes: 1, maxBytes: 1_000_000, sessionId, sessionEpoch, topics };
}

describe("broker, Kafka's frames", () => {
  let ways: Ways;
  let count = 0;
  beforeAll(async () => {
    ways = await openWays();
  });
  afterAll(async () => await ways[Symbol.asyncDispose]());

  /** A connection, and a topic of its own with its id. */
  async function stage(body: (wire: KafkaWire, topic: string, id: string) => Promise<void>): Promise<void> {
    const wire = await KafkaWire.open(ways.kafka);
    try {
      const name = `frames-${++count}`;
      const metadata = await wire.ask(3, 12, { topics: [{ name }], allowAutoTopicCreation: true });
      await body(wire, name, String(first(metadata!, "topics").topicId));
    } finally {
      wire.close();
    }
  }

  for (const version of range(3, 13)) {
    it(`takes a batch by Produce ${version}`, () =>
      stage(async (wire, topic, id) => {
        const answer = await wire.ask(0, version, producing(topic, id, BATCH));
        const { errorCode, baseOffset } = first(answer!, "responses", "partitionResponses");
        assert.deepEqual([errorCode, baseOffset], [0, 0]);
      }));
  }

  for (const version of range(4, 18)) {
    it(`gives a batch by Fetch ${version}`, () =>
      stage(async (wire, topic, id) => {
        await wire.ask(0, 12, producing(topic, id, BATCH));
        const answer = await wire.ask(1, version, fetching(topic, id, { id: 0, epoch: -1 }));
        const { errorCode, highWatermark, records } = first(answer!, "responses", "partitions");
        assert.deepEqual([errorCode, highWatermark], [0, 1]);
        assert.equal((records as Uint8Array).subarray(17).toHex(), BATCH.subarray(17).toHex());
      }));
  }

  it("answers ApiVersions of an unknown version in version 0, with error 35", () =>
    stage(async (wire) => {
      await wire.sendFrame(Uint8Array.of(0, 18, 0, 99, 0, 0, 0, 2, 255, 255));
      // The wire counted one request; this was the second by its id.
      const answer = await wire.answerTo(2, 18, 0);
      assert.equal(answer!.errorCode, 35);
      const keys = answer!.apiKeys as { apiKey: number; minVersion: number; maxVersion: number }[];
      assert.deepEqual({ ...keys.find(({ apiKey }) => apiKey === 18) }, {
        apiKey: 18,
        minVersion: 0,
        maxVersion: 4,
      });
    }));

  it("closes the connection at an unknown key, and at an unknown version", async () => {
    for (const head of [[0x7f, 0, 0, 0], [0, 0, 0, 99]]) {
      await stage(async (wire) => {
        await wire.sendFrame(Uint8Array.of(...head, 0, 0, 0, 2, 255, 255));
        assert.equal(await wire.answer(18, 0), null);
      });
    }
  });

  it("stays quiet at acks 0, and hangs up when it could not append", () =>
    stage(async (wire, topic, id) => {
      await wire.send(0, 9, producing(topic, id, BATCH, 0));
      const answer = await wire.ask(2, 1, {
        replicaId: -1,
        topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
      });
      assert.equal(first(answer!, "topics", "partitions").offset, 1);
      await wire.send(0, 9, producing("not-there", id, BATCH, 0));
      assert.equal(await wire.answer(0, 9), null);
    }));

  it("keeps a fetch session: all, then what changed, a wrong epoch, an unknown id", () =>
    stage(async (wire, topic, id) => {
      const whole = await wire.ask(1, 12, fetching(topic, id, { id: 0, epoch: 0 }));
      const session = whole!.sessionId as number;
      assert.ok(session > 0);
      const nothing = await wire.ask(1, 12, fetching("", id, { id: session, epoch: 1 }));
      assert.deepEqual([nothing!.errorCode, nothing!.responses], [0, []]);
      await wire.ask(0, 12, producing(topic, id, BATCH));
      const changed = await wire.ask(1, 12, fetching("", id, { id: session, epoch: 2 }));
      assert.equal(first(changed!, "responses", "partitions").highWatermark, 1);
      const wrong = await wire.ask(1, 12, fetching("", id, { id: session, epoch: 9 }));
      assert.equal(wrong!.errorCode, 71);
      const unknown = await wire.ask(1, 12, fetching("", id, { id: session + 1, epoch: 1 }));
      assert.equal(unknown!.errorCode, 70);
    }));

  it("says in metadata the address the client reached", () =>
    stage(async (wire) => {
      const { host, port } = first((await wire.ask(3, 12, { topics: [] }))!, "brokers");
      assert.equal(`${host}:${port}`, ways.kafka);
    }));
});

describe("broker, --advertise", () => {
  it("says that address in metadata", async () => {
    await using ways = await openWays({ "advertised.address": "logs.example:4711" });
    const wire = await KafkaWire.open(ways.kafka);
    const { host, port } = first((await wire.ask(3, 12, { topics: [] }))!, "brokers");
    wire.close();
    assert.deepEqual([host, port], ["logs.example", 4711]);
  });
});
