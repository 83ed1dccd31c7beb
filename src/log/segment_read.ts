/**
 * Finding batches in a segment, and vouching for them. Marks and index entries
 * are hints, checked against the batch they point at; an index that lies is
 * rebuilt on the spot. A batch is vouched for when its CRC holds and what the CRC
 * does not cover agrees with its surroundings: offsets with the batches around
 * it, leader epoch with the epoch file. What fails is a Fault that names the
 * place; everything before it is still served.
 */
import { assert, type Fault, fault } from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import { type BatchScan, DATA_WINDOW_BYTES, HEADER_WINDOW_BYTES } from "./batch_scan.ts";
import { rebuildEpochs } from "./epoch_rebuild.ts";
import { WRONG_HEADER } from "./header_sums.ts";
import { rebuildIndexes } from "./index_rebuild.ts";
import type { Segment } from "./segment.ts";

/** Damaged places of a segment that the operator is told of, for readers come back to each again and again. */
const DAMAGED_PLACES_MAX = 100;

/** A run of whole batches in one segment. Good until the log is next changed other than by an append. */
export interface LogSlice {
  readonly segment: Segment;
  /** Where the first batch starts in the `.log` file, and bytes of all. */
  readonly position: number;
  readonly length: number;
  /** Base offset of the first batch, which may be below the offset asked for. */
  readonly firstOffset: number;
  /** What to ask for next. */
  readonly nextOffset: number;
  /** False when each batch is one that compaction left empty. */
  readonly hasRecords: boolean;
}

/** Up to where a read goes. */
export interface ReadBounds {
  readonly bytesMax: number;
  /** Batches with records at or above it are not given out. */
  readonly upperOffset: number;
  /** The first batch is given whole even if it is larger than `bytesMax`. */
  readonly atLeastOne: boolean;
}

/** Index of the last of `segments`, which ascend, whose base is at or below `offset`. */
export function indexOfSegment(segments: readonly Segment[], offset: number): number {
  let low = 0;
  let high = segments.length - 1;
  if (offset >= segments[high]!.baseOffset) return high;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (segments[middle]!.baseOffset <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * A scan that stands at the first batch with a record at or above `offset`; at the end or at damage
 * (`scan.bytes === 0`) when there is none before.
 */
export function seekOffset(segment: Segment, offset: number, windowBytes: number): BatchScan {
  const scan = seekMark(segment, offset, windowBytes) ?? seekEntry(segment, offset, windowBytes);
  while (scan.bytes > 0 && scan.lastOffset < offset) scan.next();
  return scan.damage === null ? scan : seekBehind(segment, offset, windowBytes) ?? scan;
}

/** The batches from `offset` on, as far as `bounds` go; `null` when the segment has none from there on. */
export function readSlice(segment: Segment, offset: number, bounds: ReadBounds): LogSlice | Fault | null {
  const isChecked = segment.context.checkCrcOnRead;
  const scan = seekOffset(segment, offset, isChecked ? DATA_WINDOW_BYTES : HEADER_WINDOW_BYTES);
  if (scan.damage !== null) return damageFault(segment, scan.position, scan.damage);
  if (isChecked && offset < (scan.bytes > 0 ? scan.baseOffset : segment.nextOffset)) {
    const faulted = checkGap(segment, offset, scan.position);
    if (faulted !== null) return faulted;
    scan.reload();
  }
  if (scan.bytes === 0) return null;
  const { position, baseOffset } = scan;
  const slice = isChecked ? null : readToEnd(segment, scan, bounds);
  if (slice !== null) return slice;
  let length = 0;
  let nextOffset = Math.max(offset, baseOffset);
  let hasRecords = false;
  while (scan.bytes > 0) {
    const isWanted = length + scan.bytes <= bounds.bytesMax || (length === 0 && bounds.atLeastOne);
    if (!isWanted) break;
    const wrong = isChecked ? findWrong(segment, scan) : null;
    if (wrong !== null && length === 0) return damageFault(segment, position, wrong);
    if (wrong !== null || scan.lastOffset >= bounds.upperOffset) break;
    length += scan.bytes;
    hasRecords ||= !isHollow(scan);
    nextOffset = scan.lastOffset + 1;
    scan.next();
  }
  const found = { segment, position, length, firstOffset: baseOffset, nextOffset, hasRecords };
  const sound = isChecked ? withoutWrongHeaders(found) : found;
  if (!("code" in sound) && length > 0) segment.marks.read(sound.nextOffset, position + sound.length);
  return sound;
}

function isHollow({ view, at }: BatchScan): boolean {
  return batch.recordCount(view, at) === 0;
}

/** The slice up to the first batch whose header is not what compaction wrote; the fault when that is the first one. */
function withoutWrongHeaders(slice: LogSlice): LogSlice | Fault {
  const { segment, position, length } = slice;
  const wrong = segment.sums?.findWrong(position, position + length, segment.bytes) ?? -1;
  if (wrong < 0) return slice;
  if (wrong === position) return damageFault(segment, position, WRONG_HEADER);
  const scan = segment.scan(position, segment.baseOffset, HEADER_WINDOW_BYTES);
  let hasRecords = false;
  while (scan.next()) {
    hasRecords ||= !isHollow(scan);
    if (scan.position + scan.bytes >= wrong) break;
  }
  return { ...slice, length: wrong - position, nextOffset: scan.lastOffset + 1, hasRecords };
}

/** Copies a slice that `readSlice` just gave. `target` has its length. */
export function copySlice(slice: LogSlice, target: Uint8Array): Fault | null {
  assert(target.length === slice.length, "the target has room for exactly the slice");
  if (slice.length === 0) return null;
  const read = slice.segment.log.use().read(slice.position, target);
  if (read === slice.length) return null;
  return damageFault(slice.segment, slice.position, `only ${read} of ${slice.length} bytes could be read`);
}

/** What is wrong with the batch the scan stands at, or `null`. Reads all of its bytes. */
export function findWrong(segment: Segment, scan: BatchScan): string | null {
  assert(scan.bytes > 0, "a batch that is checked was found");
  if (!scan.isSound()) return "its CRC does not fit its bytes";
  return findWrongEpoch(segment, scan);
}

/** Compares the batch's leader epoch with the epochs; when they differ, those are read anew from all batches, once. */
function findWrongEpoch(segment: Segment, scan: BatchScan): string | null {
  const { context } = segment;
  const said = batch.partitionLeaderEpoch(scan.view, scan.at);
  let epoch = context.epochs.at(scan.baseOffset);
  if (epoch !== said && epoch !== -1 && !context.areEpochsChecked) {
    context.areEpochsChecked = true;
    if (rebuildEpochs(context, context.segments)) epoch = context.epochs.at(scan.baseOffset);
    scan.reload();
  }
  return epoch === said || epoch === -1 ? null : `its leader epoch is ${said}, not ${epoch}`;
}

/** Largest timestamp of the segment's first batch, −1 when it has none. */
export function readFirstTimestamp(segment: Segment): number {
  const scan = segment.scan(0, segment.baseOffset, HEADER_WINDOW_BYTES);
  return scan.next() ? batch.maxTimestamp(scan.view, scan.at) : -1;
}

/**
 * True when the last batch is sound and ends the file and the segment's offsets. Found from the last offset
 * entry: that batch itself after a clean stop, one before it where the index was rebuilt since, or the
 * start of a file too short for an entry.
 */
export function endsInSoundBatch(segment: Segment): boolean {
  const { offsets } = segment;
  const position = offsets.count === 0 ? 0 : offsets.positionAt(offsets.count - 1);
  const scan = seekPosition(segment, position, HEADER_WINDOW_BYTES);
  if (scan === null) return false;
  while (scan.position + scan.bytes < segment.bytes) if (!scan.next()) return false;
  return scan.lastOffset + 1 === segment.nextOffset && scan.isSound();
}

/** The fault for damage in a segment: names the place and says what still works. To the operator, too, the first time. */
export function damageFault(segment: Segment, position: number, what: string): Fault {
  const place = `Batch at position "${position}" of "${segment.log.path}" is damaged: ${what}`;
  const { damagedPlaces, context } = segment;
  if (!damagedPlaces.has(position) && damagedPlaces.size < DAMAGED_PLACES_MAX) {
    damagedPlaces.add(position);
    context.notices.push(`${place}; reads of it will fail, the others are served`);
  }
  const words = `${place}, wanted is a sound copy of it; other segments can still be read`;
  return fault("CORRUPT_MESSAGE", words);
}

/** Everything to the end of the segment, when it fits the bounds: nothing to walk. */
function readToEnd(segment: Segment, scan: BatchScan, bounds: ReadBounds): LogSlice | null {
  const { position, baseOffset } = scan;
  const length = segment.bytes - position;
  if (isHollow(scan) || length > bounds.bytesMax || segment.nextOffset > bounds.upperOffset) return null;
  const { nextOffset } = segment;
  return { segment, position, length, firstOffset: baseOffset, nextOffset, hasRecords: true };
}

/**
 * No batch before `position` holds `offset`: because compaction removed it, or because the header of one
 * that did is damaged. The batches before tell.
 */
function checkGap(segment: Segment, offset: number, position: number): Fault | null {
  const scan = seekEntry(segment, offset, DATA_WINDOW_BYTES);
  const from = Math.min(scan.position, position);
  for (; scan.bytes > 0 && scan.position < position; scan.next()) {
    const wrong = findWrong(segment, scan);
    if (wrong !== null) return damageFault(segment, scan.position, wrong);
  }
  const wrong = segment.sums?.findWrong(from, position, segment.bytes) ?? -1;
  return wrong < 0 ? null : damageFault(segment, wrong, WRONG_HEADER);
}

function seekMark(segment: Segment, offset: number, windowBytes: number): BatchScan | null {
  const { marks, bytes } = segment;
  const exact = marks.exact(offset);
  const position = exact >= 0 ? exact : marks.containing(offset);
  if (position < 0 || position >= bytes) return null;
  const expected = exact >= 0 ? offset : marks.baseOffset(offset);
  const scan = segment.scan(position, expected, windowBytes);
  scan.next();
  return scan;
}

function seekEntry(segment: Segment, offset: number, windowBytes: number): BatchScan {
  const { baseOffset, offsets } = segment;
  for (let attempt = 0; attempt < 2; attempt++) {
    const entry = offsets.floor(offset - baseOffset);
    if (entry < 0) break;
    const lastOffset = baseOffset + offsets.offsetAt(entry);
    const scan = seekPosition(segment, offsets.positionAt(entry), windowBytes);
    if (scan !== null && scan.lastOffset === lastOffset) return scan;
    if (attempt === 0) rebuildIndexes(segment, `an offset entry does not agree with the log`);
  }
  const scan = segment.scan(0, baseOffset, windowBytes);
  scan.next();
  return scan;
}

/** There is damage before `offset`: a scan at the batch of the next entry, if that already holds it. */
function seekBehind(segment: Segment, offset: number, windowBytes: number): BatchScan | null {
  const entry = segment.offsets.floor(offset - segment.baseOffset) + 1;
  if (entry >= segment.offsets.count) return null;
  const lastOffset = segment.baseOffset + segment.offsets.offsetAt(entry);
  const scan = seekPosition(segment, segment.offsets.positionAt(entry), windowBytes);
  return scan !== null && scan.lastOffset === lastOffset && scan.baseOffset <= offset ? scan : null;
}

/** A scan standing at the batch that starts at `position`, if one does. Its own base is what it expected. */
function seekPosition(segment: Segment, position: number, windowBytes: number): BatchScan | null {
  if (position < 0 || position >= segment.bytes) return null;
  const scan = segment.scan(position, segment.baseOffset, windowBytes);
  if (!scan.next()) return null;
  scan.nextOffset = scan.baseOffset;
  return scan;
}
