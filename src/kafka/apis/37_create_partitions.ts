/**
 * CreatePartitions, key 37, versions 0 to 3: raises topics' partition counts to
 * new totals, with replicas assigned by hand where the client says so, or only
 * checks all that. Each topic succeeds or fails on its own.
 *
 * Not done: the timeout, for creation waits for nobody; quotas. KIP-195.
 */
import { defineApi } from "../api.ts";
import { errorCode, errorMessage, failureOf } from "../faults.ts";
import { CREATE_PARTITIONS_REQUEST, CREATE_PARTITIONS_RESPONSE } from "../schemas/create_partitions.ts";

export const createPartitions = defineApi({
  key: 37,
  request: CREATE_PARTITIONS_REQUEST,
  response: CREATE_PARTITIONS_RESPONSE,
  versions: [0, 3],
  serve({ topics, validateOnly }, call) {
    const wanted = topics.map(({ name, count, assignments }) => ({
      name,
      partitions: count,
      assignments: assignments?.map(({ brokerIds }) => brokerIds) ?? null,
    }));
    call.broker.submit({ kind: "add_partitions", topics: wanted, validateOnly }, (reply) => {
      const changed = reply.kind === "topics_changed" ? reply.topics : null;
      const failed = changed === null ? failureOf(reply) : null;
      const results = topics.map(({ name }, position) => {
        const wrong = changed === null ? failed : changed[position]!.fault;
        return { name, errorCode: errorCode(wrong), errorMessage: errorMessage(wrong) };
      });
      call.answer({ results });
    });
  },
});
