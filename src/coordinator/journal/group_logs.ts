/**
 * The logs of `__consumer_offsets`, opened as they lie on the disk or made when
 * something is first written, and read from their start to their end. A log that
 * cannot be opened or read whole stays offline: its groups are not served, the
 * others are. Called by the group journal.
 */
import { type Log, LogError, OpenFiles, openLog } from "../../log/mod.ts";
import {
  assert,
  type Fault,
  fault,
  type GroupLogPosition,
  LOG_SETTINGS_DEFAULT,
  type LogSettings,
  type TopicImage,
} from "../../model/mod.ts";
import { type Disk, DiskError } from "../../storage/disk.ts";
import { GROUP_BATCH_BYTES_MAX } from "./group_batch.ts";
import { readGroupLog, type ReplayedLog, UnreadableLog } from "./read_group_log.ts";

/** Where the logs lie, and what is known of their last stop. */
export interface GroupLogOptions {
  readonly disk: Disk;
  readonly dataDirectory: string;
  /** The last stop was clean: logs that have a position need not search for a torn tail. */
  readonly clean: boolean;
  /** What the checkpoint files say, of the partitions they know. */
  readonly positions: readonly GroupLogPosition[];
  /** Bytes up to which no log is made shorter. Default 1 MiB. */
  readonly shortenBytesMin?: number;
}

/** A segment has room for any batch, whatever the topic's `segment.bytes`. */
const SEGMENT_BYTES_MIN = GROUP_BATCH_BYTES_MAX;
const NOTHING_KNOWN = { recoveryPoint: 0, logStartOffset: 0 };

/** The logs that are open, by partition, and those that cannot be. */
export class GroupLogs {
  readonly #options: GroupLogOptions;
  readonly #files: OpenFiles;
  readonly #open = new Map<number, Log>();
  readonly #offline = new Map<number, Fault>();

  constructor(options: GroupLogOptions) {
    this.#options = options;
    this.#files = new OpenFiles(options.disk);
  }

  /** Logs that are open, by partition. */
  get open(): ReadonlyMap<number, Log> {
    return this.#open;
  }

  /** Why a partition's log cannot be used; `null` when it can, or is not there yet. */
  faultOf(partition: number): Fault | null {
    return this.#offline.get(partition) ?? null;
  }

  /** True when there is something to replay; a log without records is opened when it is wanted. */
  holdsRecords(topic: TopicImage, partition: number): boolean {
    const { disk } = this.#options;
    const directory = this.#directory(topic, partition);
    if (disk.stat(directory) === null) return false;
    const names = disk.list(directory).map(({ name }) => name).filter((name) => name.endsWith(".log"));
    return names.some((name) => (disk.stat(`${directory}/${name}`)?.size ?? 0) > 0);
  }

  /** The partition's log, made when it is not there. A full disk is a fault; other DiskErrors are thrown. */
  use(topic: TopicImage, partition: number, nowMs: number): Log | Fault {
    const known = this.#open.get(partition) ?? this.#offline.get(partition);
    if (known !== undefined) return known;
    try {
      return this.#openLog(topic, partition, nowMs).log;
    } catch (error) {
      if (!(error instanceof LogError) && !(error instanceof DiskError && error.code === "full")) throw error;
      return fault("KAFKA_STORAGE_ERROR", `Log "${topic.name}-${partition}" can't be made: ${error.message}`);
    }
  }

  /** Opens a log that exists and reads all of it, or takes it offline; gives sentences for the operator. */
  replay(
    topic: TopicImage,
    partition: number,
    nowMs: number,
  ): { readonly replayed: ReplayedLog | null; readonly report: readonly string[] } {
    const report: string[] = [];
    try {
      const opened = this.#openLog(topic, partition, nowMs);
      report.push(...opened.report);
      return { replayed: readGroupLog(opened.log), report };
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      const words = `Groups of "${topic.name}-${partition}" are not served: ${error.message}`;
      this.#open.delete(partition);
      this.#offline.set(partition, fault("COORDINATOR_NOT_AVAILABLE", words));
      return { replayed: null, report: [...report, words] };
    }
  }

  #openLog(topic: TopicImage, partition: number, nowMs: number): ReturnType<typeof openLog> {
    const known = this.#options.positions.find((position) => position.partition === partition);
    const { recoveryPoint, logStartOffset } = known ?? NOTHING_KNOWN;
    const clean = this.#options.clean && known !== undefined;
    const leaderEpoch = topic.partitions[partition]?.leaderEpoch;
    assert(leaderEpoch !== undefined, "the topic has the partition");
    const opened = openLog(this.#options.disk, this.#directory(topic, partition), {
      settings: settingsOf(topic),
      leaderEpoch,
      topicId: topic.id,
      nowMs,
      clean,
      isSuspect: !this.#options.clean,
      recoveryPoint,
      logStartOffset,
      highWatermark: 0,
      jitter: 0,
      checkCrcOnRead: true,
      openFiles: this.#files,
    });
    const { log } = opened;
    // Whoever is answered from it may count on it: what a crash left unflushed is flushed first.
    if (log.unflushedRecords > 0) log.flush();
    log.setHighWatermark(log.logEndOffset);
    this.#open.set(partition, log);
    return opened;
  }

  #directory(topic: TopicImage, partition: number): string {
    return `${this.#options.dataDirectory}/${topic.name}-${partition}`;
  }
}

/** The broker's own records: whole commands, whatever clients may send to other topics. */
function settingsOf(topic: TopicImage): LogSettings {
  const segmentBytes = Number(topic.settings["segment.bytes"] ?? LOG_SETTINGS_DEFAULT.segmentBytesMax);
  return {
    ...LOG_SETTINGS_DEFAULT,
    messageBytesMax: GROUP_BATCH_BYTES_MAX,
    segmentBytesMax: Math.max(segmentBytes, SEGMENT_BYTES_MIN),
    timestampAfterMaxMs: Number.MAX_SAFE_INTEGER,
    cleanupDelete: false,
    cleanupCompact: true,
  };
}

function isUnreadable(error: unknown): error is Error {
  return error instanceof UnreadableLog || error instanceof LogError;
}
