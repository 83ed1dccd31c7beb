/**
 * The segment a group becomes, while it is written: files of its own that end in
 * `.cleaned`, which the log and its readers do not know of until they are whole,
 * on the device and swapped in. A crash before leaves nothing but files to remove.
 */
import { assert } from "../../model/mod.ts";
import * as batch from "../../record/mod.ts";
import { type LogContext, Segment } from "../segment.ts";
import { CLEANED_SUFFIX, SEGMENT_SUFFIXES, segmentFileName } from "../segment_name.ts";
import { UncleanableError } from "./uncleanable.ts";

/** Bytes written between two syncs: one sync of a large segment would hold up the log's own work. */
const SYNC_INTERVAL_BYTES = 1_048_576;

export class CleanedSegment {
  readonly segment: Segment;
  readonly #context: LogContext;
  #unsyncedBytes = 0;

  /** Makes the files, empty. Throws DiskError. */
  constructor(context: LogContext, baseOffset: number, nowMs: number) {
    this.#context = context;
    const state = { bytes: 0, nextOffset: baseOffset, isNew: true, nowMs, suffix: CLEANED_SUFFIX };
    this.segment = new Segment(context, baseOffset, state);
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
    this.segment.append(bytes, batch.baseOffset(view, 0), lastOffset, batch.maxTimestamp(view, 0));
    this.#unsyncedBytes += bytes.length;
    if (this.#unsyncedBytes < SYNC_INTERVAL_BYTES) return;
    this.segment.log.sync();
    this.#unsyncedBytes = 0;
  }

  /** Completes the indexes and puts all on the device, names too. Throws DiskError. */
  finish(): Segment {
    const { segment } = this;
    assert(segment.bytes > 0, "the last batch of a group stays, empty if need be");
    segment.completeIndexes();
    segment.spill();
    segment.sync();
    segment.close();
    this.#context.files.disk.syncDirectory(this.#context.directory);
    return segment;
  }

  /** Takes the files away again. Throws DiskError. */
  abandon(): void {
    this.segment.close();
    this.#removeFiles();
  }

  #removeFiles(): void {
    const { disk } = this.#context.files;
    for (const suffix of SEGMENT_SUFFIXES) {
      const name = segmentFileName(this.segment.baseOffset, suffix);
      disk.remove(`${this.#context.directory}/${name}${CLEANED_SUFFIX}`);
    }
  }
}
