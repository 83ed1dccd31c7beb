/** Every operation of the native door but `hello`, by the name its requests carry in `k`. */
import type { Operation as OperationName } from "../protocol.ts";
import { commitOffsets, committedOffsets, deleteOffsets } from "./committed.ts";
import { describeBroker, describeTopics, metadata } from "./describe.ts";
import { fetch } from "./fetch.ts";
import { groupHeartbeat } from "./group_heartbeat.ts";
import { deleteGroups, describeGroups, listGroups } from "./groups.ts";
import { epochEnds, listOffsets, trim } from "./offsets.ts";
import type { Operation } from "./operation.ts";
import { produce } from "./produce.ts";
import { describeProducers, initProducerId } from "./producers.ts";
import { alterBroker, describeSettings } from "./settings.ts";
import { addPartitions, alterTopics, createTopics, deleteTopics } from "./topics.ts";

export const OPERATIONS: Readonly<Record<Exclude<OperationName, "hello">, Operation>> = {
  metadata,
  produce,
  fetch,
  list_offsets: listOffsets,
  epoch_ends: epochEnds,
  trim,
  create_topics: createTopics,
  delete_topics: deleteTopics,
  alter_topics: alterTopics,
  add_partitions: addPartitions,
  describe_topics: describeTopics,
  describe_settings: describeSettings,
  describe_broker: describeBroker,
  alter_broker: alterBroker,
  init_producer_id: initProducerId,
  describe_producers: describeProducers,
  group_heartbeat: groupHeartbeat,
  commit_offsets: commitOffsets,
  committed_offsets: committedOffsets,
  delete_offsets: deleteOffsets,
  describe_groups: describeGroups,
  list_groups: listGroups,
  delete_groups: deleteGroups,
};
