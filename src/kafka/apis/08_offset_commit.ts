/**
 * OffsetCommit, key 8, versions 2 to 10: keeps how far a group has read. Each
 * partition succeeds or fails on its own; what is wrong with the member is said
 * of each. Topics the broker does not have are refused without asking the group.
 * Versions 2 to 4 say how long the offsets are kept; from version 6 on leader
 * epochs come along, from version 9 on member epochs (KIP-848), and version 10
 * names topics by id. KIP-211, KIP-320, KIP-345, KIP-848.
 */
import { defineApi } from "../api.ts";
import { errorCode, failureOf } from "../faults.ts";
import { entriesOf, faultsByTopic, knownById, knownByName } from "../group_topics.ts";
import { OFFSET_COMMIT_REQUEST, OFFSET_COMMIT_RESPONSE } from "../schemas/offset_commit.ts";

const MEMBER_EPOCHS_VERSION_MIN = 9;
const IDS_VERSION_MIN = 10;

export const offsetCommit = defineApi({
  key: 8,
  request: OFFSET_COMMIT_REQUEST,
  response: OFFSET_COMMIT_RESPONSE,
  versions: [2, 10],
  serve(request, { version, broker, answer }) {
    const known = version >= IDS_VERSION_MIN ? knownById : knownByName;
    const topics = request.topics.map((topic) => known(broker.image(), topic));
    const entries = entriesOf(topics, (topic, partition) => ({
      topic,
      partition: partition.partitionIndex,
      offset: partition.committedOffset,
      leaderEpoch: partition.committedLeaderEpoch,
      metadata: partition.committedMetadata,
    }));
    const finish = (faults: Parameters<typeof faultsByTopic>[1]) => {
      const byTopic = faultsByTopic(topics, faults);
      answer({
        topics: topics.map(({ name, topicId, partitions }, position) => ({
          name,
          topicId,
          partitions: partitions.map(({ partitionIndex }, index) => {
            return { partitionIndex, errorCode: errorCode(byTopic[position]![index]!) };
          }),
        })),
      });
    };
    if (entries.length === 0) return finish([]);
    broker.submit({
      kind: "commit_offsets",
      group: request.groupId,
      memberId: request.memberId,
      instanceId: request.groupInstanceId,
      generation: request.generationIdOrMemberEpoch,
      retentionMs: request.retentionTimeMs,
      knowsMemberEpochs: version >= MEMBER_EPOCHS_VERSION_MIN,
      entries,
    }, (reply) => {
      if (reply.kind === "offsets_committed") return finish(reply.entries.map(({ fault }) => fault));
      const failed = failureOf(reply);
      finish(entries.map(() => failed));
    });
  },
});
