/**
 * Bounds that are not settings: past each one stands a clear error or
 * backpressure, never growth. Bounds an operator may want to move sit in
 * `config.ts` instead. Sizes in bytes, times in milliseconds.
 */

/** Largest topic name, and the longest directory name it gives. Source: Kafka's `Topic` class. */
export const TOPIC_NAME_LENGTH_MAX = 249;
/** Partitions of one topic. */
export const PARTITIONS_PER_TOPIC_MAX = 100_000;
/** Entries of one produce, fetch, list-offsets or trim command. */
export const ENTRIES_PER_COMMAND_MAX = 100_000;
/** Topics in one command. */
export const TOPICS_PER_COMMAND_MAX = 10_000;
/** Groups in one command. */
export const GROUPS_PER_COMMAND_MAX = 10_000;
/** Headers of one record, records of one batch, when a decoder reads them. */
export const HEADERS_PER_RECORD_MAX = 100_000;
export const RECORDS_PER_BATCH_MAX = 10_000_000;
/** What one compressed batch may unfold to before the decoder refuses it. */
export const DECOMPRESSED_BYTES_MAX = 268_435_456;
/** Requests of one connection that may wait for their reply at once. */
export const REPLY_SLOTS_MAX = 1_024;
/** Turns sent to one worker and not yet answered: while the bound is reached the outbox collects. */
export const TURNS_IN_FLIGHT_MAX = 2;
/**
 * Idempotent producers one partition remembers, about 300 bytes each; past it the one that was silent longest
 * is forgotten, long before `producer.id.expiration.ms`, and may then go on with any sequence.
 */
export const PRODUCERS_PER_PARTITION_MAX = 10_000;
/** Member ids of one group given out and not yet joined with (KIP-394); past it newcomers find the group full. */
export const PENDING_MEMBERS_MAX = 10_000;
/** Assignment strategies that one member of a classic group may offer: clients have a few. */
export const PROTOCOLS_PER_MEMBER_MAX = 100;
/** Segment and index files one worker keeps open; the least recently used gives way. */
export const OPEN_FILES_PER_WORKER_MAX = 256;

/** Long polls that may wait at once for records of `__consumer_offsets`: tools read it, applications do not. */
export const OFFSETS_WAITERS_MAX = 1_000;
/** What one answer with committed offsets may come to, about; a client asks for fewer partitions at once then. */
export const OFFSETS_ANSWER_BYTES_MAX = 67_108_864;
