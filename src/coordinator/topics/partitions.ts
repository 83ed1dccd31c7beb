/** New partitions of a topic, whether it is created or grows. */
import {
  assert,
  assertInteger,
  type Fault,
  fault,
  type PartitionImage,
  PARTITIONS_PER_TOPIC_MAX,
} from "../../model/mod.ts";

/** Partitions `from` up to, not including, `to`, led by their only replica. */
export function newPartitions(from: number, to: number, nodeId: number): PartitionImage[] {
  assertInteger(from, 0, "the first partition");
  assert(from < to, "at least one partition is added");
  const replicas = [nodeId];
  const partitions: PartitionImage[] = [];
  for (let partition = from; partition < to; partition++) {
    partitions.push({ partition, leader: nodeId, leaderEpoch: 0, replicas, inSyncReplicas: replicas });
  }
  return partitions;
}

/** POLICY_VIOLATION for a command whose topics ask for too many partitions between them. */
export function tooManyTogether(): Fault {
  const wanted = `wanted are at most ${PARTITIONS_PER_TOPIC_MAX} together`;
  return fault("POLICY_VIOLATION", `Request asks for too many new partitions, ${wanted}`);
}
