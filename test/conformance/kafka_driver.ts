/** Commands of the model as Kafka's requests, each in its highest version that names topics by name, and their answers. */
import type { Message } from "../../src/bytes/mod.ts";
import { errorCode } from "../../src/kafka/faults.ts";
import {
  type Command,
  fault,
  type FaultCode,
  type GroupCommand,
  isGroupCommand,
} from "../../src/model/mod.ts";
import type { Line } from "./drivers.ts";
import type { KafkaWire } from "./wire.ts";

const CODES: readonly FaultCode[] = [
  "FENCED_MEMBER_EPOCH",
  "GROUP_ID_NOT_FOUND",
  "GROUP_SUBSCRIBED_TO_TOPIC",
  "INVALID_REGULAR_EXPRESSION",
  "OFFSET_METADATA_TOO_LARGE",
  "STALE_MEMBER_EPOCH",
  "UNKNOWN_MEMBER_ID",
  "UNSUPPORTED_ASSIGNOR",
  "UNKNOWN_SERVER_ERROR",
  "OFFSET_OUT_OF_RANGE",
  "CORRUPT_MESSAGE",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "MESSAGE_TOO_LARGE",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_TIMESTAMP",
  "TOPIC_ALREADY_EXISTS",
  "INVALID_PARTITIONS",
  "INVALID_CONFIG",
  "INVALID_REQUEST",
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
  "INVALID_PRODUCER_EPOCH",
  "FENCED_LEADER_EPOCH",
  "UNKNOWN_LEADER_EPOCH",
  "INVALID_RECORD",
];
const NAMES = new Map(CODES.map((code) => [errorCode(fault(code, "")), code]));

/** Throws for a command it has no request for, and when the broker closes the connection. */
export async function askKafka(wire: KafkaWire, command: Command): Promise<readonly Line[]> {
  const [key, version, message, field, inner] = requestOf(command);
  const answer = await wire.ask(key, version, message);
  if (answer === null) throw new Error("The broker closed the connection");
  if (field === null) return [lineOf(answer)];
  const topics = answer[field] as Message[];
  if (inner === null) return topics.map(lineOf);
  return topics.flatMap((topic) => (topic[inner] as Message[]).map(lineOf));
}

/** Key, version, body, the answer's list, and the list in each of its items. */
type Request = readonly [number, number, Message, string | null, string | null];

function requestOf(command: Command): Request {
  const { kind } = command;
  if (kind === "produce" || kind === "fetch") return recordsRequest(command);
  if (kind === "list_offsets" || kind === "trim" || kind === "epoch_ends") return offsetsRequest(command);
  if (kind === "init_producer_id") {
    const ids = { transactionalId: null, transactionTimeoutMs: 1_000, producerId: -1, producerEpoch: -1 };
    return [22, 4, ids, null, null];
  }
  return isGroupCommand(command) ? groupRequest(command) : topicsRequest(command);
}

function groupRequest(command: GroupCommand): Request {
  switch (command.kind) {
    case "commit_offsets": {
      const topics = command.entries.map(({ topic, partition, offset, leaderEpoch, metadata }) => {
        const committed = { committedOffset: offset, committedLeaderEpoch: leaderEpoch };
        const entry = { partitionIndex: partition, ...committed, committedMetadata: metadata };
        return { name: topic, partitions: [entry] };
      });
      const { group, memberId, generation } = command;
      const member = { groupId: group, memberId, generationIdOrMemberEpoch: generation };
      return [8, 9, { ...member, topics }, "topics", "partitions"];
    }
    case "fetch_offsets": {
      const [{ group, entries }] = command.groups as [typeof command.groups[number]];
      const topics = entries?.map(({ topic, partition }) => ({ name: topic, partitionIndexes: [partition] }));
      const body = { groupId: group, topics: topics ?? null, requireStable: command.requireStable };
      return [9, 7, body, "topics", "partitions"];
    }
    case "delete_offsets": {
      const topics = command.entries.map(({ topic, partition }) => {
        return { name: topic, partitions: [{ partitionIndex: partition }] };
      });
      return [47, 0, { groupId: command.group, topics }, "topics", "partitions"];
    }
    case "consumer_heartbeat": {
      const { group, subscribedTopics, subscribedPattern, ownedPartitions, ...rest } = command;
      const names = { subscribedTopicNames: subscribedTopics, subscribedTopicRegex: subscribedPattern };
      return [68, 1, { ...rest, groupId: group, ...names, topicPartitions: ownedPartitions }, null, null];
    }
    default:
      throw new Error(`No request of Kafka's for command "${command.kind}"`);
  }
}

function recordsRequest(command: Extract<Command, { kind: "produce" | "fetch" }>): Request {
  if (command.kind === "produce") {
    const topicData = command.entries.map(({ topic, partition, batch }) => {
      return { name: topic, partitionData: [{ index: partition, records: batch }] };
    });
    const { acks, timeoutMs } = command;
    return [0, 12, { transactionalId: null, acks, timeoutMs, topicData }, "responses", "partitionResponses"];
  }
  const topics = command.entries.map(({ topic, offset, bytesMax, ...entry }) => ({
    topic,
    partitions: [{ ...entry, fetchOffset: offset, partitionMaxBytes: bytesMax }],
  }));
  const { waitMsMax, bytesMin, bytesMax } = command;
  const body = { maxWaitMs: waitMsMax, minBytes: bytesMin, maxBytes: bytesMax, sessionEpoch: -1, topics };
  return [1, 12, body, "responses", "partitions"];
}

function offsetsRequest(
  command: Extract<Command, { kind: "list_offsets" | "trim" | "epoch_ends" }>,
): Request {
  if (command.kind === "trim") {
    const topics = command.entries.map(({ topic, partition, beforeOffset }) => {
      return { name: topic, partitions: [{ partitionIndex: partition, offset: beforeOffset }] };
    });
    return [21, 2, { topics, timeoutMs: 5_000 }, "topics", "partitions"];
  }
  if (command.kind === "epoch_ends") {
    const topics = command.entries.map(({ topic, ...entry }) => ({ topic, partitions: [entry] }));
    return [23, 4, { topics }, "topics", "partitions"];
  }
  const topics = command.entries.map(({ topic, partition, ...entry }) => {
    return { name: topic, partitions: [{ partitionIndex: partition, ...entry }] };
  });
  return [2, 11, { replicaId: -1, isolationLevel: 0, topics, timeoutMs: 5_000 }, "topics", "partitions"];
}

function topicsRequest(command: Command): Request {
  const timeoutMs = 5_000;
  switch (command.kind) {
    case "metadata": {
      const topics = command.topics?.map((name) => ({ name })) ?? null;
      return [3, 12, { topics, allowAutoTopicCreation: command.autoCreate }, "topics", null];
    }
    case "create_topics": {
      const topics = command.topics.map(({ name, partitions, replicationFactor, settings }) => {
        const configs = Object.entries(settings).map(([name, value]) => ({ name, value }));
        return { name, numPartitions: partitions, replicationFactor, assignments: [], configs };
      });
      return [19, 7, { topics, timeoutMs, validateOnly: command.validateOnly }, "topics", null];
    }
    case "delete_topics":
      return [20, 5, { topicNames: command.topics, timeoutMs }, "responses", null];
    case "add_partitions": {
      const topics = command.topics.map(({ name, partitions }) => ({
        name,
        count: partitions,
        assignments: null,
      }));
      return [37, 3, { topics, timeoutMs, validateOnly: command.validateOnly }, "results", null];
    }
    case "alter_topics": {
      const resources = command.topics.map(({ name, settings }) => ({
        resourceType: 2,
        resourceName: name,
        configs: Object.entries(settings).map(([name, value]) => {
          return { name, configOperation: value === null ? 1 : 0, value };
        }),
      }));
      return [44, 1, { resources, validateOnly: command.validateOnly }, "responses", null];
    }
    default:
      throw new Error(`No request of Kafka's for command "${command.kind}"`);
  }
}

/** An answer's part in the model's words. */
function lineOf(part: Message): Line {
  const { errorCode: code, lowWatermark, committedOffset, committedLeaderEpoch, partitionIndex, ...rest } =
    part;
  return {
    ...rest,
    ...(partitionIndex === undefined ? {} : { partition: partitionIndex }),
    ...(committedOffset === undefined ? {} : { offset: committedOffset, leaderEpoch: committedLeaderEpoch }),
    fault: code === 0 ? null : NAMES.get(code as number) ?? String(code),
    ...(lowWatermark === undefined ? {} : { logStartOffset: lowWatermark }),
  };
}
