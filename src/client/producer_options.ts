/**
 * What a producer can be told and what it takes, and the checks of it.
 */
import { CODEC_NAMES, type CodecName, hasCodec, type Header } from "../record/mod.ts";
import { WeirError } from "./error.ts";
import { choiceOption } from "./options.ts";
import type { PartitionerOption } from "./partitioner.ts";

/** Batches by which a broker knows a producer's latest: a retry of an older one would be refused. */
const IN_FLIGHT_IDEMPOTENT_MAX = 5;

/** How a producer behaves. Sizes in bytes, times in milliseconds. */
export interface ProducerOptions {
  /** `"all"` (default): answered once on disk; `1`: once in the log; `0`: not answered at all. */
  readonly acks?: "all" | 1 | 0 | undefined;
  /**
   * Whether the broker recognises a batch that is sent again, so that a retry never doubles a record or changes
   * their order: default true with acks `"all"`, which it needs, and false with others. It holds for the retries of
   * one producer, until a send fails: whoever sends such a record again by a call of its own may double it.
   *
   * @example
   * ```ts
   * await using producer = weir.producer({ acks: "all", inFlightMax: 5 }); // idempotent
   * await using hasty = weir.producer({ acks: 1 }); // at least once
   * ```
   */
  readonly idempotent?: boolean | undefined;
  /** Default `"none"`. zstd needs Deno, Bun, or Node 22.15 or newer. */
  readonly compression?: CodecName | undefined;
  /** How long a batch that is not full waits for more: default 0, it leaves when its partition is free. */
  readonly lingerMs?: number | undefined;
  /** A batch's size before compression: default 262,144. A larger record gets a batch of its own. */
  readonly batchBytesMax?: number | undefined;
  /**
   * Unanswered batches of one partition: default 1. More are faster where answers take long, acks "all" above all. At
   * most 5 for an idempotent producer, which keeps the order of records with any; but a broker that was restarted
   * may recognise only the last of them, then the others fail with OUT_OF_ORDER_SEQUENCE_NUMBER and may be in the log.
   * For a producer that is not idempotent a retry may change the order of records with more than 1.
   */
  readonly inFlightMax?: number | undefined;
  /** What may be buffered: default 67,108,864. Sends past it wait. */
  readonly bufferBytesMax?: number | undefined;
  /** From `send` until it fails with TIMED_OUT: default 120,000. */
  readonly deliveryTimeoutMs?: number | undefined;
  /** For one produce request: default the connection's. */
  readonly requestTimeoutMs?: number | undefined;
  /** Times a batch is sent again after a retriable failure: default as often as the time allows. */
  readonly retriesMax?: number | undefined;
  /** Default: Kafka's, by key, sticky without one. */
  readonly partitioner?: PartitionerOption | undefined;
  /** Whether the broker may create a missing topic, if its settings allow: default true. */
  readonly createTopics?: boolean | undefined;
}

/** A record to send. */
export interface ProducerRecord<Key = unknown, Value = unknown> {
  readonly key?: Key | null | undefined;
  /** `null` or none is a tombstone: a compacted topic forgets the key. */
  readonly value?: Value | null | undefined;
  readonly headers?: HeadersInput | undefined;
  /** Milliseconds since 1970, or a Date: default now. */
  readonly timestamp?: number | Date | undefined;
  /** Goes there, whatever the partitioner says. */
  readonly partition?: number | undefined;
}

/** Headers by name, or as pairs where a name repeats. */
export type HeadersInput = Readonly<Record<string, string | Uint8Array | null>> | readonly Header[];

/** Whether a producer is to be idempotent. Throws INVALID_ARGUMENT when its other options forbid what it asks for. */
export function checkIdempotent({ idempotent, acks = "all", inFlightMax = 1 }: ProducerOptions): boolean {
  if (!choiceOption("idempotent", idempotent, [acks === "all", acks !== "all"])) return false;
  const wanted = idempotent === undefined ? ", or idempotent false" : "";
  if (acks !== "all") {
    throw new WeirError("INVALID_ARGUMENT", `Option acks "${acks}" must be "all" for an idempotent producer`);
  }
  if (inFlightMax <= IN_FLIGHT_IDEMPOTENT_MAX) return true;
  throw new WeirError(
    "INVALID_ARGUMENT",
    `Option inFlightMax "${inFlightMax}" must be at most ${IN_FLIGHT_IDEMPOTENT_MAX} for an idempotent producer${wanted}`,
  );
}

/** `partitioner` if it is one. Throws INVALID_ARGUMENT. */
export function checkPartitioner(partitioner: PartitionerOption): PartitionerOption {
  return typeof partitioner === "function"
    ? partitioner
    : choiceOption<PartitionerOption>("partitioner", partitioner, ["default", "round-robin"]);
}

/** `codec` if this runtime has it. Throws INVALID_ARGUMENT, UNSUPPORTED_COMPRESSION_TYPE. */
export function checkCodec(codec: CodecName): CodecName {
  choiceOption("compression", codec, CODEC_NAMES);
  if (hasCodec(codec)) return codec;
  throw new WeirError(
    "UNSUPPORTED_COMPRESSION_TYPE",
    `Compression "${codec}" is not available in this runtime: zstd needs Deno, Bun, or Node 22.15 or newer`,
  );
}
