/**
 * Opening the journal: the newest sound snapshot, then every event of the log
 * behind it. A torn tail was never acknowledged and is cut by the log; anything
 * else that does not decode stops the start with a JournalError.
 *
 *     snapshot p ........ snapshot n ........ log end
 *     ^ log start                 ^ replay begins here
 */
import { DecodeError } from "../../bytes/mod.ts";
import { type Log, LogError, openLog } from "../../log/mod.ts";
import {
  applyEvent,
  assert,
  type Image,
  IMAGE_EMPTY,
  ImageDraft,
  LOG_SETTINGS_DEFAULT,
  type MetadataEvent,
} from "../../model/mod.ts";
import { attributes, baseOffset, forEachBatch, isControl, lastOffset } from "../../record/mod.ts";
import type { Disk } from "../../storage/disk.ts";
import { adoptForeign } from "./adopt.ts";
import { AdoptionError } from "./adopted_topics.ts";
import { decodeEvents } from "./decode_events.ts";
import { BATCH_BYTES_MAX, Journal, LEADER_EPOCH } from "./journal.ts";
import { listSnapshots, readSnapshot, type SnapshotFile } from "./snapshot.ts";

/** Where the journal lies, and what is known of its last stop. */
export interface JournalOptions {
  readonly disk: Disk;
  readonly dataDirectory: string;
  /** Whose journal it is. */
  readonly nodeId: number;
  /** The last stop was clean: the log need not search for a torn tail. */
  readonly clean: boolean;
  /** The log's next offset not known to be flushed; 0 where nothing is known. */
  readonly recoveryPoint: number;
  /** A random UUID as 22 characters of base64url, for topics of other brokers' that have no id. */
  readonly newId: () => string;
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

/** Where the journal lies, below the data directory. */
export const DIRECTORY = "__cluster_metadata-0";
/** Kafka's id of the cluster metadata topic: UUID 0-0-0-0-1. */
export const TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAAQ";
const SEGMENT_BYTES_MAX = 2 * BATCH_BYTES_MAX;
const READ_BYTES = 262_144;

const SETTINGS = {
  ...LOG_SETTINGS_DEFAULT,
  messageBytesMax: BATCH_BYTES_MAX,
  segmentBytesMax: SEGMENT_BYTES_MAX,
  timestampAfterMaxMs: Number.MAX_SAFE_INTEGER,
};

/**
 * Opens the journal and replays it; another broker's data directory is taken over first. Throws
 * {@linkcode JournalError} when it cannot be trusted, DiskError when it cannot be read or written.
 */
export function openJournal(options: JournalOptions, nowMs: number): OpenedJournal {
  const directory = `${options.dataDirectory}/${DIRECTORY}`;
  const adopted = adopt(options, directory, nowMs);
  // What was known of the log that lay there is not this one's.
  const known = adopted.length === 0 ? options : { ...options, clean: false, recoveryPoint: 0 };
  const opened = openIn(directory, known, nowMs);
  return { ...opened, report: [...adopted, ...opened.report] };
}

/** Sentences for the operator; none where the directory is Weir's. */
function adopt(options: JournalOptions, directory: string, nowMs: number): readonly string[] {
  const write = (made: string, events: readonly MetadataEvent[]): void => {
    let { journal, image } = openIn(made, { ...options, clean: false, recoveryPoint: 0 }, nowMs);
    for (const event of events) {
      const failed = journal.append(image, [event], nowMs);
      if (failed !== null) throw new JournalError(`The metadata cannot be written anew: ${failed.message}`);
      image = applyEvent(image, event);
    }
    journal.close();
  };
  try {
    return adoptForeign({ ...options, directory, write });
  } catch (error) {
    if (!(error instanceof AdoptionError)) throw error;
    throw new JournalError(error.message);
  }
}

function openIn(directory: string, options: JournalOptions, nowMs: number): OpenedJournal {
  const report: string[] = [];
  const base = newestSoundSnapshot(options.disk, directory, report);
  const log = openLogAt(options, directory, base, nowMs, report);
  const draft = new ImageDraft(base.image);
  const bytes = replay(log, base.offset, draft);
  const journal = new Journal(log, { ...options, ...base, directory, bytesSinceSnapshot: bytes });
  journal.begin(nowMs);
  return { journal, image: draft.finish(), report };
}

/** Where replay begins. */
interface Base {
  readonly image: Image;
  readonly offset: number;
  readonly snapshotBytes: number;
  /** The sound snapshot and what is older, newest first. */
  readonly snapshots: readonly SnapshotFile[];
  /** Newer ones that cannot be used. */
  readonly damaged: readonly SnapshotFile[];
}

function newestSoundSnapshot(disk: Disk, directory: string, report: string[]): Base {
  const files = listSnapshots(disk, directory);
  for (const [index, file] of files.entries()) {
    try {
      const { image, bytes } = readSnapshot(disk, file);
      return {
        image,
        offset: file.offset,
        snapshotBytes: bytes,
        snapshots: files.slice(index),
        damaged: files.slice(0, index),
      };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      report.push(`Metadata snapshot "${file.path}" cannot be used: ${error.message}`);
    }
  }
  return { image: IMAGE_EMPTY, offset: 0, snapshotBytes: 0, snapshots: [], damaged: files };
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
  // Whoever sees the image may count on it: what a crash left unflushed is flushed first.
  if (log.unflushedRecords > 0) log.flush();
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
      // Small enough to write its end again whenever the last stop was not clean.
      isSuspect: !options.clean,
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
