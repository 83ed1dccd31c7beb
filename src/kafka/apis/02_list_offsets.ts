/**
 * ListOffsets, key 2, versions 1 to 11: where a log begins, ends, or stood at a
 * time. Special timestamps: −1 latest (last stable offset for read_committed),
 * −2 earliest, −3 the record with the largest timestamp (version 7), −4 earliest
 * on local disk (8), −5 last tiered (9) and −6 earliest waiting for its upload
 * (11): without tiered storage the last two have no answer (offset −1).
 *
 * Not done: the timeout of version 10, for nothing here is remote. KIP-79,
 * KIP-207, KIP-734, KIP-1005, KIP-1023, KIP-1075.
 */
import { fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode } from "../faults.ts";
import { LIST_OFFSETS_REQUEST, LIST_OFFSETS_RESPONSE } from "../schemas/list_offsets.ts";

export const listOffsets = defineApi({
  key: 2,
  request: LIST_OFFSETS_REQUEST,
  response: LIST_OFFSETS_RESPONSE,
  versions: [1, 11],
  serve({ isolationLevel, topics }, call) {
    const entries = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, timestamp, currentLeaderEpoch }) => (
        { topic: name, partition: partitionIndex, timestamp, currentLeaderEpoch }
      ))
    );
    const isolation = isolationLevel === 1 ? "read_committed" : "read_uncommitted";
    call.broker.submit({ kind: "list_offsets", isolation, entries }, (reply) => {
      const failed = reply.kind === "failed" ? reply.fault : fault("UNKNOWN_SERVER_ERROR", "");
      const listed = reply.kind === "offsets_listed" ? reply.entries : null;
      let next = 0;
      call.answer({
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => {
            const entry = listed?.[next++];
            return {
              partitionIndex,
              errorCode: errorCode(entry === undefined ? failed : entry.fault),
              offset: entry?.offset ?? -1,
              timestamp: entry?.timestamp ?? -1,
              leaderEpoch: entry?.leaderEpoch ?? -1,
            };
          }),
        })),
      });
    });
  },
});
