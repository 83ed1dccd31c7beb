/**
 * The suite's cases as data: what is asked, one step after another, and what must
 * come of it. A wanted line names only the fields that matter. A topic is called
 * `T` here and gets a name of its own for each run. A case that a driver
 * cannot ask carries the reason.
 */
import {
  ABC,
  adding,
  altering,
  batch,
  type Case,
  create,
  creating,
  damaged,
  fetch,
  NO_NATIVE,
  NOTHING,
  offsets,
  produce,
  producer,
  step,
  stored,
  T,
  TIME_MS,
  trim,
  twice,
  wrote,
} from "./steps.ts";

const RECORDS: readonly Case[] = [
  ...([1, -1] as const).map((acks): Case => ({
    name: `produce with acks ${acks}, fetch the same bytes`,
    steps: [
      create(),
      step(produce(ABC, acks), wrote(0)),
      step(produce(ABC, acks), wrote(3)),
      step(fetch(0), {
        fault: null,
        highWatermark: 6,
        records: Uint8Array.of(...stored(ABC, 0), ...stored(ABC, 3)),
      }),
      step(fetch(3), { fault: null, records: stored(ABC, 3) }),
    ],
  })),
  {
    name: "fetch in the middle of a batch gives the whole batch",
    steps: [create(), step(produce(ABC), wrote(0)), step(fetch(1), { fault: null, records: stored(ABC, 0) })],
  },
  {
    name: "fetch below the start and past the end is out of range, at the end it is empty",
    steps: [
      create(),
      step(produce(ABC), wrote(0)),
      step(fetch(3), { fault: null, records: NOTHING, highWatermark: 3 }),
      step(fetch(4), { fault: "OFFSET_OUT_OF_RANGE" }),
    ],
  },
  {
    name: "fetch with few bytes gives one whole batch",
    steps: [
      create(),
      step(produce(ABC), wrote(0)),
      step(produce(ABC), wrote(3)),
      step(fetch(0, { bytesMax: 1 }), { fault: null, records: stored(ABC, 0) }),
      step(fetch(0, {}, 0, 1), { fault: null, records: stored(ABC, 0) }),
    ],
  },
  {
    name: "fetch at the end wakes on produce",
    steps: [create(), {
      ...step(fetch(0, {}, 15_000), { fault: null, records: stored(ABC, 0) }),
      meanwhile: produce(ABC),
    }],
  },
  {
    name: "fetch at the end times out empty",
    steps: [create(), step(fetch(0, {}, 50), { fault: null, records: NOTHING })],
  },
  {
    name: "fetch checks the leader epoch",
    steps: [create(), step(fetch(0, { currentLeaderEpoch: 9 }), { fault: "UNKNOWN_LEADER_EPOCH" })],
  },
  {
    name: "produce and fetch refuse a topic and a partition that do not exist",
    steps: [
      step(produce(ABC), { fault: "UNKNOWN_TOPIC_OR_PARTITION" }),
      step(fetch(0), { fault: "UNKNOWN_TOPIC_OR_PARTITION" }),
      create(),
      step(produce(ABC, -1, 1), { fault: "UNKNOWN_TOPIC_OR_PARTITION" }),
      step(fetch(0, { partition: 1 }), { fault: "UNKNOWN_TOPIC_OR_PARTITION" }),
    ],
  },
  {
    name: "produce refuses a batch that is too large, and takes the next",
    steps: [
      create(1, { "max.message.bytes": "200" }),
      step(produce(batch(["x".repeat(300)])), { fault: "MESSAGE_TOO_LARGE" }),
      step(produce(ABC), wrote(0)),
    ],
  },
  {
    name: "produce refuses a damaged batch",
    steps: [create(), step(produce(damaged), { fault: "CORRUPT_MESSAGE" }), step(produce(ABC), wrote(0))],
  },
  {
    name: "produce refuses two batches at once",
    steps: [create(), step(produce(twice), { fault: "INVALID_RECORD" }), step(produce(ABC), wrote(0))],
  },
  {
    name: "an idempotent producer's duplicate keeps its offset, a gap and an old epoch are refused",
    steps: [
      create(),
      step(produce(producer(0)), wrote(0)),
      step(produce(producer(2)), wrote(2)),
      step(produce(producer(2)), wrote(2)),
      step(produce(producer(0)), wrote(0)),
      step(produce(producer(9)), { fault: "OUT_OF_ORDER_SEQUENCE_NUMBER" }),
      step(produce(producer(0, 1)), wrote(4)),
      step(produce(producer(4, 0)), { fault: "INVALID_PRODUCER_EPOCH" }),
    ],
  },
];

const OFFSETS: readonly Case[] = [
  {
    name: "list offsets finds the earliest, the latest, the largest timestamp and times between",
    steps: [
      create(),
      step(produce(ABC), wrote(0)),
      step(produce(batch(["d"], {}, TIME_MS + 5_000)), wrote(3)),
      step(produce(batch(["e"], {}, TIME_MS + 1_000)), wrote(4)),
      step(offsets(-1), { fault: null, offset: 5 }),
      step(offsets(-2), { fault: null, offset: 0 }),
      step(offsets(-3), { fault: null, offset: 3, timestamp: TIME_MS + 5_000 }),
      step(offsets(TIME_MS + 5), { fault: null, offset: 1, timestamp: TIME_MS + 10 }),
      step(offsets(TIME_MS + 5_001), { fault: null, offset: -1 }),
    ],
  },
  {
    name: "list offsets knows the local log and no other",
    skips: { native: "it names the earliest, the latest and the largest timestamp alone" },
    steps: [
      create(),
      step(produce(ABC), wrote(0)),
      step(offsets(-4), { fault: null, offset: 0 }),
      step(offsets(-5), { fault: null, offset: -1 }),
    ],
  },
  {
    name: "trim moves the start, refuses to go past the end, and −1 takes all",
    steps: [
      create(),
      step(produce(ABC), wrote(0)),
      step(trim(2), { fault: null, logStartOffset: 2 }),
      step(fetch(0), { fault: "OFFSET_OUT_OF_RANGE" }),
      step(fetch(2), { fault: null, records: stored(ABC, 0), logStartOffset: 2 }),
      step(trim(4), { fault: "OFFSET_OUT_OF_RANGE" }),
      step(trim(-1), { fault: null, logStartOffset: 3 }),
      step(offsets(-2), { fault: null, offset: 3 }),
    ],
  },
  {
    name: "epochs end where the log ends",
    skips: { native: NO_NATIVE },
    steps: [
      create(),
      step(produce(ABC), wrote(0)),
      step(
        { kind: "epoch_ends", entries: [{ topic: T, partition: 0, leaderEpoch: 0, currentLeaderEpoch: -1 }] },
        { fault: null, leaderEpoch: 0, endOffset: 3 },
      ),
    ],
  },
  {
    name: "a producer id comes with epoch 0",
    skips: { native: NO_NATIVE },
    steps: [step({ kind: "init_producer_id" }, { fault: null, producerEpoch: 0 })],
  },
];

const TOPICS: readonly Case[] = [
  {
    name: "create refuses a topic twice, bad names, bad counts, bad settings",
    steps: [
      create(),
      step(creating(), { fault: "TOPIC_ALREADY_EXISTS" }),
      step(creating(1, {}, "a/b"), { fault: "INVALID_TOPIC_EXCEPTION" }),
      step(creating(1, {}, ".."), { fault: "INVALID_TOPIC_EXCEPTION" }),
      step(creating(0, {}, "none-at-all"), { fault: "INVALID_PARTITIONS" }),
      step(creating(1, { "retention.ms": "soon" }, "bad-setting"), { fault: "INVALID_CONFIG" }),
    ],
  },
  {
    name: "delete takes a topic away once",
    steps: [
      create(),
      step({ kind: "delete_topics", topics: [T] }, { name: T, fault: null }),
      step({ kind: "delete_topics", topics: [T] }, { fault: "UNKNOWN_TOPIC_OR_PARTITION" }),
      step(fetch(0), { fault: "UNKNOWN_TOPIC_OR_PARTITION" }),
    ],
  },
  {
    name: "partitions are added, and never taken away",
    steps: [
      create(),
      step(adding(3), { name: T, fault: null }),
      step(produce(ABC, -1, 2), wrote(0)),
      step(adding(2), { fault: "INVALID_PARTITIONS" }),
    ],
  },
  {
    name: "altered settings count from the next batch on, and are reset",
    steps: [
      create(),
      step(produce(ABC), wrote(0)),
      step(altering("10"), { fault: null }),
      step(produce(ABC), { fault: "MESSAGE_TOO_LARGE" }),
      step(altering(null), { fault: null }),
      step(produce(ABC), wrote(3)),
      step(altering("-7"), { fault: "INVALID_CONFIG" }),
    ],
  },
  {
    name: "metadata creates a missing topic when asked to",
    steps: [
      step({ kind: "metadata", topics: [T], autoCreate: false }, { fault: "UNKNOWN_TOPIC_OR_PARTITION" }),
      step({ kind: "metadata", topics: [T], autoCreate: true }, { name: T, fault: null }),
      step(produce(ABC), wrote(0)),
    ],
  },
  {
    name: "metadata creates nothing where the broker does not allow it",
    settings: { "auto.create.topics.enable": "false" },
    steps: [
      step({ kind: "metadata", topics: [T], autoCreate: true }, { fault: "UNKNOWN_TOPIC_OR_PARTITION" }),
    ],
  },
];

export const CASES: readonly Case[] = [...RECORDS, ...OFFSETS, ...TOPICS];
