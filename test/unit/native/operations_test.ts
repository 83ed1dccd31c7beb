/** Every operation: the command a request becomes, and the frame its reply becomes, as protocol.ts says. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Command, fault, type Reply, type SettingDescription } from "../../../src/model/mod.ts";
import type { NativeReplies, NativeRequests, Operation } from "../../../src/native/mod.ts";
import { openSession, plain } from "./fixtures.ts";

/** What goes in and comes out of one operation. */
interface Case<Name extends Operation> {
  readonly request: NativeRequests[Name];
  readonly command: Command;
  readonly reply: Reply;
  readonly answer: NativeReplies[Name];
}

const NO_TOPIC = fault("UNKNOWN_TOPIC_OR_PARTITION", "No topic");
const e = { code: "UNKNOWN_TOPIC_OR_PARTITION", message: "No topic", retriable: true } as const;
const NO_MARKS = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 };
const good = { topic: "orders", partition: 2, fault: null };
const bad = { topic: "gone", partition: 0, fault: NO_TOPIC };
const batch = Uint8Array.of(1, 2, 3);
const records = new Uint8Array(5_000).fill(6);
const topicsChanged: Reply = {
  kind: "topics_changed",
  topics: [{ name: "a", fault: null }, { name: "gone", fault: NO_TOPIC }],
};
const topicsAnswer = { topics: [{ name: "a" }, { name: "gone", e }] };
const partition = {
  partition: 0,
  leader: 1,
  leaderEpoch: 2,
  logStartOffset: 3,
  lastStableOffset: 4,
  highWatermark: 5,
  logEndOffset: 6,
  bytes: 7,
  segments: 8,
  worker: 0,
};
const setting = {
  name: "s",
  value: "v",
  source: "topic",
  type: "string",
  isReadOnly: false,
  defaultValue: "d",
  documentation: "What it does",
  synonyms: [{ name: "s", value: "v", source: "topic" }],
} satisfies SettingDescription;
const broker = {
  nodeId: 4,
  clusterId: "cluster-one",
  version: "1",
  dataDirectory: "/data",
  disk: "mapped",
  diskBytesTotal: 9,
  diskBytesUsable: 8,
  upMs: 1,
  connections: 2,
  topics: 3,
  partitions: 4,
  workers: [{ worker: 0, partitions: 4, restarts: 0 }],
};
const producer = {
  producerId: 2 ** 40,
  producerEpoch: 1,
  lastSequence: 2,
  lastTimestamp: 3,
  coordinatorEpoch: -1,
  currentTransactionStartOffset: -1,
};
const image = {
  name: "orders",
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  internal: false,
  partitions: [{ partition: 0, leader: 4, leaderEpoch: 1, replicas: [4], inSyncReplicas: [4] }],
  settings: { "retention.ms": "5" },
};

const CASES: { readonly [Name in Exclude<Operation, "hello">]: Case<Name> } = {
  metadata: {
    request: { topics: ["orders", "gone"], create: true },
    command: { kind: "metadata", topics: ["orders", "gone"], autoCreate: true },
    reply: {
      kind: "metadata",
      topics: [{ name: "orders", fault: null, image }, { name: "gone", fault: NO_TOPIC, image: null }],
    },
    answer: {
      cluster: "cluster-one",
      brokers: [{ node: 4, host: "192.0.2.1", port: 9_292 }],
      topics: [{
        name: "orders",
        id: image.id,
        internal: false,
        partitions: [{ partition: 0, leader: 4, epoch: 1, replicas: [4], isr: [4] }],
        settings: { "retention.ms": "5" },
      }, { name: "gone", e, id: "", internal: false, partitions: [], settings: {} }],
    },
  },
  produce: {
    request: { acks: -1, timeoutMs: 50, entries: [{ topic: "orders", partition: 2, batch }] },
    command: {
      kind: "produce",
      acks: -1,
      timeoutMs: 50,
      entries: [{ topic: "orders", partition: 2, batch }],
    },
    reply: {
      kind: "produced",
      entries: [
        { ...good, baseOffset: 2 ** 40, logAppendTimeMs: -1, logStartOffset: 7 },
        { ...bad, baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 },
      ],
    },
    answer: {
      entries: [
        { topic: "orders", partition: 2, baseOffset: 2 ** 40, logAppendTimeMs: -1, logStartOffset: 7 },
        { topic: "gone", partition: 0, e, baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 },
      ],
    },
  },
  fetch: {
    request: {
      waitMsMax: 5,
      bytesMin: 6,
      bytesMax: 7,
      isolation: "read_committed",
      entries: [{ topic: "orders", partition: 2, offset: 9, bytesMax: 10, epoch: 3, lastFetchedEpoch: 2 }],
    },
    command: {
      kind: "fetch",
      waitMsMax: 5,
      bytesMin: 6,
      bytesMax: 7,
      isolation: "read_committed",
      entries: [{
        topic: "orders",
        partition: 2,
        offset: 9,
        bytesMax: 10,
        currentLeaderEpoch: 3,
        lastFetchedEpoch: 2,
      }],
    },
    reply: {
      kind: "fetched",
      lease: null,
      entries: [
        {
          ...good,
          highWatermark: 11,
          lastStableOffset: 10,
          logStartOffset: 1,
          divergingEpoch: null,
          records,
        },
        { ...bad, ...NO_MARKS, divergingEpoch: null, records: new Uint8Array(0) },
        {
          ...good,
          ...NO_MARKS,
          divergingEpoch: { leaderEpoch: 1, endOffset: 4 },
          records: new Uint8Array(0),
        },
      ],
    },
    answer: {
      entries: [
        {
          topic: "orders",
          partition: 2,
          highWatermark: 11,
          lastStableOffset: 10,
          logStartOffset: 1,
          records,
        },
        { topic: "gone", partition: 0, e, ...NO_MARKS, records: new Uint8Array(0) },
        {
          topic: "orders",
          partition: 2,
          ...NO_MARKS,
          divergingEpoch: { leaderEpoch: 1, endOffset: 4 },
          records: new Uint8Array(0),
        },
      ],
    },
  },
  list_offsets: {
    request: { entries: [{ topic: "orders", partition: 2, timestamp: -3, epoch: 5 }] },
    command: {
      kind: "list_offsets",
      isolation: "read_uncommitted",
      entries: [{ topic: "orders", partition: 2, timestamp: -3, currentLeaderEpoch: 5 }],
    },
    reply: {
      kind: "offsets_listed",
      entries: [
        { ...good, offset: 4, timestamp: 1_700_000_000_000, leaderEpoch: 5 },
        { ...bad, offset: -1, timestamp: -1, leaderEpoch: -1 },
      ],
    },
    answer: {
      entries: [
        { topic: "orders", partition: 2, offset: 4, timestamp: 1_700_000_000_000, epoch: 5 },
        { topic: "gone", partition: 0, e, offset: -1, timestamp: -1, epoch: -1 },
      ],
    },
  },
  epoch_ends: {
    request: { entries: [{ topic: "orders", partition: 2, leaderEpoch: 3, epoch: 5 }] },
    command: {
      kind: "epoch_ends",
      entries: [{ topic: "orders", partition: 2, leaderEpoch: 3, currentLeaderEpoch: 5 }],
    },
    reply: {
      kind: "epoch_ends",
      entries: [{ ...good, leaderEpoch: 2, endOffset: 2 ** 40 }, { ...bad, leaderEpoch: -1, endOffset: -1 }],
    },
    answer: {
      entries: [
        { topic: "orders", partition: 2, leaderEpoch: 2, endOffset: 2 ** 40 },
        { topic: "gone", partition: 0, e, leaderEpoch: -1, endOffset: -1 },
      ],
    },
  },
  trim: {
    request: { entries: [{ topic: "orders", partition: 2, before: -1 }] },
    command: { kind: "trim", entries: [{ topic: "orders", partition: 2, beforeOffset: -1 }] },
    reply: { kind: "trimmed", entries: [{ ...good, logStartOffset: 8 }, { ...bad, logStartOffset: -1 }] },
    answer: {
      entries: [
        { topic: "orders", partition: 2, logStartOffset: 8 },
        { topic: "gone", partition: 0, e, logStartOffset: -1 },
      ],
    },
  },
  create_topics: {
    request: {
      topics: [{ name: "a", partitions: 3, settings: { s: "1" } }, { name: "gone" }],
      validateOnly: true,
    },
    command: {
      kind: "create_topics",
      validateOnly: true,
      topics: [
        { name: "a", partitions: 3, replicationFactor: -1, assignments: null, settings: { s: "1" } },
        { name: "gone", partitions: -1, replicationFactor: -1, assignments: null, settings: {} },
      ],
    },
    reply: topicsChanged,
    answer: topicsAnswer,
  },
  delete_topics: {
    request: { topics: ["a", "gone"] },
    command: { kind: "delete_topics", topics: ["a", "gone"] },
    reply: topicsChanged,
    answer: topicsAnswer,
  },
  alter_topics: {
    request: {
      topics: [
        { name: "a", settings: { s: null, t: "2" } },
        { name: "gone", append: { l: "a" }, subtract: { l: "b" }, replaces: true },
      ],
    },
    command: {
      kind: "alter_topics",
      validateOnly: false,
      topics: [
        { name: "a", settings: { s: null, t: "2" } },
        { name: "gone", settings: {}, append: { l: "a" }, subtract: { l: "b" }, replaces: true },
      ],
    },
    reply: topicsChanged,
    answer: topicsAnswer,
  },
  add_partitions: {
    request: { topics: [{ name: "a", partitions: 9 }] },
    command: {
      kind: "add_partitions",
      validateOnly: false,
      topics: [{ name: "a", partitions: 9, assignments: null }],
    },
    reply: topicsChanged,
    answer: topicsAnswer,
  },
  describe_topics: {
    request: { topics: null },
    command: { kind: "describe_topics", topics: null },
    reply: {
      kind: "topics_described",
      topics: [{
        name: "a",
        fault: null,
        id: "x",
        internal: true,
        partitions: [{ ...partition, fault: null }, { ...partition, fault: NO_TOPIC }],
        settings: [setting],
      }, { name: "gone", fault: NO_TOPIC, id: "", internal: false, partitions: [], settings: [] }],
    },
    answer: {
      topics: [
        {
          name: "a",
          id: "x",
          internal: true,
          partitions: [partition, { ...partition, e }],
          settings: [setting],
        },
        { name: "gone", e, id: "", internal: false, partitions: [], settings: [] },
      ],
    },
  },
  describe_broker: {
    request: {},
    command: { kind: "describe_broker" },
    reply: { kind: "broker_described", broker },
    answer: { broker },
  },
  describe_settings: {
    request: { resources: [{ kind: "broker" }, { kind: "topic", name: "gone" }] },
    command: { kind: "describe_settings", resources: [{ kind: "broker" }, { kind: "topic", name: "gone" }] },
    reply: {
      kind: "settings_described",
      resources: [{ fault: null, settings: [setting] }, { fault: NO_TOPIC, settings: [] }],
    },
    answer: { resources: [{ settings: [setting] }, { e, settings: [] }] },
  },
  alter_broker: {
    request: {
      settings: { s: null, t: "2" },
      append: { l: "a,b" },
      subtract: { l: "c" },
      replaces: true,
      validateOnly: true,
    },
    command: {
      kind: "alter_broker",
      settings: { s: null, t: "2" },
      append: { l: "a,b" },
      subtract: { l: "c" },
      replaces: true,
      validateOnly: true,
    },
    reply: { kind: "broker_altered" },
    answer: {},
  },
  init_producer_id: {
    request: {},
    command: { kind: "init_producer_id" },
    reply: { kind: "producer_id", producerId: 2 ** 40, producerEpoch: 0 },
    answer: { producerId: 2 ** 40, producerEpoch: 0 },
  },
  describe_producers: {
    request: { entries: [{ topic: "orders", partition: 2 }, { topic: "gone", partition: 0 }] },
    command: {
      kind: "describe_producers",
      entries: [{ topic: "orders", partition: 2 }, { topic: "gone", partition: 0 }],
    },
    reply: {
      kind: "producers_described",
      entries: [{ ...good, producers: [producer] }, { ...bad, producers: [] }],
    },
    answer: {
      entries: [
        { topic: "orders", partition: 2, producers: [producer] },
        { topic: "gone", partition: 0, e, producers: [] },
      ],
    },
  },
};

describe("native operations", () => {
  for (const [name, { request, command, reply, answer }] of Object.entries(CASES)) {
    it(`${name}: the request becomes its command, the reply its frame`, () => {
      const { send, submitted } = openSession();
      const slot = send({ k: name, c: 41, ...request, unknownToTheBroker: 1 });
      assert.equal(submitted.length, 1, slot.fills === 0 ? "" : JSON.stringify(slot.message));
      assert.deepEqual(plain(submitted[0]!.command), command);
      submitted[0]!.reply(reply);
      assert.deepEqual(plain(slot.message), { c: 41, ...answer });
    });
  }
});
