/**
 * DescribeQuorum, key 55, versions 0 to 2: who keeps the metadata log, partition 0
 * of `__cluster_metadata`. This broker leads it and is its only voter, and all
 * that is in it is on its device. Other partitions are not kept by a quorum.
 *
 * Not done: voters besides, observers, directory ids (they are nil), epochs of
 * leadership (always 0). KIP-595, KIP-836, KIP-853.
 */
import { UUID_NIL } from "../../bytes/mod.ts";
import { fault } from "../../model/mod.ts";
import { type Call, defineApi } from "../api.ts";
import { errorCode, errorMessage } from "../faults.ts";
import { DESCRIBE_QUORUM_REQUEST, DESCRIBE_QUORUM_RESPONSE } from "../schemas/describe_quorum.ts";

const METADATA_TOPIC = "__cluster_metadata";
const LISTENER = "PLAINTEXT";

export const describeQuorum = defineApi({
  key: 55,
  request: DESCRIBE_QUORUM_REQUEST,
  response: DESCRIBE_QUORUM_RESPONSE,
  versions: [0, 2],
  serve({ topics }, call) {
    const { nodeId, host, port } = call.endpoint;
    call.answer({
      errorMessage: null,
      topics: topics.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map(({ partitionIndex }) =>
          topicName === METADATA_TOPIC && partitionIndex === 0
            ? metadataPartition(call)
            : unknownPartition(topicName, partitionIndex)
        ),
      })),
      nodes: [{ nodeId, listeners: [{ name: LISTENER, host, port }] }],
    });
  },
});

function metadataPartition({ broker, endpoint: { nodeId } }: Pick<Call<never>, "broker" | "endpoint">) {
  const highWatermark = broker.metadataOffset();
  const nowMs = broker.nowMs();
  return {
    partitionIndex: 0,
    errorCode: 0,
    errorMessage: null,
    leaderId: nodeId,
    leaderEpoch: 0,
    highWatermark,
    currentVoters: [{
      replicaId: nodeId,
      replicaDirectoryId: UUID_NIL,
      logEndOffset: highWatermark,
      lastFetchTimestamp: nowMs,
      lastCaughtUpTimestamp: nowMs,
    }],
    observers: [],
  };
}

function unknownPartition(topic: string, partitionIndex: number) {
  const words = `Partition "${partitionIndex}" of topic "${topic}" is not kept by a quorum`;
  const failed = fault("UNKNOWN_TOPIC_OR_PARTITION", words);
  return { partitionIndex, errorCode: errorCode(failed), errorMessage: errorMessage(failed), leaderId: -1 };
}
