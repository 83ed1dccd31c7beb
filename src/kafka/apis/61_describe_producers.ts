/**
 * DescribeProducers, key 61, version 0: the idempotent producers whose state the
 * partitions hold. Not done: transactions, so that no producer has one open.
 * KIP-664.
 */
import { fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, errorMessage } from "../faults.ts";
import { DESCRIBE_PRODUCERS_REQUEST, DESCRIBE_PRODUCERS_RESPONSE } from "../schemas/describe_producers.ts";

export const describeProducers = defineApi({
  key: 61,
  request: DESCRIBE_PRODUCERS_REQUEST,
  response: DESCRIBE_PRODUCERS_RESPONSE,
  versions: [0, 0],
  serve({ topics }, call) {
    const entries = topics.flatMap(({ name, partitionIndexes }) =>
      partitionIndexes.map((partition) => ({ topic: name, partition }))
    );
    call.broker.submit({ kind: "describe_producers", entries }, (reply) => {
      const failed = reply.kind === "failed" ? reply.fault : fault("UNKNOWN_SERVER_ERROR", "");
      const described = reply.kind === "producers_described" ? reply.entries : null;
      let next = 0;
      call.answer({
        topics: topics.map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => {
            const entry = described?.[next++];
            const wrong = entry === undefined ? failed : entry.fault;
            return {
              partitionIndex,
              errorCode: errorCode(wrong),
              errorMessage: errorMessage(wrong),
              activeProducers: (entry?.producers ?? []).map((producer) => ({
                producerId: producer.producerId,
                producerEpoch: producer.producerEpoch,
                lastSequence: producer.lastSequence,
                lastTimestamp: producer.lastTimestamp,
                coordinatorEpoch: producer.coordinatorEpoch,
                currentTxnStartOffset: producer.currentTransactionStartOffset,
              })),
            };
          }),
        })),
      });
    });
  },
});
