/**
 * What a client may do, as Kafka's bit fields say it: without an authorizer,
 * everything that exists for the resource. Source: KIP-430, `AclOperation`.
 */

/** Not asked for. */
const OPERATIONS_UNSAID = -2_147_483_648;
/** READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS. */
const TOPIC_OPERATIONS = 0b1101_1111_1000;
/** CREATE, ALTER, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE. */
const CLUSTER_OPERATIONS = 0b1_1111_1010_0000;
/** READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS. */
const GROUP_OPERATIONS = 0b1101_0100_1000;

/** The operations on a topic, where the client asked for them. */
export function topicOperations(isAsked: boolean): number {
  return isAsked ? TOPIC_OPERATIONS : OPERATIONS_UNSAID;
}

/** The operations on the cluster, where the client asked for them. */
export function clusterOperations(isAsked: boolean): number {
  return isAsked ? CLUSTER_OPERATIONS : OPERATIONS_UNSAID;
}

/** The operations on a group, where the client asked for them. */
export function groupOperations(isAsked: boolean): number {
  return isAsked ? GROUP_OPERATIONS : OPERATIONS_UNSAID;
}
