/** Every API the Kafka door serves, by key. What is not listed here is not advertised, and closes the connection. */
import type { Api } from "./api.ts";
import { produce } from "./apis/00_produce.ts";
import { fetch } from "./apis/01_fetch.ts";
import { listOffsets } from "./apis/02_list_offsets.ts";
import { metadata } from "./apis/03_metadata.ts";
import { offsetCommit } from "./apis/08_offset_commit.ts";
import { offsetFetch } from "./apis/09_offset_fetch.ts";
import { findCoordinator } from "./apis/10_find_coordinator.ts";
import { joinGroup } from "./apis/11_join_group.ts";
import { heartbeat } from "./apis/12_heartbeat.ts";
import { leaveGroup } from "./apis/13_leave_group.ts";
import { syncGroup } from "./apis/14_sync_group.ts";
import { describeGroups } from "./apis/15_describe_groups.ts";
import { listGroups } from "./apis/16_list_groups.ts";
import { saslHandshake } from "./apis/17_sasl_handshake.ts";
import { apiVersions } from "./apis/18_api_versions.ts";
import { createTopics } from "./apis/19_create_topics.ts";
import { deleteTopics } from "./apis/20_delete_topics.ts";
import { deleteRecords } from "./apis/21_delete_records.ts";
import { initProducerId } from "./apis/22_init_producer_id.ts";
import { offsetForLeaderEpoch } from "./apis/23_offset_for_leader_epoch.ts";
import { describeAcls } from "./apis/29_describe_acls.ts";
import { describeConfigs } from "./apis/32_describe_configs.ts";
import { alterConfigs } from "./apis/33_alter_configs.ts";
import { describeLogDirs } from "./apis/35_describe_log_dirs.ts";
import { saslAuthenticate } from "./apis/36_sasl_authenticate.ts";
import { createPartitions } from "./apis/37_create_partitions.ts";
import { deleteGroups } from "./apis/42_delete_groups.ts";
import { electLeaders } from "./apis/43_elect_leaders.ts";
import { incrementalAlterConfigs } from "./apis/44_incremental_alter_configs.ts";
import { listPartitionReassignments } from "./apis/46_list_partition_reassignments.ts";
import { offsetDelete } from "./apis/47_offset_delete.ts";
import { describeClientQuotas } from "./apis/48_describe_client_quotas.ts";
import { describeQuorum } from "./apis/55_describe_quorum.ts";
import { describeCluster } from "./apis/60_describe_cluster.ts";
import { describeProducers } from "./apis/61_describe_producers.ts";
import { consumerGroupHeartbeat } from "./apis/68_consumer_group_heartbeat.ts";
import { consumerGroupDescribe } from "./apis/69_consumer_group_describe.ts";
import { listConfigResources } from "./apis/74_list_config_resources.ts";
import { describeTopicPartitions } from "./apis/75_describe_topic_partitions.ts";

let served: ReadonlyMap<number, Api> | null = null;

/** The API of a key, or `null`. */
export function findApi(key: number): Api | null {
  return byKey().get(key) ?? null;
}

/** All of them, by ascending key. */
export function servedApis(): readonly Api[] {
  return [...byKey().values()];
}

/** Made at the first call: ApiVersions both is in the list and reads it. */
function byKey(): ReadonlyMap<number, Api> {
  return served ??= new Map(
    [...brokerApis(), ...groupApis()].sort((one, other) => one.key - other.key).map((api) => [api.key, api]),
  );
}

/** Records, topics and the broker. */
function brokerApis(): readonly Api[] {
  return [
    produce,
    fetch,
    listOffsets,
    metadata,
    saslHandshake,
    apiVersions,
    createTopics,
    deleteTopics,
    deleteRecords,
    initProducerId,
    offsetForLeaderEpoch,
    describeAcls,
    describeConfigs,
    alterConfigs,
    describeLogDirs,
    saslAuthenticate,
    createPartitions,
    electLeaders,
    incrementalAlterConfigs,
    listPartitionReassignments,
    describeClientQuotas,
    describeQuorum,
    describeCluster,
    describeProducers,
    listConfigResources,
    describeTopicPartitions,
  ];
}

/** Consumer groups and their offsets. */
function groupApis(): readonly Api[] {
  return [
    offsetCommit,
    offsetFetch,
    findCoordinator,
    joinGroup,
    heartbeat,
    leaveGroup,
    syncGroup,
    describeGroups,
    listGroups,
    deleteGroups,
    offsetDelete,
    consumerGroupHeartbeat,
    consumerGroupDescribe,
  ];
}
