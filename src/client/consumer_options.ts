/**
 * What a consumer can be told, what it gives beside records, and the checks of it all.
 */
import { WeirError } from "./error.ts";
import type { GroupOptions } from "./group_options.ts";
import type { FetcherSettings, ResetPolicy } from "./fetcher.ts";
import type { Position, TopicPartition } from "./offsets.ts";
import { choiceOption, numberOption } from "./options.ts";
import type { ConsumerRecord } from "./record.ts";
import type { Format, Topic } from "./topic.ts";

/** How a consumer behaves, whatever its topics. Sizes in bytes, times in milliseconds. */
export interface ConsumerSettings extends GroupOptions {
  /**
   * Where to begin: default `"latest"`, only what comes from now on. A partition added later begins at its start.
   * A member of a group begins here where the group has committed nothing.
   */
  readonly from?: Position | undefined;
  /** `"end"`: iteration is over once everything was read that was there when the consumer began. */
  readonly until?: "end" | undefined;
  /**
   * When a position is not in the log: `"nearest"` (default: the start of what is left, or the end),
   * `"earliest"`, `"latest"`, or `"error"`, where iteration throws OFFSET_OUT_OF_RANGE.
   */
  readonly reset?: ResetPolicy | undefined;
  /** How long the broker waits for records before it answers: default 500. */
  readonly waitMsMax?: number | undefined;
  /** Bytes the broker waits for: default 1. */
  readonly bytesMin?: number | undefined;
  /** Of one fetch in all: default 8,388,608. */
  readonly bytesMax?: number | undefined;
  /** Of one fetch and partition: default 1,048,576. A larger batch still comes whole. */
  readonly partitionBytesMax?: number | undefined;
  /** What may wait for the application, per partition: default 4,194,304. */
  readonly prefetchBytesMax?: number | undefined;
  /** Default `"read_uncommitted"`. */
  readonly isolation?: "read_uncommitted" | "read_committed" | undefined;
  /** Ends the consumer: iteration throws ABORTED. */
  readonly signal?: AbortSignal | undefined;
}

/** A consumer of topics by name; formats count for all of them and are `"auto"` by default. */
export interface NamedConsumerOptions<Key extends Format, Value extends Format> extends ConsumerSettings {
  /** All partitions of these, those added later too. */
  readonly topics?: readonly string[] | undefined;
  /** Only these partitions. */
  readonly assignments?: readonly (TopicPartition & { readonly from?: Position | undefined })[] | undefined;
  readonly key?: Key | undefined;
  readonly value?: Value | undefined;
}

/** A consumer of topics with formats. */
export interface TypedConsumerOptions<Key extends Format, Value extends Format>
  extends Omit<ConsumerSettings, "pattern"> {
  readonly topics: readonly Topic<Key, Value>[];
}

/** What every consumer is made of. */
export type ConsumerOptions =
  & Omit<NamedConsumerOptions<Format, Format>, "topics">
  & { readonly topics?: readonly (string | Topic)[] | undefined };

/** Consecutive records of one partition. */
export interface ConsumerBatch<Key = unknown, Value = unknown> extends TopicPartition {
  readonly records: readonly ConsumerRecord<Key, Value>[];
  /** Where the partition ended when the broker was last asked. */
  readonly highWatermark: number;
}

/** How far one partition is behind. */
export interface Lag extends TopicPartition {
  /** Offset of the record handed out next. */
  readonly position: number;
  /** Offset the next record written will have. */
  readonly end: number;
  /** Records to go: `end - position`. */
  readonly records: number;
  /** Age of the record handed out last, 0 at the end; `null` before the first one. Milliseconds. */
  readonly behindMs: number | null;
}

/** Checks that there is something to read, by one way. Throws INVALID_ARGUMENT. */
export function checkSources({ group, topics, pattern, assignments }: ConsumerOptions): void {
  const count = (topics?.length ?? 0) + (assignments?.length ?? 0);
  if (group === undefined && pattern !== undefined) {
    throw new WeirError("INVALID_ARGUMENT", `Pattern "${pattern}" must come with a group`);
  }
  if (count === 0 && pattern === undefined) {
    throw new WeirError("INVALID_ARGUMENT", "A consumer must have topics or assignments");
  }
  if (group !== undefined && assignments !== undefined && (topics !== undefined || pattern !== undefined)) {
    const words = `Group "${group}" must have topics or a pattern, or assignments alone`;
    throw new WeirError("INVALID_ARGUMENT", words);
  }
}

/** The fetcher's part of the options. Throws INVALID_ARGUMENT. */
export function fetcherSettings(
  options: ConsumerOptions,
  hooks: Pick<FetcherSettings, "onArrival" | "onRound" | "onPositions">,
): FetcherSettings {
  const partitionBytesMax = numberOption("partitionBytesMax", options.partitionBytesMax, 1_048_576, 1);
  return {
    waitMsMax: numberOption("waitMsMax", options.waitMsMax, 500, 0),
    bytesMin: numberOption("bytesMin", options.bytesMin, 1, 0),
    bytesMax: numberOption("bytesMax", options.bytesMax, 8_388_608, 1),
    partitionBytesMax,
    prefetchBytesMax: numberOption("prefetchBytesMax", options.prefetchBytesMax, 4 * partitionBytesMax, 1),
    isolation: choiceOption(
      "isolation",
      options.isolation,
      ["read_uncommitted", "read_committed"] as const,
    ),
    reset: choiceOption("reset", options.reset, ["nearest", "earliest", "latest", "error"] as const),
    untilEnd: choiceOption("until", options.until, [undefined, "end"]) === "end",
    ...hooks,
  };
}
