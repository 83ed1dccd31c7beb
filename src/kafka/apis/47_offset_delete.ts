/**
 * OffsetDelete, key 47, version 0: forgets how far a group has read in some
 * partitions. Those of topics the group is subscribed to are refused one by one;
 * what is wrong with the group as a whole is said once, without partitions.
 * Topics the broker does not have are refused without asking the group. KIP-496.
 */
import { UUID_NIL } from "../../bytes/mod.ts";
import type { Fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, failureOf } from "../faults.ts";
import { entriesOf, faultsByTopic, knownByName } from "../group_topics.ts";
import { OFFSET_DELETE_REQUEST, OFFSET_DELETE_RESPONSE } from "../schemas/offset_delete.ts";

export const offsetDelete = defineApi({
  key: 47,
  request: OFFSET_DELETE_REQUEST,
  response: OFFSET_DELETE_RESPONSE,
  versions: [0, 0],
  serve({ groupId, topics: asked }, { broker, answer }) {
    const topics = asked.map((topic) => knownByName(broker.image(), { ...topic, topicId: UUID_NIL }));
    const entries = entriesOf(topics, (topic, { partitionIndex }) => ({ topic, partition: partitionIndex }));
    const finish = (faults: readonly (Fault | null)[]) => {
      const byTopic = faultsByTopic(topics, faults);
      answer({
        topics: topics.map(({ name, partitions }, position) => ({
          name,
          partitions: partitions.map(({ partitionIndex }, index) => {
            return { partitionIndex, errorCode: errorCode(byTopic[position]![index]!) };
          }),
        })),
      });
    };
    if (entries.length === 0) return finish([]);
    broker.submit({ kind: "delete_offsets", group: groupId, entries }, (reply) => {
      const failed = reply.kind === "offsets_deleted" ? reply.fault : failureOf(reply);
      if (failed !== null) return answer({ errorCode: errorCode(failed) });
      finish(reply.kind === "offsets_deleted" ? reply.entries.map(({ fault }) => fault) : []);
    });
  },
});
