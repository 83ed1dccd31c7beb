/**
 * The exclusive lock on a data directory: the file `.lock`, Kafka's name, locked
 * by the operating system (flock; LockFileEx on Windows). The system gives it
 * back when the process ends, however it ends; two brokers in one process
 * collide as two processes do. The file itself stays.
 */
import { diskError } from "./disk_checks.ts";

export interface DirectoryLock {
  /** Gives the lock back; idempotent. */
  release(): void;
}

/** Takes the lock without waiting; `null` when somebody else holds it. Throws DiskError. */
export function lockDirectory(path: string): DirectoryLock | null {
  const lockPath = `${path}/.lock`;
  let file: Deno.FsFile | null = null;
  try {
    file = Deno.openSync(lockPath, { create: true, write: true });
    if (file.tryLockSync(true)) return new HeldLock(file);
    file.close();
    return null;
  } catch (error) {
    file?.close();
    throw diskError(error, "lock", lockPath);
  }
}

class HeldLock implements DirectoryLock {
  #file: Deno.FsFile | null;
  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  release(): void {
    this.#file?.close();
    this.#file = null;
  }
}
