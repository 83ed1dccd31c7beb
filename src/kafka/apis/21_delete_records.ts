/**
 * DeleteRecords, key 21, versions 0 to 2: moves where logs start; −1 stands for
 * the high watermark. The answer has the log's first offset, as the low watermark:
 * there is one replica. Each partition succeeds or fails on its own.
 *
 * Not done: the timeout, for there are no other replicas to wait for. KIP-107.
 */
import { defineApi } from "../api.ts";
import { errorCode, failureOf } from "../faults.ts";
import { DELETE_RECORDS_REQUEST, DELETE_RECORDS_RESPONSE } from "../schemas/delete_records.ts";

export const deleteRecords = defineApi({
  key: 21,
  request: DELETE_RECORDS_REQUEST,
  response: DELETE_RECORDS_RESPONSE,
  versions: [0, 2],
  serve({ topics }, call) {
    const entries = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, offset }) => (
        { topic: name, partition: partitionIndex, beforeOffset: offset }
      ))
    );
    call.broker.submit({ kind: "trim", entries }, (reply) => {
      const trimmed = reply.kind === "trimmed" ? reply.entries : null;
      const failed = trimmed === null ? failureOf(reply) : null;
      let next = 0;
      call.answer({
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => {
            const entry = trimmed?.[next++];
            const wrong = entry === undefined ? failed : entry.fault;
            const lowWatermark = wrong === null ? entry!.logStartOffset : -1;
            return { partitionIndex, lowWatermark, errorCode: errorCode(wrong) };
          }),
        })),
      });
    });
  },
});
