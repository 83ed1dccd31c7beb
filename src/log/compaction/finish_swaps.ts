/**
 * At open: what a swap that a crash cut short left behind. With `.log.swap` there
 * the swap was decided, and is finished; without it the old segments are whole, and
 * the other files go. Kafka's own leftovers are treated alike, whose order of names
 * is another one:
 *
 *     ours      .index .timeindex .log         Kafka's    .log .index .timeindex .txnindex
 *
 * So beside a `.log.swap` of Kafka an index may not have got its new name yet, and
 * the one in place is the old log's; and an operation of Kafka's that makes several
 * segments of one is decided only when no `.log.cleaned` is left before them.
 */
import type { Disk } from "../../storage/disk.ts";
import { BatchScan, HEADER_WINDOW_BYTES } from "../batch_scan.ts";
import { FileHandle, OpenFiles } from "../open_files.ts";
import { CLEANED_SUFFIX, segmentFileName, SUMS_SUFFIX, SWAP_SUFFIX } from "../segment_name.ts";

/** The order in which files get their place; Kafka's index of transactions, which only it reads, among them. */
const PLACING_ORDER = [".txnindex", SUMS_SUFFIX, ".index", ".timeindex", ".log"] as const;
const SEGMENT_FILE = /^(\d{20})\.(?:log|index|timeindex|txnindex|headersum)$/;

/** The directory of a log, and the names in it as they change. */
interface Directory {
  readonly disk: Disk;
  readonly path: string;
  readonly names: Set<string>;
}

/** Finishes or drops swaps; `names`, all files in `path`, is changed alike. Throws DiskError. */
export function finishSwaps(disk: Disk, path: string, names: Set<string>, notices: string[]): void {
  const directory = { disk, path, names };
  const swaps = [...names].filter((name) => name.endsWith(SWAP_SUFFIX)).sort();
  if (swaps.length === 0) return;
  const undecidedFrom = Math.min(...basesOf(names, `.log${CLEANED_SUFFIX}`), Number.MAX_SAFE_INTEGER);
  for (const baseOffset of basesOf(swaps, `.log${SWAP_SUFFIX}`)) {
    if (baseOffset < undecidedFrom) finishSwap(directory, baseOffset, notices);
    else remove(directory, `${segmentFileName(baseOffset, ".log")}${SWAP_SUFFIX}`);
  }
  for (const name of swaps) {
    // Kafka places its log first. This index can't be made again here, nor is it missed by us.
    const isPlaced = name.endsWith(`.txnindex${SWAP_SUFFIX}`) && baseOf(name) < undecidedFrom;
    if (isPlaced) place(directory, name.slice(0, -SWAP_SUFFIX.length));
    else remove(directory, name);
  }
  disk.syncDirectory(path);
}

function finishSwap(directory: Directory, baseOffset: number, notices: string[]): void {
  const { names } = directory;
  const name = segmentFileName(baseOffset, ".log");
  const { nextOffset, damage } = readEnd(directory, baseOffset);
  // Old segments go in order: while the first is there, all are.
  const areOldThere = names.has(name);
  if (damage !== null && areOldThere) {
    notices.push(
      `Dropped "${directory.path}/${name}${SWAP_SUFFIX}", what compaction made is damaged: ${damage}`,
    );
    for (const suffix of PLACING_ORDER) remove(directory, nameOf(baseOffset, suffix) + SWAP_SUFFIX);
    return;
  }
  const replaced = [...names].sort().filter((other) => {
    const base = SEGMENT_FILE.test(other) ? baseOf(other) : -1;
    // An index that has its place when the old log is gone is the new one, or its successor waits.
    if (base === baseOffset) return areOldThere || names.has(other + SWAP_SUFFIX);
    return base > baseOffset && base < nextOffset;
  });
  // Its log goes after its indexes: without it they would pass for the new ones. And before any other.
  const isIndexOfFirst = (other: string) => other !== name && baseOf(other) === baseOffset;
  for (const other of replaced.filter(isIndexOfFirst)) remove(directory, other);
  if (areOldThere) remove(directory, name);
  for (const other of replaced) remove(directory, other);
  for (const suffix of PLACING_ORDER) place(directory, nameOf(baseOffset, suffix));
}

/** Base offsets of the files that end so, ascending. */
function basesOf(names: Iterable<string>, ending: string): number[] {
  return [...names].filter((name) => name.endsWith(ending) && name.length === 20 + ending.length)
    .map(baseOf).filter(Number.isSafeInteger).sort((a, b) => a - b);
}

function baseOf(name: string): number {
  return Number(name.slice(0, 20));
}

function nameOf(baseOffset: number, suffix: (typeof PLACING_ORDER)[number]): string {
  return segmentFileName(baseOffset, ".log").slice(0, -".log".length) + suffix;
}

/** The offset after the last batch of a `.log.swap`, or after the last one before damage. */
function readEnd(directory: Directory, baseOffset: number): { nextOffset: number; damage: string | null } {
  const path = `${directory.path}/${segmentFileName(baseOffset, ".log")}${SWAP_SUFFIX}`;
  const handle = new FileHandle(new OpenFiles(directory.disk), path);
  try {
    const range = { from: 0, end: handle.use("read").size };
    const offsets = { nextOffset: baseOffset, limitOffset: Number.MAX_SAFE_INTEGER };
    const scan = new BatchScan(handle, range, offsets, HEADER_WINDOW_BYTES);
    while (scan.next());
    return { nextOffset: scan.nextOffset, damage: scan.damage };
  } finally {
    handle.close();
  }
}

/** Gives a file its place, if it waits for it. */
function place({ disk, path, names }: Directory, name: string): void {
  if (!names.delete(name + SWAP_SUFFIX)) return;
  disk.rename(`${path}/${name}${SWAP_SUFFIX}`, `${path}/${name}`);
  names.add(name);
}

function remove(directory: Directory, name: string): void {
  if (directory.names.delete(name)) directory.disk.remove(`${directory.path}/${name}`);
}
