/**
 * Faults on the Kafka wire: the one place that turns a fault's code into Kafka's
 * error number. Source: Apache Kafka's `Errors`.
 */
import { type Fault, fault, type FaultCode, type Reply } from "../model/mod.ts";

const NUMBERS: Readonly<Record<FaultCode, number>> = {
  UNKNOWN_SERVER_ERROR: -1,
  OFFSET_OUT_OF_RANGE: 1,
  CORRUPT_MESSAGE: 2,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  LEADER_NOT_AVAILABLE: 5,
  NOT_LEADER_OR_FOLLOWER: 6,
  REQUEST_TIMED_OUT: 7,
  MESSAGE_TOO_LARGE: 10,
  OFFSET_METADATA_TOO_LARGE: 12,
  NETWORK_EXCEPTION: 13,
  COORDINATOR_LOAD_IN_PROGRESS: 14,
  COORDINATOR_NOT_AVAILABLE: 15,
  NOT_COORDINATOR: 16,
  INVALID_TOPIC_EXCEPTION: 17,
  RECORD_LIST_TOO_LARGE: 18,
  INVALID_REQUIRED_ACKS: 21,
  ILLEGAL_GENERATION: 22,
  INCONSISTENT_GROUP_PROTOCOL: 23,
  INVALID_GROUP_ID: 24,
  UNKNOWN_MEMBER_ID: 25,
  INVALID_SESSION_TIMEOUT: 26,
  REBALANCE_IN_PROGRESS: 27,
  INVALID_COMMIT_OFFSET_SIZE: 28,
  INVALID_TIMESTAMP: 32,
  UNSUPPORTED_VERSION: 35,
  TOPIC_ALREADY_EXISTS: 36,
  INVALID_PARTITIONS: 37,
  INVALID_REPLICATION_FACTOR: 38,
  INVALID_REPLICA_ASSIGNMENT: 39,
  INVALID_CONFIG: 40,
  INVALID_REQUEST: 42,
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 43,
  POLICY_VIOLATION: 44,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  INVALID_PRODUCER_EPOCH: 47,
  INVALID_TRANSACTION_TIMEOUT: 50,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 53,
  SECURITY_DISABLED: 54,
  KAFKA_STORAGE_ERROR: 56,
  NON_EMPTY_GROUP: 68,
  GROUP_ID_NOT_FOUND: 69,
  MEMBER_ID_REQUIRED: 79,
  GROUP_MAX_SIZE_REACHED: 81,
  FENCED_INSTANCE_ID: 82,
  GROUP_SUBSCRIBED_TO_TOPIC: 86,
  UNSTABLE_OFFSET_COMMIT: 88,
  FENCED_MEMBER_EPOCH: 110,
  UNRELEASED_INSTANCE_ID: 111,
  UNSUPPORTED_ASSIGNOR: 112,
  STALE_MEMBER_EPOCH: 113,
  INVALID_REGULAR_EXPRESSION: 128,
  FETCH_SESSION_ID_NOT_FOUND: 70,
  INVALID_FETCH_SESSION_EPOCH: 71,
  FETCH_SESSION_TOPIC_ID_ERROR: 106,
  TOPIC_DELETION_DISABLED: 73,
  FENCED_LEADER_EPOCH: 74,
  UNKNOWN_LEADER_EPOCH: 75,
  UNSUPPORTED_COMPRESSION_TYPE: 76,
  INVALID_RECORD: 87,
  ELECTION_NOT_NEEDED: 84,
  MISMATCHED_ENDPOINT_TYPE: 114,
  NO_REASSIGNMENT_IN_PROGRESS: 85,
  ILLEGAL_SASL_STATE: 34,
  UNSUPPORTED_SASL_MECHANISM: 33,
  THROTTLING_QUOTA_EXCEEDED: 89,
  UNKNOWN_TOPIC_ID: 100,
  INCONSISTENT_TOPIC_ID: 103,
};

/** Errors put into numbers since somebody took them, by their code: no more entries than there are codes. */
let errors = new Map<FaultCode, number>();

/** Kafka's error number; 0 where nothing went wrong. */
export function errorCode(fault: Fault | null): number {
  if (fault === null) return 0;
  errors.set(fault.code, (errors.get(fault.code) ?? 0) + 1);
  return NUMBERS[fault.code];
}

/** What the answer that is being made says went wrong, how often each; `null` when nothing. To be counted. */
export function takeErrors(): ReadonlyMap<FaultCode, number> | null {
  if (errors.size === 0) return null;
  const taken = errors;
  errors = new Map();
  return taken;
}

/** What went wrong in words, for the replies that have room for it. */
export function errorMessage(fault: Fault | null): string | null {
  return fault === null ? null : fault.message;
}

/** Why a command failed whole, where its reply is not of the kind that was wanted. */
export function failureOf(reply: Reply): Fault {
  if (reply.kind === "failed") return reply.fault;
  return fault("UNKNOWN_SERVER_ERROR", `Reply "${reply.kind}" does not answer the request`);
}
