/**
 * Files of a log that are out of it but still on the disk: renamed `.deleted`,
 * removed when `file.delete.delay.ms` is over, so that an operator can take back
 * what went by mistake. The queue is in memory alone: whoever opens the log next
 * removes every `.deleted` file he finds. Filled by the log, emptied by the shard.
 */
import type { Disk } from "../storage/disk.ts";

interface Doomed {
  readonly paths: readonly string[];
  readonly dueMs: number;
}

/** Removes a file that nobody looks for any more, in the background where the disk can: large ones take their time. */
export function removeSoon(disk: Disk, path: string): void {
  if (disk.removeSoon === undefined) disk.remove(path);
  else disk.removeSoon(path);
}

export class DeletedFiles {
  readonly #disk: Disk;
  /** In the order they came; a delay that was shortened waits for those before. */
  readonly #queue: Doomed[] = [];

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** When `removeDue` has something to do, milliseconds since 1970; `MAX_SAFE_INTEGER` when nothing waits. */
  get dueMs(): number {
    return this.#queue[0]?.dueMs ?? Number.MAX_SAFE_INTEGER;
  }

  /** These files, which go together, are removed at `dueMs` or soon after. */
  add(paths: readonly string[], dueMs: number): void {
    this.#queue.push({ paths, dueMs });
  }

  /** Removes what is due, `countMax` groups of files at most; gives how many. Throws DiskError: all of it stays in the queue. */
  removeDue(nowMs: number, countMax: number): number {
    let count = 0;
    while (count < countMax && this.dueMs <= nowMs) {
      for (const path of this.#queue[0]!.paths) removeSoon(this.#disk, path);
      this.#queue.shift();
      count++;
    }
    return count;
  }
}
