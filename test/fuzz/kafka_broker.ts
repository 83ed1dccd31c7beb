/**
 * A broker behind the Kafka door that is not there: answers each kind of command
 * plausibly or with faults, at once or when told to. What it does for a frame
 * follows from the frame, so a finding can be made again.
 */
import assert from "node:assert/strict";
import {
  applyEvent,
  type Command,
  type Fault,
  fault,
  type GroupCommand,
  type Image,
  IMAGE_EMPTY,
  isGroupCommand,
  type Lease,
  type Reply,
  type Submit,
  type TopicAnswer,
} from "../../src/model/mod.ts";
import { answerOnGroups } from "./kafka_groups.ts";
import { TOPIC, TOPIC_ID } from "./kafka_messages.ts";

const partitionImage = (partition: number) => {
  return { partition, leader: 1, leaderEpoch: 3, replicas: [1], inSyncReplicas: [1] };
};
const TOPIC_IMAGE = {
  name: TOPIC,
  id: TOPIC_ID,
  internal: false,
  partitions: [0, 1, 2].map(partitionImage),
  settings: { "retention.ms": "1" },
};
export const IMAGE: Image = applyEvent(IMAGE_EMPTY, { kind: "topic_created", topic: TOPIC_IMAGE });

const FAILED: Fault = fault("UNKNOWN_TOPIC_OR_PARTITION", "Fuzz");
const SETTING = {
  name: "retention.ms",
  value: "1",
  source: "topic",
  type: "long",
  isReadOnly: false,
  defaultValue: "604800000",
  documentation: "How long",
  synonyms: [{ name: "retention.ms", value: "1", source: "topic" }],
} as const;
const PARTITION = {
  partition: 0,
  leader: 1,
  leaderEpoch: 3,
  logStartOffset: 0,
  lastStableOffset: 5,
  highWatermark: 5,
  logEndOffset: 5,
  bytes: 500,
  segments: 1,
  worker: 0,
  fault: null,
} as const;
const PRODUCER = {
  producerId: 5,
  producerEpoch: 0,
  lastSequence: 3,
  lastTimestamp: 1,
  coordinatorEpoch: -1,
  currentTransactionStartOffset: -1,
};
const BROKER = {
  nodeId: 1,
  clusterId: "fuzz",
  version: "0",
  dataDirectory: "/data",
  disk: "memory",
  diskBytesTotal: 1,
  diskBytesUsable: 1,
  upMs: 1,
  connections: 1,
  topics: 1,
  partitions: 3,
  workers: [{ worker: 0, partitions: 3, restarts: 0 }],
};

/** How commands are answered: the low two bits choose what, the third when. */
export class FakeBroker {
  mood = 0;
  leases = 0;
  readonly #later: (() => void)[] = [];

  readonly submit: Submit = (command, reply) => {
    const answer = this.#answerTo(command);
    if ((this.mood & 4) === 0) reply(answer);
    else this.#later.push(() => reply(answer));
  };

  /** Gives the answers that were put off; an answer may be followed by another command. */
  catchUp(): void {
    for (let answer = this.#later.shift(); answer !== undefined; answer = this.#later.shift()) answer();
  }

  #answerTo(command: Command): Reply {
    const mood = this.mood & 3;
    if (mood === 1) return { kind: "failed", fault: FAILED };
    return answerTo(command, mood === 2 ? () => FAILED : mood === 3 ? everySecond() : () => null, () => {
      this.leases++;
      return { hold: () => void this.leases++, release: () => void this.leases-- };
    });
  }
}

function everySecond(): () => Fault | null {
  let count = 0;
  return () => count++ % 2 === 0 ? null : FAILED;
}

/** An answer of the right kind with an entry for each of the command's. */
function answerTo(command: Command, next: () => Fault | null, lease: () => Lease): Reply {
  if (isGroupCommand(command)) return answerOnGroups(command, next);
  switch (command.kind) {
    case "produce":
      return {
        kind: "produced",
        entries: command.entries.map((entry) => ({ ...entry, ...offsets(next()) })),
      };
    case "fetch": {
      for (const { offset, bytesMax } of command.entries) assert.ok(bytesMax >= 0 && !Number.isNaN(offset));
      const entries = command.entries.map((entry) => ({ ...entry, ...fetched(next()) }));
      return { kind: "fetched", entries, lease: entries.length % 2 === 0 ? null : lease() };
    }
    case "list_offsets":
      return {
        kind: "offsets_listed",
        entries: command.entries.map((entry) => ({ ...entry, fault: next(), offset: 5, leaderEpoch: 3 })),
      };
    case "trim":
      return {
        kind: "trimmed",
        entries: command.entries.map((entry) => ({ ...entry, fault: next(), logStartOffset: 5 })),
      };
    case "epoch_ends":
      return {
        kind: "epoch_ends",
        entries: command.entries.map((entry) => ({ ...entry, fault: next(), leaderEpoch: 3, endOffset: 5 })),
      };
    case "describe_producers":
      return {
        kind: "producers_described",
        entries: command.entries.map((entry) => ({ ...entry, fault: next(), producers: [PRODUCER] })),
      };
    case "init_producer_id":
      return { kind: "producer_id", producerId: 4_000, producerEpoch: 0 };
    default:
      return answerAbout(command, next);
  }
}

type TopicCommand = Exclude<
  Command,
  GroupCommand | {
    readonly kind:
      | "produce"
      | "fetch"
      | "list_offsets"
      | "trim"
      | "epoch_ends"
      | "describe_producers"
      | "init_producer_id";
  }
>;

function answerAbout(command: TopicCommand, next: () => Fault | null): Reply {
  const answers = (names: readonly string[] | null) =>
    (names ?? [TOPIC]).map((name) => ({ name, fault: next() }));
  switch (command.kind) {
    case "metadata":
      return metadataOf(answers(command.topics));
    case "create_topics":
      return {
        kind: "topics_changed",
        topics: answers(command.topics.map(({ name }) => name)).map((topic) => {
          return topic.fault === null ? { ...topic, created: { ...TOPIC_IMAGE, name: topic.name } } : topic;
        }),
      };
    case "alter_topics":
    case "add_partitions":
      return { kind: "topics_changed", topics: answers(command.topics.map(({ name }) => name)) };
    case "delete_topics":
      return { kind: "topics_changed", topics: answers(command.topics) };
    case "describe_topics":
      return {
        kind: "topics_described",
        topics: answers(command.topics).map((topic) => {
          return { ...topic, id: TOPIC_ID, internal: false, partitions: [PARTITION], settings: [SETTING] };
        }),
      };
    case "describe_settings":
      return {
        kind: "settings_described",
        resources: command.resources.map(() => ({ fault: next(), settings: [SETTING] })),
      };
    default:
      return command.kind === "alter_broker"
        ? { kind: "broker_altered" }
        : { kind: "broker_described", broker: BROKER };
  }
}

function metadataOf(topics: readonly TopicAnswer[]): Reply {
  const withImages = topics.map((topic) => {
    return { ...topic, image: topic.fault === null ? { ...TOPIC_IMAGE, name: topic.name } : null };
  });
  return { kind: "metadata", topics: withImages };
}

function offsets(failed: Fault | null) {
  const baseOffset = failed === null ? 7 : -1;
  return { fault: failed, baseOffset, logAppendTimeMs: -1, logStartOffset: 0 };
}

function fetched(failed: Fault | null) {
  const isRead = failed === null;
  return {
    fault: failed,
    highWatermark: isRead ? 9 : -1,
    lastStableOffset: isRead ? 9 : -1,
    logStartOffset: isRead ? 0 : -1,
    divergingEpoch: null,
    records: new Uint8Array(isRead ? 5_000 : 0),
  };
}
