/**
 * Looking for damage in what nobody reads: sealed segments, batch by batch, CRC
 * and all, and the index entries that point at them. A little at a time, from
 * where the last time ended. Damage is told, never touched; a read of it is
 * refused as ever. An index that lies is rebuilt, as it would be when it is read.
 * Called by the shard between turns.
 *
 *     | sealed ..... place | budget --> ...... | sealed | active: left alone |
 */
import { assert } from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import { DiskError } from "../storage/disk.ts";
import { DATA_WINDOW_BYTES, HEADER_WINDOW_BYTES } from "./batch_scan.ts";
import { damagedSums, WRONG_HEADER } from "./header_sums.ts";
import { rebuildIndexes } from "./index_rebuild.ts";
import type { Segment } from "./segment.ts";
import { findWrong } from "./segment_read.ts";

/** Damaged places of one log that are remembered, and told of. */
const REPORTED_MAX = 1_000;

/** A batch that was read, for the index entries that name it. */
interface Seen {
  readonly position: number;
  readonly maxTimestamp: number;
}

export class LogScrub {
  readonly #segments: readonly Segment[];
  readonly #report: (what: string) => void;
  /** The segment it stands in; `null` between two. */
  #segment: Segment | null = null;
  /** Where the next batch starts in its file, and the lowest offset that one may have. */
  #position = 0;
  #offset = 0;
  /** The segment was found to be damaged, or its indexes changed on the way: their entries prove nothing. */
  #areEntriesChecked = true;
  #offsetEntry = 0;
  #timeEntry = 0;
  #indexCuts = 0;
  /** Places told of before. */
  readonly #reported = new Set<string>();

  /** `segments` are those of a log and change with it; `report` hears a sentence on each damaged place, once. */
  constructor(segments: readonly Segment[], report: (what: string) => void) {
    this.#segments = segments;
    this.#report = report;
  }

  /** There is a segment that is written to no more. */
  get hasWork(): boolean {
    return this.#segments.length > 1;
  }

  /** Begins at a share of the segments, from 0 to 1: so that processes that live for a short while see all of them. */
  startAt(share: number): void {
    assert(share >= 0 && share < 1, "a share is below 1");
    this.#leave(this.#segments[Math.floor(share * this.#segments.length)]?.baseOffset ?? 0);
  }

  /** Checks `bytesMax` bytes, or one batch; gives how many. 0: the round is over, the next call begins another. */
  step(bytesMax: number): number {
    const segment = this.#find();
    if (segment === null) {
      this.#leave(0);
      return 0;
    }
    const before = this.#position;
    let isIndexRight = true;
    try {
      isIndexRight = this.#check(segment, bytesMax);
    } catch (error) {
      // A sector that can't be read: here it is what was looked for. A file that can't be synced is not.
      if (!(error instanceof DiskError) || !isOnlyRead(segment, error.path)) throw error;
      this.#tell(segment, this.#position, error.message);
      this.#leave(segment.nextOffset);
    }
    if (!isIndexRight) rebuildIndexes(segment, "an index entry does not agree with the log");
    return Math.max(1, (this.#segment === null ? segment.bytes : this.#position) - before);
  }

  /** The sealed segment to go on in, `null` when there is none left. */
  #find(): Segment | null {
    const sealed = this.#segments.slice(0, -1);
    if (this.#segment !== null && sealed.includes(this.#segment)) return this.#segment;
    const next = sealed.find(({ nextOffset, bytes }) => nextOffset > this.#offset && bytes > 0) ?? null;
    this.#segment = next;
    this.#position = 0;
    this.#offset = next?.baseOffset ?? 0;
    this.#areEntriesChecked = true;
    this.#offsetEntry = this.#timeEntry = 0;
    this.#indexCuts = next?.indexCuts ?? 0;
    return next;
  }

  #leave(nextOffset: number): void {
    this.#segment = null;
    this.#offset = nextOffset;
  }

  /** False when the indexes must be rebuilt. */
  #check(segment: Segment, bytesMax: number): boolean {
    const end = Math.min(segment.bytes, this.#position + bytesMax);
    this.#checkSums(segment, end);
    const scan = segment.scan(this.#position, this.#offset, Math.min(DATA_WINDOW_BYTES, bytesMax));
    const seen = new Map<number, Seen>();
    while (this.#position < end && scan.next()) {
      const { position, lastOffset } = scan;
      const wrong = findWrong(segment, scan);
      if (wrong !== null) return this.#stepOver(segment, position, wrong);
      seen.set(lastOffset - segment.baseOffset, {
        position,
        maxTimestamp: batch.maxTimestamp(scan.view, scan.at),
      });
      this.#position = position + scan.bytes;
      this.#offset = lastOffset + 1;
    }
    if (scan.damage !== null) return this.#stepOver(segment, scan.position, scan.damage);
    const isAtEnd = this.#position === segment.bytes;
    if (segment.indexCuts !== this.#indexCuts) this.#areEntriesChecked = false;
    const isIndexRight = !this.#areEntriesChecked || this.#areEntriesRight(segment, seen, isAtEnd);
    if (isAtEnd) this.#leave(segment.nextOffset);
    return isIndexRight;
  }

  /** Tells of batches from the place on whose headers are not what compaction wrote, and of damage to what says so. */
  #checkSums(segment: Segment, end: number): void {
    const { sums, bytes } = segment;
    if (sums === null) return;
    const damagedAt = this.#position === 0 ? sums.findDamage(bytes) : -1;
    if (damagedAt >= 0) this.#report(damagedSums(sums, damagedAt));
    for (let from = this.#position; from < end;) {
      const wrong = sums.findWrong(from, end, bytes);
      if (wrong < 0) return;
      this.#tell(segment, wrong, WRONG_HEADER);
      this.#areEntriesChecked = false;
      from = wrong + 1;
    }
  }

  /** True when each entry below the place reached names a batch in `seen`; at the segment's end, each that is left. */
  #areEntriesRight(segment: Segment, seen: ReadonlyMap<number, Seen>, isAtEnd: boolean): boolean {
    const { offsets, times, baseOffset } = segment;
    const end = isAtEnd ? Number.MAX_SAFE_INTEGER : this.#offset - baseOffset;
    for (; this.#offsetEntry < offsets.count; this.#offsetEntry++) {
      const relative = offsets.offsetAt(this.#offsetEntry);
      if (relative >= end) break;
      if (seen.get(relative)?.position !== offsets.positionAt(this.#offsetEntry)) return false;
    }
    for (; this.#timeEntry < times.count; this.#timeEntry++) {
      const relative = times.offsetAt(this.#timeEntry);
      if (relative >= end) break;
      if (seen.get(relative)?.maxTimestamp !== times.timestampAt(this.#timeEntry)) return false;
    }
    return !isAtEnd || (offsets.file.isWhole && times.file.isWhole);
  }

  /** Tells of damage, and goes on at the next batch that the index knows. Nothing is said against the index. */
  #stepOver(segment: Segment, position: number, what: string): true {
    this.#tell(segment, position, what);
    this.#areEntriesChecked = false;
    const { offsets, baseOffset } = segment;
    const first = Math.max(0, offsets.floor(this.#offset - baseOffset));
    for (let entry = first; entry < offsets.count; entry++) {
      const at = offsets.positionAt(entry);
      if (at <= position || at >= segment.bytes) continue;
      const lastOffset = baseOffset + offsets.offsetAt(entry);
      const scan = segment.scan(at, baseOffset, HEADER_WINDOW_BYTES);
      if (!scan.next() || scan.lastOffset !== lastOffset) continue;
      this.#position = at;
      this.#offset = scan.baseOffset;
      return true;
    }
    this.#leave(segment.nextOffset);
    return true;
  }

  #tell({ log }: Segment, position: number, what: string): void {
    const place = `${log.path} ${position}`;
    if (this.#reported.has(place) || this.#reported.size >= REPORTED_MAX) return;
    this.#reported.add(place);
    this.#report(
      `Damaged batch at position "${position}" of "${log.path}", found in the background: ${what}; ` +
        `reads of it will fail, the others are served`,
    );
  }
}

/** True for a file of the segment that nothing was written to: what failed was reading it. */
function isOnlyRead(segment: Segment, path: string): boolean {
  return segment.handles.some((handle) => handle.path === path && !handle.isDirty);
}
