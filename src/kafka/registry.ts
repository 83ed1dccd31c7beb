/** Every API the Kafka door serves, by key. What is not listed here is not advertised, and closes the connection. */
import type { Api } from "./api.ts";
import { produce } from "./apis/00_produce.ts";
import { fetch } from "./apis/01_fetch.ts";
import { listOffsets } from "./apis/02_list_offsets.ts";
import { metadata } from "./apis/03_metadata.ts";
import { findCoordinator } from "./apis/10_find_coordinator.ts";
import { apiVersions } from "./apis/18_api_versions.ts";
import { initProducerId } from "./apis/22_init_producer_id.ts";
import { offsetForLeaderEpoch } from "./apis/23_offset_for_leader_epoch.ts";
import { describeCluster } from "./apis/60_describe_cluster.ts";
import { describeProducers } from "./apis/61_describe_producers.ts";
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
    [
      produce,
      fetch,
      listOffsets,
      metadata,
      findCoordinator,
      apiVersions,
      initProducerId,
      offsetForLeaderEpoch,
      describeCluster,
      describeProducers,
      describeTopicPartitions,
    ].map((api) => [api.key, api]),
  );
}
