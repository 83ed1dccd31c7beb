/** The cases of operations on records and on those who write them. */
import { type Case, e, NO_TOPIC } from "./operation_case.ts";

const NO_MARKS = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 };
const good = { topic: "orders", partition: 2, fault: null };
const bad = { topic: "gone", partition: 0, fault: NO_TOPIC };
const batch = Uint8Array.of(1, 2, 3);
const records = new Uint8Array(5_000).fill(6);
const producer = {
  producerId: 2 ** 40,
  producerEpoch: 1,
  lastSequence: 2,
  lastTimestamp: 3,
  coordinatorEpoch: -1,
  currentTransactionStartOffset: -1,
};
/** By the operation's name. */
export const RECORD_CASES: {
  readonly [
    Name in
      | "produce"
      | "fetch"
      | "list_offsets"
      | "epoch_ends"
      | "trim"
      | "describe_producers"
      | "init_producer_id"
  ]: Case<Name>;
} = {
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
  init_producer_id: {
    request: {},
    command: { kind: "init_producer_id" },
    reply: { kind: "producer_id", producerId: 2 ** 40, producerEpoch: 0 },
    answer: { producerId: 2 ** 40, producerEpoch: 0 },
  },
};
