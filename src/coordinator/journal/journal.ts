/**
 * The journal: every metadata event, in a log of Kafka's own format beside the
 * partitions' (`__cluster_metadata-0/`), one batch for each command. Replay gives
 * the image back: newest sound snapshot, then the log from there. A torn tail was
 * never acknowledged and is cut by the log; anything else that does not decode
 * stops the start with a JournalError.
 *
 *     snapshot p ........ snapshot n ........ log end
 *     ^ log start                 ^ replay begins here
 *
 * Bounded: past JOURNAL_BYTES_MIN, or the size of the last snapshot if that is
 * larger, a new snapshot is written; the one before is kept in case the newest is
 * damaged, and the log is trimmed up to it. Called by the coordinator alone.
 */
import { DecodeError } from "../../bytes/mod.ts";
import { type Log, LogError, openLog } from "../../log/mod.ts";
import {
  assert,
  type Fault,
  fault,
  type Image,
  IMAGE_EMPTY,
  ImageDraft,
  LOG_SETTINGS_DEFAULT,
  type MetadataEvent,
} from "../../model/mod.ts";
import {
  attributes,
  baseOffset,
  BatchBuilder,
  forEachBatch,
  isControl,
  lastOffset,
} from "../../record/mod.ts";
import { type Disk, DiskError } from "../../storage/disk.ts";
import { decodeEvents } from "./decode_events.ts";
import { EventEncoder } from "./encode_events.ts";
import { listSnapshots, readSnapshot, type SnapshotFile, writeSnapshot } from "./snapshot.ts";

/** Where the journal lies, and what is known of its last stop. */
export interface JournalOptions {
  readonly disk: Disk;
  readonly dataDirectory: string;
  /** The last stop was clean: the log need not search for a torn tail. */
  readonly clean: boolean;
  /** The log's next offset not known to be flushed; 0 where nothing is known. */
  readonly recoveryPoint: number;
  /** Bytes of log after which a snapshot is written, whatever the last one's size. Default 1 MiB. */
  readonly snapshotBytesMin?: number;
}

/** What replay gave. */
export interface OpenedJournal {
  readonly journal: Journal;
  readonly image: Image;
  /** What an operator should read: repairs, damaged snapshots. */
  readonly report: readonly string[];
}

/** The journal cannot be used: the message says why. */
export class JournalError extends Error {
  override name = "JournalError";
}

const DIRECTORY = "__cluster_metadata-0";
/** Kafka's id of the cluster metadata topic: UUID 0-0-0-0-1. */
const TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAAQ";
/** One broker, one epoch, the first that KRaft gives. */
const LEADER_EPOCH = 1;
/** The largest batch, and with it the largest command. */
const BATCH_BYTES_MAX = 33_554_432;
const SEGMENT_BYTES_MAX = 2 * BATCH_BYTES_MAX;
const SNAPSHOT_BYTES_MIN = 1_048_576;
const SNAPSHOTS_KEPT = 2;
const READ_BYTES = 262_144;
/** A builder that grew past this is not kept. */
const BUILDER_BYTES_KEPT = 262_144;

const SETTINGS = {
  ...LOG_SETTINGS_DEFAULT,
  messageBytesMax: BATCH_BYTES_MAX,
  segmentBytesMax: SEGMENT_BYTES_MAX,
  timestampAfterMaxMs: Number.MAX_SAFE_INTEGER,
};

/**
 * Opens the journal and replays it. Throws {@linkcode JournalError} when it cannot
 * be trusted, DiskError when it cannot be read or written.
 */
export function openJournal(options: JournalOptions, nowMs: number): OpenedJournal {
  const directory = `${options.dataDirectory}/${DIRECTORY}`;
  const report: string[] = [];
  const base = newestSoundSnapshot(options.disk, directory, report);
  const log = openLogAt(options, directory, base, nowMs, report);
  const draft = new ImageDraft(base.image);
  const bytes = replay(log, base.offset, draft);
  const journal = new Journal(options, directory, log, base, bytes);
  return { journal, image: draft.finish(), report };
}

/** Where replay begins. */
interface Base {
  readonly image: Image;
  readonly offset: number;
  readonly bytes: number;
  /** The sound snapshot and what is older, newest first. */
  readonly files: readonly SnapshotFile[];
  /** Newer ones that cannot be used. */
  readonly damaged: readonly SnapshotFile[];
}

export class Journal {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #log: Log;
  readonly #encoder = new EventEncoder();
  readonly #snapshotBytesMin: number;
  readonly #notices: string[] = [];
  #builder = new BatchBuilder();
  /** Newest first. */
  #snapshots: readonly SnapshotFile[];
  /** They go when the next one is written. */
  #damaged: readonly SnapshotFile[];
  #snapshotBytes: number;
  #bytesSinceSnapshot: number;

  constructor(options: JournalOptions, directory: string, log: Log, base: Base, bytesReplayed: number) {
    this.#disk = options.disk;
    this.#directory = directory;
    this.#log = log;
    this.#snapshots = base.files;
    this.#damaged = base.damaged;
    this.#snapshotBytes = base.bytes;
    this.#bytesSinceSnapshot = bytesReplayed;
    this.#snapshotBytesMin = options.snapshotBytesMin ?? SNAPSHOT_BYTES_MIN;
  }

  /** Appends the events of one command as one batch; a fault means that nothing of it is in the journal. */
  append(image: Image, events: readonly MetadataEvent[], nowMs: number): Fault | null {
    assert(events.length > 0, "a command that does nothing is not in the journal");
    this.#builder.reset();
    this.#encoder.encode(this.#builder, image, events, nowMs);
    const bytes = this.#builder.bytes;
    const appended = bytes > BATCH_BYTES_MAX
      ? fault("POLICY_VIOLATION", `Request changes too much at once: "${bytes}" bytes of metadata`)
      : this.#log.append(this.#builder.build({ leaderEpoch: LEADER_EPOCH }), nowMs);
    if (bytes > BUILDER_BYTES_KEPT) this.#builder = new BatchBuilder();
    if ("code" in appended) return appended;
    this.#bytesSinceSnapshot += bytes;
    return null;
  }

  /** Returns when every event appended is on the device. Throws DiskError: then nothing may be answered. */
  flush(): void {
    this.#log.flush();
    this.#log.setHighWatermark(this.#log.logEndOffset);
  }

  /** The first offset that is not known to be on the device. */
  get recoveryPoint(): number {
    return this.#log.recoveryPoint;
  }

  /** True when the log has grown enough since the last snapshot. */
  get snapshotIsDue(): boolean {
    return this.#bytesSinceSnapshot >= Math.max(this.#snapshotBytesMin, this.#snapshotBytes);
  }

  /**
   * Writes `image`, which holds every event appended and flushed, as a snapshot
   * and trims the log. A full disk only puts it off.
   */
  snapshot(image: Image, nowMs: number): void {
    const offset = this.#log.logEndOffset;
    this.#bytesSinceSnapshot = 0;
    if (this.#snapshots.some((snapshot) => snapshot.offset === offset)) return;
    try {
      const { file, bytes } = writeSnapshot(this.#disk, this.#directory, image, offset, LEADER_EPOCH, nowMs);
      this.#snapshotBytes = bytes;
      this.#keepNewest([file, ...this.#snapshots]);
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== "full") throw error;
      this.#notices.push(`Metadata snapshot at offset "${offset}" is put off: ${error.message}`);
    }
  }

  /** Sentences for the operator since the last call. */
  takeNotices(): string[] {
    return [...this.#log.takeNotices(), ...this.#notices.splice(0)];
  }

  /** Flushes and closes the log; the journal is not used after that. Gives the recovery point. */
  close(): number {
    this.#log.flush();
    this.#log.close();
    return this.#log.recoveryPoint;
  }

  #keepNewest(snapshots: readonly SnapshotFile[]): void {
    this.#snapshots = snapshots.slice(0, SNAPSHOTS_KEPT);
    const oldest = this.#snapshots.at(-1);
    assert(oldest !== undefined, "a snapshot was just written");
    // With a single snapshot the log is kept whole: it is what stands in if that one is damaged.
    if (this.#snapshots.length === SNAPSHOTS_KEPT) this.#log.trim(oldest.offset);
    const dropped = [...snapshots.slice(SNAPSHOTS_KEPT), ...this.#damaged];
    this.#damaged = [];
    for (const { path } of dropped) {
      // A damaged one may have been replaced under its own name.
      if (!this.#snapshots.some((kept) => kept.path === path)) this.#disk.remove(path);
    }
  }
}

function newestSoundSnapshot(disk: Disk, directory: string, report: string[]): Base {
  const files = listSnapshots(disk, directory);
  for (const [index, file] of files.entries()) {
    try {
      const { image, bytes } = readSnapshot(disk, file);
      return { image, offset: file.offset, bytes, files: files.slice(index), damaged: files.slice(0, index) };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      report.push(`Metadata snapshot "${file.path}" cannot be used: ${error.message}`);
    }
  }
  return { image: IMAGE_EMPTY, offset: 0, bytes: 0, files: [], damaged: files };
}

/** Opens the log such that it reaches from the snapshot on, and goes on behind it. */
function openLogAt(
  options: JournalOptions,
  directory: string,
  base: Base,
  nowMs: number,
  report: string[],
): Log {
  let log = openLogFrom(options, directory, base, 0, nowMs, report);
  if (log.logEndOffset < base.offset) {
    // The snapshot outlived the end of the log: what comes next must not get offsets it already covers.
    report.push(`Metadata log ended at ${log.logEndOffset} and goes on at its snapshot's ${base.offset}`);
    log.close();
    log = openLogFrom({ ...options, clean: false }, directory, base, base.offset, nowMs, report);
  }
  if (log.logStartOffset > base.offset) {
    throw new JournalError(
      `Metadata log "${directory}" begins at offset "${log.logStartOffset}", ` +
        `but the newest sound snapshot ends at ${base.offset}: restore one of its .checkpoint files`,
    );
  }
  assert(log.logEndOffset >= base.offset, "the log goes on behind the snapshot");
  log.setHighWatermark(log.logEndOffset);
  return log;
}

function openLogFrom(
  options: JournalOptions,
  directory: string,
  base: Base,
  logStartOffset: number,
  nowMs: number,
  report: string[],
): Log {
  try {
    const opened = openLog(options.disk, directory, {
      settings: SETTINGS,
      leaderEpoch: LEADER_EPOCH,
      topicId: TOPIC_ID,
      nowMs,
      clean: options.clean,
      // A snapshot is written only of what is flushed.
      recoveryPoint: Math.max(options.recoveryPoint, base.offset),
      logStartOffset,
      highWatermark: 0,
      jitter: 0,
      checkCrcOnRead: true,
    });
    report.push(...opened.report);
    return opened.log;
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    throw new JournalError(`Metadata log "${directory}" cannot be opened: ${error.message}`);
  }
}

/** Applies every event of the log from `fromOffset` on; gives the bytes read. */
function replay(log: Log, fromOffset: number, draft: ImageDraft): number {
  let offset = fromOffset;
  let bytes = 0;
  let buffer = new Uint8Array(0);
  while (offset < log.logEndOffset) {
    const slice = log.locate(offset, READ_BYTES, log.logEndOffset, true);
    if ("code" in slice) throw unreadable(offset, slice.message);
    if (buffer.length < slice.length) buffer = new Uint8Array(Math.max(slice.length, READ_BYTES));
    const target = buffer.subarray(0, slice.length);
    const failed = log.copy(slice, target);
    if (failed !== null) throw unreadable(offset, failed.message);
    const nextOffset = replayBatches(target, offset, draft);
    assert(nextOffset > offset, "every read brings at least one batch");
    offset = nextOffset;
    bytes += slice.length;
  }
  assert(offset === log.logEndOffset, "replay ends where the log ends");
  return bytes;
}

/** Applies the batches in `bytes`; gives the offset behind them. */
function replayBatches(bytes: Uint8Array, fromOffset: number, draft: ImageDraft): number {
  let nextOffset = fromOffset;
  forEachBatch(bytes, (batch) => {
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    const firstOffset = baseOffset(view, 0);
    if (firstOffset < nextOffset) throw unreadable(firstOffset, "a batch spans the snapshot's end");
    try {
      // Control batches are KRaft's own business and no event.
      const events = isControl(attributes(view, 0)) ? [] : decodeEvents(batch, draft);
      for (const event of events) draft.apply(event);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw unreadable(firstOffset, error.message);
    }
    nextOffset = lastOffset(view, 0) + 1;
  });
  return nextOffset;
}

function unreadable(offset: number, reason: string): JournalError {
  return new JournalError(`Metadata log "${DIRECTORY}" cannot be read at offset "${offset}": ${reason}`);
}
