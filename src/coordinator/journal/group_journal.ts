/**
 * The journal of groups: `__consumer_offsets` in Apache Kafka's own format, one
 * log for each of its partitions. What one command does to a group is one batch
 * of one partition, in the log whole or not at all:
 *
 *     partition = abs(hashCode(group)) mod partitions of the topic
 *
 * Nothing may be answered before `flush`, which flushes each log that was
 * written to once. Opened by `openGroupJournal`; called by the coordinator alone.
 */
import type { Log } from "../../log/mod.ts";
import {
  assert,
  type Fault,
  fault,
  type GroupLogPosition,
  type Image,
  OFFSETS_TOPIC,
  type TopicImage,
} from "../../model/mod.ts";
import { BatchBuilder } from "../../record/mod.ts";
import type { GroupRecord } from "../groups/record.ts";
import { GroupEncoder } from "./encode_groups.ts";
import { GROUP_BATCH_BYTES_MAX, type GroupLogOptions, GroupLogs } from "./group_logs.ts";

/** A builder that grew past this is not kept. */
const BUILDER_BYTES_KEPT = 262_144;

/** The journal, and what an operator should read: repairs, logs that cannot be used, records passed over. */
export interface OpenedGroupJournal {
  readonly journal: GroupJournal;
  readonly report: readonly string[];
}

/**
 * Opens the logs that exist and gives every record to `apply`, partition by partition, each in its
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
  const topic = image.topics.get(OFFSETS_TOPIC);
  for (const { partition } of topic?.partitions ?? []) {
    if (!logs.exists(topic!, partition)) continue;
    const found = logs.replay(topic!, partition, nowMs);
    report.push(...found.report);
    for (const record of found.replayed?.records ?? []) apply(record);
    const passedOver = found.replayed?.passedOver ?? 0;
    if (passedOver === 0) continue;
    const words = `Passed over ${passedOver} records of "${OFFSETS_TOPIC}-${partition}"`;
    report.push(`${words}: their types are not known to this version`);
  }
  return { journal: new GroupJournal(logs), report };
}

export class GroupJournal {
  readonly #logs: GroupLogs;
  readonly #encoder = new GroupEncoder();
  #builder = new BatchBuilder();
  /** Written to since the last flush. */
  readonly #touched = new Map<number, Log>();

  constructor(logs: GroupLogs) {
    this.#logs = logs;
  }

  /** Why the group cannot be served: its log is damaged; `null` when it can. */
  faultOf(image: Image, group: string): Fault | null {
    const topic = image.topics.get(OFFSETS_TOPIC);
    return topic === undefined ? null : this.#logs.faultOf(partitionOf(topic, group));
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
    this.#builder.reset();
    for (const record of records) {
      assert(record.group === group, "a batch is about one group");
      this.#encoder.encode(this.#builder, image, record, nowMs);
    }
    const failed = this.#put(log, nowMs);
    if (failed === null) this.#touched.set(partition, log);
    return failed;
  }

  /** Something was appended that is not flushed. */
  get isTouched(): boolean {
    return this.#touched.size > 0;
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
      positions.push(positionOf(partition, log));
    }
    this.#touched.clear();
    return positions;
  }

  /** Sentences for the operator since the last call. */
  takeNotices(): string[] {
    const notices: string[] = [];
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

  #put(log: Log, nowMs: number): Fault | null {
    const { leaderEpoch } = log;
    const { bytes } = this.#builder;
    const appended = bytes > GROUP_BATCH_BYTES_MAX
      ? fault("POLICY_VIOLATION", `Request changes too much at once: "${bytes}" bytes of group records`)
      : log.append(this.#builder.build({ leaderEpoch }), nowMs);
    if (bytes > BUILDER_BYTES_KEPT) this.#builder = new BatchBuilder();
    return "code" in appended ? appended : null;
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
