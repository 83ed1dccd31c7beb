/**
 * The journal of groups: `__consumer_offsets` in Apache Kafka's own format, one
 * log for each of its partitions. What one command does to a group is one batch
 * of one partition, in the log whole or not at all:
 *
 *     partition = abs(hashCode(group)) mod partitions of the topic
 *     each turn: append ... -> shorten, a slice -> flush, once for each log -> answers
 *
 * Bounded: a log that has grown by as much as what of it was live, and by 1 MiB
 * at least, is made shorter. Opened by `openGroupJournal`; called by the
 * coordinator alone.
 */
import type { Log } from "../../log/mod.ts";
import {
  assert,
  type Fault,
  type GroupLogPosition,
  type Image,
  OFFSETS_TOPIC,
  type TopicImage,
} from "../../model/mod.ts";
import type { GroupRecord } from "../groups/record.ts";
import { GROUP_BATCH_BYTES_MAX, GroupBatch } from "./group_batch.ts";
import { type GroupLogOptions, GroupLogs } from "./group_logs.ts";
import { type LiveRecords, Shortening } from "./shortening.ts";

/** Fifty such logs are replayed in a second or two. */
const SHORTEN_BYTES_MIN = 1_048_576;
/** What is written again in one turn, about: no command waits for more. */
const SLICE_BYTES_MAX = 524_288;

/** The journal, and what an operator should read: repairs, logs that cannot be used, records passed over. */
export interface OpenedGroupJournal {
  readonly journal: GroupJournal;
  readonly report: readonly string[];
}

/**
 * Opens the logs that hold records and gives every record to `apply`, partition by partition, each in its
 * order. The topic is the image's; without it there are no logs. Throws DiskError.
 */
export function openGroupJournal(
  options: GroupLogOptions,
  image: Image,
  apply: (record: GroupRecord) => void,
  nowMs: number,
): OpenedGroupJournal {
  const logs = new GroupLogs(options);
  const report: string[] = [];
  const foreign = new Set<number>();
  const topic = image.topics.get(OFFSETS_TOPIC);
  for (const { partition } of topic?.partitions ?? []) {
    if (!logs.holdsRecords(topic!, partition)) continue;
    const found = logs.replay(topic!, partition, nowMs);
    report.push(...found.report);
    for (const record of found.replayed?.records ?? []) apply(record);
    const passedOver = found.replayed?.passedOver ?? 0;
    if (passedOver === 0) continue;
    foreign.add(partition);
    const words = `Passed over ${passedOver} records of "${OFFSETS_TOPIC}-${partition}"`;
    report.push(`${words}: their types are not known to this version, and the log is kept whole for them`);
  }
  return { journal: new GroupJournal(logs, foreign, options.shortenBytesMin ?? SHORTEN_BYTES_MIN), report };
}

export class GroupJournal {
  readonly #logs: GroupLogs;
  readonly #batch = new GroupBatch();
  /** Partitions with records that are not known here: nobody could write them again. */
  readonly #foreign: ReadonlySet<number>;
  readonly #shortenBytesMin: number;
  /** Bytes at which a log is to be made shorter, where other than `#shortenBytesMin`. */
  readonly #bytesMax = new Map<number, number>();
  /** Written to since the last flush. */
  readonly #touched = new Map<number, Log>();
  /** Logs to be made shorter, the first of them perhaps being so. */
  readonly #long = new Map<number, Log>();
  #shortening: Shortening | null = null;
  readonly #notices: string[] = [];

  constructor(logs: GroupLogs, foreign: ReadonlySet<number>, shortenBytesMin: number) {
    this.#logs = logs;
    this.#foreign = foreign;
    this.#shortenBytesMin = shortenBytesMin;
  }

  /** Why the group cannot be served: its log is damaged; `null` when it can. */
  faultOf(image: Image, group: string): Fault | null {
    const topic = image.topics.get(OFFSETS_TOPIC);
    return topic === undefined ? null : this.#logs.faultOf(partitionOf(topic, group));
  }

  /** The log of a partition, made if it is not there; `null` when it is damaged, or cannot be made now. */
  logOf(image: Image, partition: number, nowMs: number): Log | null {
    const topic = image.topics.get(OFFSETS_TOPIC);
    if (topic === undefined || partition < 0 || partition >= topic.partitions.length) return null;
    const found = this.#logs.use(topic, partition, nowMs);
    return "code" in found ? null : found;
  }

  /**
   * Appends the records of one command as one batch. A fault means that nothing of it is in the log:
   * KAFKA_STORAGE_ERROR for a full disk, POLICY_VIOLATION for too much at once, COORDINATOR_NOT_AVAILABLE
   * as `faultOf`. The image has the topic.
   */
  append(image: Image, group: string, records: readonly GroupRecord[], nowMs: number): Fault | null {
    assert(records.length > 0, "a command that does nothing is not in the journal");
    const topic = image.topics.get(OFFSETS_TOPIC);
    assert(topic !== undefined, "the topic is made before its first record");
    const partition = partitionOf(topic, group);
    const log = this.#logs.use(topic, partition, nowMs);
    if ("code" in log) return log;
    for (const record of records) {
      assert(record.group === group, "a batch is about one group");
      this.#batch.add(image, record, nowMs);
      if (this.#batch.isTooMuch) break;
    }
    const failed = this.#batch.put(log, nowMs);
    if (failed !== null) return failed;
    this.#touched.set(partition, log);
    const isLong = log.bytes >= (this.#bytesMax.get(partition) ?? this.#shortenBytesMin);
    if (isLong && !this.#foreign.has(partition)) this.#long.set(partition, log);
    return null;
  }

  /** Something was appended that is not flushed. */
  get isTouched(): boolean {
    return this.#touched.size > 0;
  }

  /** Some log is too long: `shorten` has something to do. */
  get isLong(): boolean {
    return this.#long.size > 0;
  }

  /**
   * Writes the next slice of what is `live` in a log that is too long: all appended so far, and nothing
   * else. To be called before each `flush`; a full disk only puts it off.
   */
  shorten(image: Image, live: LiveRecords, nowMs: number): void {
    const shortening = this.#shortening ??= this.#beginToShorten(image, live);
    if (shortening === null || shortening.isWritten) return;
    const { partition, log } = shortening;
    const batch = this.#batch;
    const sink = {
      get bytes() {
        return batch.bytes;
      },
      add: (record: GroupRecord) => batch.add(image, record, nowMs),
      put: (log: Log) => batch.put(log, nowMs, GROUP_BATCH_BYTES_MAX),
    };
    const sliceBytes = Math.min(SLICE_BYTES_MAX, this.#shortenBytesMin);
    const failed = shortening.write(live, sink, sliceBytes, nowMs);
    this.#touched.set(partition, log);
    if (failed === null) return;
    this.#notices.push(`"${OFFSETS_TOPIC}-${partition}" is made shorter later: ${failed.message}`);
    this.#end(partition, log.bytes + this.#shortenBytesMin);
  }

  /**
   * Returns when everything appended is on the device; gives where each log that was written to stands
   * now. Throws DiskError: then nothing may be answered.
   */
  flush(): GroupLogPosition[] {
    const positions: GroupLogPosition[] = [];
    for (const [partition, log] of this.#touched) {
      log.flush();
      log.setHighWatermark(log.logEndOffset);
      if (this.#shortening?.log === log && this.#shortening.isWritten) this.#finish(this.#shortening);
      positions.push(positionOf(partition, log));
    }
    this.#touched.clear();
    return positions;
  }

  /** Sentences for the operator since the last call. */
  takeNotices(): string[] {
    const notices = this.#notices.splice(0);
    for (const log of this.#logs.open.values()) notices.push(...log.takeNotices());
    return notices;
  }

  /** Flushes and closes the logs; the journal is not used after that. Gives where each of them stands. */
  close(): GroupLogPosition[] {
    return [...this.#logs.open].map(([partition, log]) => {
      log.close();
      return positionOf(partition, log);
    });
  }

  #beginToShorten(image: Image, live: LiveRecords): Shortening | null {
    const [next] = this.#long;
    if (next === undefined) return null;
    const topic = image.topics.get(OFFSETS_TOPIC);
    assert(topic !== undefined, "a log belongs to its topic");
    const [partition, log] = next;
    const groups = [...live.groups()].filter((group) => partitionOf(topic, group) === partition);
    return new Shortening(partition, log, groups);
  }

  #finish(shortening: Shortening): void {
    const { partition, log } = shortening;
    shortening.finish();
    this.#end(partition, log.bytes + Math.max(log.bytes, this.#shortenBytesMin));
  }

  #end(partition: number, bytesMax: number): void {
    this.#bytesMax.set(partition, bytesMax);
    this.#long.delete(partition);
    this.#shortening = null;
  }
}

/** Where a group's records go. Source: Kafka's `partitionFor`, Java's `String.hashCode`. */
function partitionOf(topic: TopicImage, group: string): number {
  let hash = 0;
  for (let index = 0; index < group.length; index++) hash = (hash * 31 + group.charCodeAt(index)) | 0;
  // Java has no positive number for the smallest integer; Kafka takes 0.
  const positive = hash === -2_147_483_648 ? 0 : Math.abs(hash);
  return positive % topic.partitions.length;
}

function positionOf(partition: number, log: Log): GroupLogPosition {
  const { recoveryPoint, logStartOffset, highWatermark } = log;
  return { partition, recoveryPoint, logStartOffset, highWatermark };
}
