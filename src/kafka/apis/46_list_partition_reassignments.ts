/**
 * ListPartitionReassignments, key 46, version 0: there are none, since partitions
 * have one replica and no other broker to move to. Topics that don't exist are
 * left out, as in Kafka.
 *
 * Not done: reassignments. KIP-455.
 */
import { defineApi } from "../api.ts";
import {
  LIST_PARTITION_REASSIGNMENTS_REQUEST,
  LIST_PARTITION_REASSIGNMENTS_RESPONSE,
} from "../schemas/list_partition_reassignments.ts";

export const listPartitionReassignments = defineApi({
  key: 46,
  request: LIST_PARTITION_REASSIGNMENTS_REQUEST,
  response: LIST_PARTITION_REASSIGNMENTS_RESPONSE,
  versions: [0, 0],
  serve(_request, call) {
    call.answer({ errorMessage: null, topics: [] });
  },
});
