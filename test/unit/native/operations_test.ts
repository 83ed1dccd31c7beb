/** Every operation: the command a request becomes, and the frame its reply becomes, as protocol.ts says. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Reply, SettingDescription } from "../../../src/model/mod.ts";
import type { Operation } from "../../../src/native/mod.ts";
import { openSession, ORDERS as image, plain } from "./fixtures.ts";
import { GROUP_CASES } from "./group_cases.ts";
import { type Case, e, NO_TOPIC } from "./operation_case.ts";
import { RECORD_CASES } from "./record_cases.ts";

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
const CASES: { readonly [Name in Exclude<Operation, "hello">]: Case<Name> } = {
  ...RECORD_CASES,
  ...GROUP_CASES,
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
