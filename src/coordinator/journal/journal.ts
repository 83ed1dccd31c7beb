/**
 * The journal: every metadata event, in a log of Kafka's own format beside the
 * partitions' (`__cluster_metadata-0/`), one batch for each command.
 *
 * Bounded: past SNAPSHOT_BYTES_MIN, or the size of the last snapshot if that is
 * larger, a new snapshot is written; the one before is kept in case the newest is
 * damaged, and the log is trimmed up to it. Opened by `openJournal`; called by the
 * coordinator alone.
 */
import type { Log } from "../../log/mod.ts";
import { assert, type Fault, fault, type Image, type MetadataEvent } from "../../model/mod.ts";
import { BatchBuilder } from "../../record/mod.ts";
import { type Disk, DiskError } from "../../storage/disk.ts";
import { EventEncoder } from "./encode_events.ts";
import { type SnapshotFile, writeSnapshot } from "./snapshot.ts";

/** One broker, one epoch, the first that KRaft gives. */
export const LEADER_EPOCH = 1;
/** The largest batch, and with it the largest command. */
export const BATCH_BYTES_MAX = 33_554_432;
const SNAPSHOT_BYTES_MIN = 1_048_576;
const SNAPSHOTS_KEPT = 2;
/** A builder that grew past this is not kept. */
const BUILDER_BYTES_KEPT = 262_144;

/** Where the journal stands when it was opened. */
export interface JournalState {
  readonly disk: Disk;
  /** Whose journal it is. */
  readonly nodeId: number;
  readonly directory: string;
  /** The sound snapshot that was read and what is older, newest first. */
  readonly snapshots: readonly SnapshotFile[];
  /** Newer ones that cannot be used. */
  readonly damaged: readonly SnapshotFile[];
  readonly snapshotBytes: number;
  readonly bytesSinceSnapshot: number;
  readonly snapshotBytesMin?: number;
}

export class Journal {
  readonly #log: Log;
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #encoder: EventEncoder;
  readonly #nodeId: number;
  readonly #snapshotBytesMin: number;
  readonly #notices: string[] = [];
  #builder = new BatchBuilder();
  /** Newest first. */
  #snapshots: readonly SnapshotFile[];
  /** They go when the next one is written. */
  #damaged: readonly SnapshotFile[];
  #snapshotBytes: number;
  #bytesSinceSnapshot: number;

  constructor(log: Log, state: JournalState) {
    this.#log = log;
    this.#nodeId = state.nodeId;
    this.#encoder = new EventEncoder(state.nodeId);
    this.#disk = state.disk;
    this.#directory = state.directory;
    this.#snapshots = state.snapshots;
    this.#damaged = state.damaged;
    this.#snapshotBytes = state.snapshotBytes;
    this.#bytesSinceSnapshot = state.bytesSinceSnapshot;
    this.#snapshotBytesMin = state.snapshotBytesMin ?? SNAPSHOT_BYTES_MIN;
  }

  /** A log without a record gets those every journal begins with. A full disk puts it off to the first snapshot. */
  begin(nowMs: number): void {
    if (this.#log.logEndOffset > 0) return;
    this.#encoder.encodeFeatures(this.#builder, nowMs);
    const appended = this.#log.append(this.#builder.build({ leaderEpoch: LEADER_EPOCH }), nowMs);
    if (!("code" in appended)) this.flush();
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
      const origin = { epoch: LEADER_EPOCH, nodeId: this.#nodeId, nowMs };
      const { file, bytes } = writeSnapshot(this.#disk, this.#directory, image, offset, origin);
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
