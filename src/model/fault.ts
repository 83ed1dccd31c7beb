/**
 * Faults: what a client is told when a command cannot be done. A fault is a
 * value with a code; a thrown error is a bug or a dead disk. Codes are Apache
 * Kafka's error names, so that every door means the same thing: the native door
 * sends the name, the Kafka door the number. Called by every room that answers.
 */

/** Every code Weir answers with, and whether the same request may succeed later. Source: Kafka's `Errors` table. */
const RETRIABLE = {
  UNKNOWN_SERVER_ERROR: false,
  OFFSET_OUT_OF_RANGE: false,
  CORRUPT_MESSAGE: true,
  UNKNOWN_TOPIC_OR_PARTITION: true,
  LEADER_NOT_AVAILABLE: true,
  NOT_LEADER_OR_FOLLOWER: true,
  REQUEST_TIMED_OUT: true,
  MESSAGE_TOO_LARGE: false,
  OFFSET_METADATA_TOO_LARGE: false,
  NETWORK_EXCEPTION: true,
  COORDINATOR_LOAD_IN_PROGRESS: true,
  COORDINATOR_NOT_AVAILABLE: true,
  NOT_COORDINATOR: true,
  INVALID_TOPIC_EXCEPTION: false,
  RECORD_LIST_TOO_LARGE: false,
  INVALID_REQUIRED_ACKS: false,
  ILLEGAL_GENERATION: false,
  INCONSISTENT_GROUP_PROTOCOL: false,
  INVALID_GROUP_ID: false,
  UNKNOWN_MEMBER_ID: false,
  INVALID_SESSION_TIMEOUT: false,
  REBALANCE_IN_PROGRESS: false,
  INVALID_COMMIT_OFFSET_SIZE: false,
  INVALID_TIMESTAMP: false,
  UNSUPPORTED_VERSION: false,
  TOPIC_ALREADY_EXISTS: false,
  INVALID_PARTITIONS: false,
  INVALID_REPLICATION_FACTOR: false,
  INVALID_REPLICA_ASSIGNMENT: false,
  INVALID_CONFIG: false,
  INVALID_REQUEST: false,
  UNSUPPORTED_FOR_MESSAGE_FORMAT: false,
  POLICY_VIOLATION: false,
  OUT_OF_ORDER_SEQUENCE_NUMBER: false,
  INVALID_PRODUCER_EPOCH: false,
  INVALID_TRANSACTION_TIMEOUT: false,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: false,
  SECURITY_DISABLED: false,
  KAFKA_STORAGE_ERROR: true,
  NON_EMPTY_GROUP: false,
  GROUP_ID_NOT_FOUND: false,
  MEMBER_ID_REQUIRED: false,
  GROUP_MAX_SIZE_REACHED: false,
  FENCED_INSTANCE_ID: false,
  GROUP_SUBSCRIBED_TO_TOPIC: false,
  UNSTABLE_OFFSET_COMMIT: true,
  FENCED_MEMBER_EPOCH: false,
  UNRELEASED_INSTANCE_ID: false,
  UNSUPPORTED_ASSIGNOR: false,
  STALE_MEMBER_EPOCH: false,
  INVALID_REGULAR_EXPRESSION: false,
  FETCH_SESSION_ID_NOT_FOUND: true,
  INVALID_FETCH_SESSION_EPOCH: true,
  FETCH_SESSION_TOPIC_ID_ERROR: true,
  TOPIC_DELETION_DISABLED: false,
  FENCED_LEADER_EPOCH: true,
  UNKNOWN_LEADER_EPOCH: true,
  UNSUPPORTED_COMPRESSION_TYPE: false,
  INVALID_RECORD: false,
  ELECTION_NOT_NEEDED: false,
  MISMATCHED_ENDPOINT_TYPE: false,
  NO_REASSIGNMENT_IN_PROGRESS: false,
  ILLEGAL_SASL_STATE: false,
  UNSUPPORTED_SASL_MECHANISM: false,
  THROTTLING_QUOTA_EXCEEDED: true,
  UNKNOWN_TOPIC_ID: true,
  INCONSISTENT_TOPIC_ID: true,
} as const;

/** A fault's name: Apache Kafka's error name. */
export type FaultCode = keyof typeof RETRIABLE;

/** Why a command, or one part of it, was not done. */
export interface Fault {
  readonly code: FaultCode;
  /** What failed, the value in quotes, what is wanted; sentence case, no full stop. */
  readonly message: string;
}

/**
 * Makes a fault.
 *
 * @example
 * ```ts
 * fault("INVALID_PARTITIONS", `Partitions must be at least 1, not "0"`);
 * ```
 */
export function fault(code: FaultCode, message: string): Fault {
  return { code, message };
}

/** True when the same request may succeed if it is sent again, unchanged, a little later. */
export function isRetriable(code: FaultCode): boolean {
  return RETRIABLE[code];
}

/** True when `value` names a fault code: for decoders that read codes from a peer. */
export function isFaultCode(value: unknown): value is FaultCode {
  return typeof value === "string" && Object.hasOwn(RETRIABLE, value);
}
