/**
 * At open: what a swap that a crash cut short left behind. With `.log.swap` there
 * the swap was decided, and is finished; without it the old segments are whole, and
 * the other files go. Kafka's own leftovers are treated alike.
 */
import type { Disk } from "../../storage/disk.ts";
import { BatchScan, HEADER_WINDOW_BYTES } from "../batch_scan.ts";
import { FileHandle, OpenFiles } from "../open_files.ts";
import { parseSegmentFileName, segmentFileName, SWAP_SUFFIX } from "../segment_name.ts";

/** The directory of a log, and the names in it as they change. */
interface Directory {
  readonly disk: Disk;
  readonly path: string;
  readonly names: Set<string>;
}

/** Finishes or drops swaps; `names`, all files in `path`, is changed alike. Throws DiskError. */
export function finishSwaps(disk: Disk, path: string, names: Set<string>, notices: string[]): void {
  const directory = { disk, path, names };
  const swaps = [...names].filter((name) => name.endsWith(SWAP_SUFFIX));
  if (swaps.length === 0) return;
  for (const name of swaps) {
    const parsed = parseSegmentFileName(name.slice(0, -SWAP_SUFFIX.length));
    if (parsed?.suffix === ".log") finishSwap(directory, parsed.baseOffset, notices);
  }
  for (const name of swaps) remove(directory, name);
  disk.syncDirectory(path);
}

function finishSwap(directory: Directory, baseOffset: number, notices: string[]): void {
  const name = segmentFileName(baseOffset, ".log");
  const { nextOffset, damage } = readEnd(directory, baseOffset);
  // Old segments go in order: while the first is there, all are.
  if (damage !== null && directory.names.has(name)) {
    notices.push(
      `Dropped "${directory.path}/${name}${SWAP_SUFFIX}", what compaction made is damaged: ${damage}`,
    );
    return remove(directory, name + SWAP_SUFFIX);
  }
  const replaced = [...directory.names].sort().filter((other) => {
    const parsed = parseSegmentFileName(other);
    if (parsed === null || parsed.baseOffset < baseOffset) return false;
    // An index that has its place already is the new one.
    if (parsed.baseOffset === baseOffset) return directory.names.has(other + SWAP_SUFFIX);
    return parsed.baseOffset < nextOffset;
  });
  const first = replaced.indexOf(name);
  if (first > 0) replaced.unshift(...replaced.splice(first, 1));
  for (const other of replaced) remove(directory, other);
  for (const suffix of [".index", ".timeindex", ".log"] as const) {
    const placed = segmentFileName(baseOffset, suffix);
    if (!directory.names.delete(placed + SWAP_SUFFIX)) continue;
    directory.disk.rename(`${directory.path}/${placed}${SWAP_SUFFIX}`, `${directory.path}/${placed}`);
    directory.names.add(placed);
  }
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

function remove(directory: Directory, name: string): void {
  if (directory.names.delete(name)) directory.disk.remove(`${directory.path}/${name}`);
}
