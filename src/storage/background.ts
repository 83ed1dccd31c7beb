/**
 * What takes the system long and nobody has to wait for: removing large files and
 * putting bytes on the device, done in Deno's own threads. One removal at a time,
 * for a thousand at once would take a thread each. Called by the file disk.
 */
import type { DiskError } from "./disk.ts";
import { lostError } from "./disk_checks.ts";

const isWindows = Deno.build.os === "windows";

export class Background {
  #removals: Promise<void> = Promise.resolve();

  /** A file that can't be removed stays. */
  remove(path: string): void {
    this.#removals = this.#removals.then(() => Deno.remove(path)).catch(() => {});
  }

  /** Gives what tells whether the file is on the device; that throws DiskError when it could not be put there, which is no full disk. */
  sync(path: string): () => boolean {
    let isOver = false;
    let failed: DiskError | null = null;
    const note = (error: unknown) => void (failed = lostError(error, "sync", path));
    syncFile(path).catch(note).finally(() => isOver = true);
    return () => {
      if (failed !== null) throw failed;
      return isOver;
    };
  }
}

/** Through a descriptor of its own: one that is in use here can't be used by another thread. */
async function syncFile(path: string): Promise<void> {
  // Windows syncs what it may write to, and no directory.
  if (isWindows && (await Deno.stat(path)).isDirectory) return;
  using file = await Deno.open(path, { read: true, write: isWindows });
  await file.syncData();
}
