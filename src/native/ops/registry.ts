/** Every operation of the native door but `hello`, by the name its requests carry in `k`. */
import type { Operation as OperationName } from "../protocol.ts";
import { describeBroker, describeTopics, metadata } from "./describe.ts";
import { fetch } from "./fetch.ts";
import { listOffsets, trim } from "./offsets.ts";
import type { Operation } from "./operation.ts";
import { produce } from "./produce.ts";
import { addPartitions, alterTopics, createTopics, deleteTopics } from "./topics.ts";

export const OPERATIONS: Readonly<Record<Exclude<OperationName, "hello">, Operation>> = {
  metadata,
  produce,
  fetch,
  list_offsets: listOffsets,
  trim,
  create_topics: createTopics,
  delete_topics: deleteTopics,
  alter_topics: alterTopics,
  add_partitions: addPartitions,
  describe_topics: describeTopics,
  describe_broker: describeBroker,
};
