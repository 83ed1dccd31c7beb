/**
 * OffsetForLeaderEpoch, key 23, versions 2 to 4: where a leader epoch ends in the
 * log, so that a consumer finds out that records it read were cut off. −1 and −1
 * when the epoch is not known. KIP-101, KIP-279, KIP-320.
 */
import { fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode } from "../faults.ts";
import {
  OFFSET_FOR_LEADER_EPOCH_REQUEST,
  OFFSET_FOR_LEADER_EPOCH_RESPONSE,
} from "../schemas/offset_for_leader_epoch.ts";

export const offsetForLeaderEpoch = defineApi({
  key: 23,
  request: OFFSET_FOR_LEADER_EPOCH_REQUEST,
  response: OFFSET_FOR_LEADER_EPOCH_RESPONSE,
  versions: [2, 4],
  serve({ topics }, call) {
    const entries = topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => (
        { topic, partition, currentLeaderEpoch, leaderEpoch }
      ))
    );
    call.broker.submit({ kind: "epoch_ends", entries }, (reply) => {
      const failed = reply.kind === "failed" ? reply.fault : fault("UNKNOWN_SERVER_ERROR", "");
      const ends = reply.kind === "epoch_ends" ? reply.entries : null;
      let next = 0;
      call.answer({
        topics: topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition }) => {
            const end = ends?.[next++];
            return {
              partition,
              errorCode: errorCode(end === undefined ? failed : end.fault),
              leaderEpoch: end?.leaderEpoch ?? -1,
              endOffset: end?.endOffset ?? -1,
            };
          }),
        })),
      });
    });
  },
});
