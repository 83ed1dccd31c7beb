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

/**
 * INVALID_REPLICA_ASSIGNMENT for replicas by hand that cannot be, or `null`: while
 * there is one broker, each partition's only replica is that one.
 */
export function checkAssignments(
  topic: string,
  assignments: readonly (readonly number[])[],
  nodeId: number,
): Fault | null {
  if (assignments.length === 0) {
    return fault("INVALID_REPLICA_ASSIGNMENT", `Assignment of topic "${topic}" names no partition`);
  }
  if (assignments.length > PARTITIONS_PER_TOPIC_MAX) {
    return fault(
      "INVALID_PARTITIONS",
      `Topic "${topic}" cannot have "${assignments.length}" partitions, wanted are at most ${PARTITIONS_PER_TOPIC_MAX}`,
    );
  }
  for (const replicas of assignments) {
    const wrong = wrongReplicas(replicas, nodeId);
    if (wrong === null) continue;
    const words = `Assignment of topic "${topic}" ${wrong}, wanted is broker ${nodeId} alone`;
    return fault("INVALID_REPLICA_ASSIGNMENT", words);
  }
  return null;
}

function wrongReplicas(replicas: readonly number[], nodeId: number): string | null {
  if (replicas.length === 0) return "includes an empty list of replicas";
  const stranger = replicas.find((replica) => replica !== nodeId);
  if (stranger !== undefined) return `includes broker "${stranger}", which is not registered`;
  return replicas.length > 1 ? `includes broker "${nodeId}" more than once` : null;
}

/** POLICY_VIOLATION for a command whose topics ask for too many partitions between them. */
export function tooManyTogether(): Fault {
  const wanted = `wanted are at most ${PARTITIONS_PER_TOPIC_MAX} together`;
  return fault("POLICY_VIOLATION", `Request asks for too many new partitions, ${wanted}`);
}
