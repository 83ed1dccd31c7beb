/**
 * DescribeTopicPartitions, key 75, version 0: topics with their partitions, in
 * pages. Topics come in the order of their names; an empty list asks for all of
 * them. A page ends at the partition limit, and its cursor says where the next
 * begins. Eligible leader replicas are none: there is one replica. KIP-966.
 */
import { type DraftOf, UUID_NIL } from "../../bytes/mod.ts";
import { fault, type Image, type PartitionImage } from "../../model/mod.ts";
import { type Call, defineApi } from "../api.ts";
import { errorCode } from "../faults.ts";
import { topicOperations } from "../operations.ts";
import {
  DESCRIBE_TOPIC_PARTITIONS_REQUEST,
  DESCRIBE_TOPIC_PARTITIONS_RESPONSE,
} from "../schemas/describe_topic_partitions.ts";

type Response = DraftOf<typeof DESCRIBE_TOPIC_PARTITIONS_RESPONSE>;
type Topic = NonNullable<Response["topics"]>[number];
type Cursor = { readonly topicName: string; readonly partitionIndex: number };

/** Kafka's `max.request.partition.size.limit`. */
const PAGE_PARTITIONS_MAX = 2_000;

export const describeTopicPartitions = defineApi({
  key: 75,
  request: DESCRIBE_TOPIC_PARTITIONS_REQUEST,
  response: DESCRIBE_TOPIC_PARTITIONS_RESPONSE,
  versions: [0, 0],
  serve({ topics, responsePartitionLimit, cursor }, call) {
    if (cursor !== null && cursor.partitionIndex < 0) return call.hangUp();
    const image = call.broker.image();
    const asked = topics.length === 0 ? [...image.topics.keys()] : topics.map(({ name }) => name);
    const names = [...new Set(asked)].filter((name) => cursor === null || name >= cursor.topicName).sort();
    const limit = Math.max(1, Math.min(responsePartitionLimit, PAGE_PARTITIONS_MAX));
    answerPage(image, names, cursor, limit, call);
  },
});

function answerPage(
  image: Image,
  names: readonly string[],
  cursor: Cursor | null,
  limit: number,
  call: Call<Response>,
): void {
  const page: Topic[] = [];
  let left = limit;
  for (const topicName of names) {
    const first = cursor?.topicName === topicName ? cursor.partitionIndex : 0;
    const partitions = image.topics.get(topicName)?.partitions ?? [];
    if (left === 0) return call.answer({ topics: page, nextCursor: { topicName, partitionIndex: first } });
    const shown = partitions.slice(first, first + left);
    page.push(describe(image, topicName, shown));
    left -= shown.length;
    const partitionIndex = first + shown.length;
    if (partitionIndex < partitions.length) {
      return call.answer({ topics: page, nextCursor: { topicName, partitionIndex } });
    }
  }
  call.answer({ topics: page, nextCursor: null });
}

function describe(image: Image, name: string, partitions: readonly PartitionImage[]): Topic {
  const topic = image.topics.get(name);
  const failed = topic === undefined
    ? fault("UNKNOWN_TOPIC_OR_PARTITION", `Topic "${name}" does not exist`)
    : null;
  return {
    errorCode: errorCode(failed),
    name,
    topicId: topic?.id ?? UUID_NIL,
    isInternal: topic?.internal ?? false,
    partitions: partitions.map((partition) => ({
      partitionIndex: partition.partition,
      leaderId: partition.leader,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: partition.replicas,
      isrNodes: partition.inSyncReplicas,
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
    })),
    topicAuthorizedOperations: topicOperations(topic !== undefined),
  };
}
