/**
 * The segment a group becomes, while it is written: files of its own that end in
 * `.cleaned`, which the log and its readers do not know of until they are whole,
 * on the device and swapped in. A crash before leaves nothing but files to remove.
 */
import { assert } from "../../model/mod.ts";
import * as batch from "../../record/mod.ts";
import { HeaderSumsWriter } from "../header_sums_writer.ts";
import { removeSoon } from "../deleted_files.ts";
import type { LogContext } from "../log_context.ts";
import { Segment } from "../segment.ts";
import { CLEANED_SUFFIX, SEGMENT_SUFFIXES, segmentFileName, SUMS_SUFFIX } from "../segment_name.ts";
import { type Started, startSync } from "./start_sync.ts";
import { UncleanableError } from "./uncleanable.ts";

/** Bytes written between two syncs: one sync of a large segment would hold up the log's own work. */
const SYNC_INTERVAL_BYTES = 1_048_576;
/** The same where they are done in the background. */
const BACKGROUND_INTERVAL_BYTES = 8_388_608;

export class CleanedSegment {
  readonly segment: Segment;
  readonly #sums = new HeaderSumsWriter();
  readonly #context: LogContext;
  #unsyncedBytes = 0;
  /** Of what was written before. */
  #isSynced: Started = () => true;

  /** Makes the files, empty. Throws DiskError. */
  constructor(context: LogContext, baseOffset: number, nowMs: number) {
    this.#context = context;
    const state = {
      bytes: 0,
      nextOffset: baseOffset,
      isNew: true,
      nowMs,
      suffix: CLEANED_SUFFIX,
      hasSums: true,
    };
    this.segment = new Segment(context, baseOffset, state);
    this.segment.areIndexesOrdered = false;
    this.#removeFiles();
  }

  /** Adds a batch that stays. Throws DiskError. */
  append(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const lastOffset = batch.lastOffset(view, 0);
    if (!this.segment.fits(bytes.length, lastOffset)) {
      const words = `What is left of "${this.segment.log.path}" must fit a segment`;
      throw new UncleanableError(`${words}, but has more than "${this.segment.bytes}" bytes`);
    }
    this.#sums.add(bytes, this.segment.bytes);
    this.segment.append(bytes, batch.baseOffset(view, 0), lastOffset, batch.maxTimestamp(view, 0));
    this.#unsyncedBytes += bytes.length;
    this.#keepSynced();
  }

  /** Nothing follows: completes the indexes and begins to put all on the device. Throws DiskError. */
  complete(): void {
    const { segment } = this;
    assert(segment.bytes > 0, "the last batch of a group stays, empty if need be");
    segment.completeIndexes();
    segment.spill();
    segment.sums!.handle.append(this.#sums.finish(segment.bytes));
    // The system tells of a failure once: the sync before this one is heard to its end.
    const [isBeforeSynced, isRestSynced] = [this.#isSynced, startSync(segment)];
    this.#isSynced = () => isBeforeSynced() && isRestSynced();
  }

  /** True when `finish` need not wait for the device. Throws DiskError. */
  get isSynced(): boolean {
    return this.#isSynced();
  }

  /** All is on the device but the names, which the swap changes. Throws DiskError. */
  finish(): Segment {
    this.segment.sync();
    this.segment.close();
    return this.segment;
  }

  /** Takes the files away again: first their names, which the next cleaning may want. Throws DiskError. */
  abandon(): void {
    for (const path of this.segment.retire()) removeSoon(this.#context.files.disk, path);
  }

  #keepSynced(): void {
    const { disk } = this.#context.files;
    const intervalBytes = disk.startSync === undefined ? SYNC_INTERVAL_BYTES : BACKGROUND_INTERVAL_BYTES;
    if (this.#unsyncedBytes < intervalBytes || !this.isSynced) return;
    this.#unsyncedBytes = 0;
    if (disk.startSync === undefined) this.segment.log.sync();
    else this.#isSynced = startSync(this.segment);
  }

  #removeFiles(): void {
    const { disk } = this.#context.files;
    for (const suffix of [...SEGMENT_SUFFIXES, SUMS_SUFFIX] as const) {
      const name = segmentFileName(this.segment.baseOffset, suffix);
      disk.remove(`${this.#context.directory}/${name}${CLEANED_SUFFIX}`);
    }
  }
}
