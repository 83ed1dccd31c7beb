/**
 * The producers of one log and their `.snapshot` files: one at each segment's base,
 * which goes with its segment, and the latest, at the end of the last clean stop or
 * recovery. State = newest sound snapshot at or below the log's end + replay.
 *
 * No snapshot at all means that there never was an idempotent producer: the first
 * one's first batch waits until a snapshot of nobody has its name on the device. So
 * logs without such producers cost nothing, and are not read for them. Beyond that
 * nothing hangs on a snapshot but time: one that is torn or damaged is made up for
 * by an older one or by the whole log; those of a roll are synced, for a trim may take what is before them.
 * When the log is written to no snapshot lies above its end.
 */
import { assert, type Fault, type ProducerDescription } from "../model/mod.ts";
import { type Disk, DiskError } from "../storage/disk.ts";
import { endsWithProducer, replayProducers } from "./producer_replay.ts";
import {
  decodeSnapshot,
  encodeSnapshot,
  producerOf,
  SNAPSHOT_BYTES_MAX,
  type SnapshotEntry,
} from "./producer_snapshot.ts";
import { type KnownBatch, type LastBatch, ProducerStates } from "./producer_states.ts";
import type { LogContext } from "./log_context.ts";
import type { Segment } from "./segment.ts";
import { snapshotFileName } from "./segment_name.ts";

/** Time between two looks for expired producers: Kafka's own default. */
const EXPIRY_INTERVAL_MS = 600_000;

/** The log, as far as a snapshot at its end needs it. */
interface Flushable {
  readonly logEndOffset: number;
  flush(): void;
}

export class ProducerStore {
  readonly #context: LogContext;
  readonly #states = new ProducerStates();
  /** Offsets of the files, ascending. */
  #snapshots: number[];
  /** Those of them that can't be read: they go when a sound one is written. */
  readonly #damaged = new Set<number>();
  /** The name of a new one may not be on the device. */
  #isDirectoryDirty = false;
  #expireAtMs = 0;
  /** There was no snapshot, and the log was looked at for batches that say that there should be. */
  #isSearched = false;
  /** A snapshot's name is on the device, or will be with the first flush, as all that was found at the start. */
  #isMarked: boolean;

  constructor(context: LogContext, snapshotOffsets: readonly number[]) {
    this.#context = context;
    this.#isMarked = snapshotOffsets.length > 0;
    this.#snapshots = [...snapshotOffsets].sort((a, b) => a - b);
  }

  /**
   * Finds the state at the log's end. What lies above it is gone for good when it returns, but not before
   * another snapshot tells that there are producers. Throws DiskError.
   */
  load(segments: readonly Segment[], logEndOffset: number, nowMs: number): void {
    this.#states.clear();
    if (this.#snapshots.length === 0) return;
    const above = this.#snapshots.filter((offset) => offset > logEndOffset);
    this.#snapshots = this.#snapshots.filter((offset) => offset <= logEndOffset);
    const from = this.#loadNewest();
    // As Kafka does: who is expired does not come back from a snapshot, but those of the replay wait for their time.
    this.#expire(nowMs);
    if (from < logEndOffset) replayProducers(this.#states, segments, from);
    if (this.#snapshots.length === 0) this.#write(logEndOffset, segments, false);
    else this.roll(logEndOffset, segments);
    this.#remove(above);
    if (above.length > 0) this.#syncDirectory();
  }

  /** The log goes on elsewhere: what was known of its producers does not hold there. */
  reset(): void {
    this.#states.clear();
    if (this.#snapshots.length === 0) return;
    this.#remove(this.#snapshots);
    this.#syncDirectory();
    this.#isMarked = false;
  }

  /** Judges a batch with a producer id before it is appended; see ProducerStates. */
  check(view: DataView, nowMs: number): KnownBatch | Fault | null {
    if (this.#snapshots.length === 0 && !this.#isSearched) this.#restore();
    this.#expireIfDue(nowMs);
    return this.#states.check(view);
  }

  /** Takes in a batch with a producer id that was just appended. */
  take(view: DataView): void {
    this.#states.take(view, 0);
  }

  /** All that are known: one whose records are stamped long ago stays until the next look. */
  describe(nowMs: number): ProducerDescription[] {
    this.#expireIfDue(nowMs);
    return this.#states.describe();
  }

  /** False when no batch of the log has a producer id. */
  get hasProducers(): boolean {
    return this.#snapshots.length > 0;
  }

  lastBatches(): ReadonlyMap<number, LastBatch> {
    return this.#states.lastBatches();
  }

  /**
   * A batch with a producer id is about to be written at the log's end. For the first one of all its log is
   * marked as one to be read for producers. Throws DiskError.
   */
  prepare(logEndOffset: number, segments: readonly Segment[]): void {
    if (this.#isMarked) return;
    // A full disk may have left the file, without what was to be in it: its name is what counts.
    if (this.#snapshots.length === 0) this.#write(logEndOffset, segments, false);
    this.#syncDirectory();
    this.#isMarked = true;
  }

  /** A segment begins at `offset`, or a recovered log ends there. Without a snapshot the next start takes longer. */
  roll(offset: number, segments: readonly Segment[]): void {
    // On the device at once: a trim may take the segments from which it could be made again.
    this.#writeIfRoom(offset, segments, true);
  }

  /**
   * Segments below `offset` are about to go: what they tell of producers is in a sound snapshot at or above it
   * when this returns, though a full disk may have refused the one of the roll. Throws DiskError.
   */
  keepFrom(offset: number, log: Flushable, segments: readonly Segment[]): void {
    const isSound = (snapshot: number) => snapshot >= offset && !this.#damaged.has(snapshot);
    if (this.#snapshots.length === 0 || this.#snapshots.some(isSound)) return;
    // Or a crash could leave a log that ends below its snapshot.
    log.flush();
    this.#write(log.logEndOffset, segments, true);
    this.#syncDirectory();
  }

  /** A segment went away: its snapshot goes, unless it is the latest. */
  drop(baseOffset: number): void {
    const isKept = this.#snapshots.at(-1) === baseOffset || !this.#snapshots.includes(baseOffset);
    if (!isKept) this.#remove([baseOffset]);
  }

  /** A clean stop at `logEndOffset`: true when there is a new snapshot and the directory must be synced. */
  close(logEndOffset: number, segments: readonly Segment[]): boolean {
    return this.#writeIfRoom(logEndOffset, segments, true);
  }

  /** No snapshot says that nobody ever had a producer id. Where the log says otherwise they were taken away. */
  #restore(): void {
    this.#isSearched = true;
    const { segments, directory, notices } = this.#context;
    if (!segments.some(endsWithProducer)) return;
    replayProducers(this.#states, segments, 0);
    notices.push(`Made up for the snapshots of producers of "${directory}" from the log: all are missing`);
  }

  get #disk(): Disk {
    return this.#context.files.disk;
  }

  #expireIfDue(nowMs: number): void {
    if (nowMs >= this.#expireAtMs) this.#expire(nowMs);
  }

  #expire(nowMs: number): void {
    this.#expireAtMs = nowMs + EXPIRY_INTERVAL_MS;
    this.#states.expire(nowMs, this.#context.settings.producerExpirationMs);
  }

  /** Loads the newest snapshot that can be read; gives the offset it stands for. */
  #loadNewest(): number {
    for (const offset of this.#snapshots.toReversed()) {
      const path = this.#path(offset);
      const entries = readSnapshot(this.#disk, path, offset);
      if (typeof entries === "string") {
        this.#damaged.add(offset);
        this.#context.notices.push(`Made up for "${path}" from the log: ${entries}`);
        continue;
      }
      for (const entry of entries.sort((a, b) => a.lastOffset - b.lastOffset)) {
        const producer = producerOf(entry);
        if (producer !== null) this.#states.put(producer);
      }
      return offset;
    }
    return 0;
  }

  /** Writes a snapshot unless there is none to be or it is there; true if it was written. */
  #writeIfRoom(offset: number, segments: readonly Segment[], isSynced: boolean): boolean {
    const isThere = this.#snapshots.at(-1) === offset && !this.#damaged.has(offset);
    if (this.#snapshots.length === 0 || isThere) return false;
    try {
      this.#write(offset, segments, isSynced);
      return true;
    } catch (error) {
      if (!isMadeUpFor(error)) throw error;
      return false;
    }
  }

  #write(offset: number, segments: readonly Segment[], isSynced: boolean): void {
    assert((this.#snapshots.at(-1) ?? -1) <= offset, "snapshots are written in order");
    const file = this.#disk.open(this.#path(offset), "create");
    if (this.#snapshots.at(-1) !== offset) this.#snapshots.push(offset);
    // Until it is whole; half a file is found out when it is read.
    this.#damaged.add(offset);
    this.#isDirectoryDirty = true;
    try {
      file.truncate(0);
      file.write(0, encodeSnapshot(this.#states));
      if (isSynced) file.sync();
    } finally {
      file.close();
    }
    this.#damaged.delete(offset);
    this.#removeStrays(segments);
  }

  /** Keeps those at the bases of segments, and the latest, if they are sound. */
  #removeStrays(segments: readonly Segment[]): void {
    const latest = this.#snapshots.at(-1);
    const isKept = (offset: number) =>
      offset === latest ||
      (!this.#damaged.has(offset) && segments.some((segment) => segment.baseOffset === offset));
    this.#remove(this.#snapshots.filter((offset) => !isKept(offset)));
  }

  /** Takes files away; the one that stays is on the device before. */
  #remove(offsets: readonly number[]): void {
    if (offsets.length > 0 && this.#isDirectoryDirty) this.#syncDirectory();
    for (const offset of offsets) {
      this.#disk.remove(this.#path(offset));
      this.#damaged.delete(offset);
    }
    this.#snapshots = this.#snapshots.filter((offset) => !offsets.includes(offset));
  }

  #syncDirectory(): void {
    this.#disk.syncDirectory(this.#context.directory);
    this.#isDirectoryDirty = false;
  }

  #path(offset: number): string {
    return `${this.#context.directory}/${snapshotFileName(offset)}`;
  }
}

/** True for what only makes the next start slower. */
function isMadeUpFor(error: unknown): boolean {
  return error instanceof DiskError && (error.code === "full" || error.code === "too_many_open_files");
}

/** Entries of the file, or what is wrong with it. Throws DiskError. */
export function readSnapshot(
  disk: Disk,
  path: string,
  offset: number,
): SnapshotEntry[] | string {
  const file = disk.open(path, "read");
  try {
    if (file.size > SNAPSHOT_BYTES_MAX) return `its ${file.size} bytes are more than ${SNAPSHOT_BYTES_MAX}`;
    return decodeSnapshot(file.view(0, file.size), offset);
  } finally {
    file.close();
  }
}
