/**
 * One open file of the operating system, read and written at positions
 * (seek and read or write, fdatasync, ftruncate through Deno's own calls: node:fs costs
 * each worker thread 4 MB and 10 ms to load). `size` is kept here: the
 * file belongs to this object alone. A write that fails, a full disk first of
 * all, is taken back, so that the file ends where `size` says.
 */
import { DiskError, type DiskFile, type OpenMode } from "./disk.ts";
import {
  checkRange,
  checkReadPosition,
  checkTruncate,
  checkWritable,
  checkWritePosition,
} from "./disk_checks.ts";
import { closedError, diskError, lostError } from "./disk_checks.ts";
import { Scratch, type ScratchPool } from "./scratch.ts";

const FLAGS: Readonly<Record<OpenMode, Deno.OpenOptions>> = {
  read: { read: true },
  write: { read: true, write: true },
  create: { read: true, write: true, create: true },
};

export class PositionalFile implements DiskFile {
  readonly path: string;
  readonly mode: OpenMode;
  readonly #pool: ScratchPool;
  readonly #scratch = new Scratch();
  #file: Deno.FsFile | null;
  #size: number;

  /** Opens `path`. Throws DiskError; a directory is in the way ("exists"). */
  constructor(path: string, mode: OpenMode, pool: ScratchPool) {
    this.path = path;
    this.mode = mode;
    this.#pool = pool;
    this.#file = openFile(path, mode);
    this.#size = this.#sizeAtOpen();
  }

  get size(): number {
    return this.#size;
  }

  get #open(): Deno.FsFile {
    if (this.#file === null) throw closedError(this.path);
    return this.#file;
  }

  read(position: number, target: Uint8Array): number {
    const file = this.#open;
    checkReadPosition(this.path, position);
    const wanted = Math.min(target.length, this.#size - position);
    let done = 0;
    try {
      if (wanted > 0) file.seekSync(position, Deno.SeekMode.Start);
      while (done < wanted) {
        const count = file.readSync(target.subarray(done, wanted));
        if (count === null) break;
        done += count;
      }
    } catch (error) {
      throw diskError(error, "read", this.path);
    }
    return done;
  }

  view(position: number, length: number): Uint8Array {
    checkRange(this.path, this.#size, position, length);
    const bytes = this.#pool.take(this.#scratch, length);
    const count = this.read(position, bytes);
    if (count === length) return bytes;
    const reason = `the file ended at ${position + count}, "${this.#size}" bytes are expected`;
    throw new DiskError("io", this.path, `Can't read "${this.path}": ${reason}`);
  }

  write(position: number, source: Uint8Array): void {
    const file = this.#open;
    checkWritable(this.path, this.mode);
    checkWritePosition(this.path, this.#size, position);
    try {
      writeFully(file, position, source);
    } catch (error) {
      this.#takeBack();
      throw diskError(error, "write", this.path);
    }
    this.#size = Math.max(this.#size, position + source.length);
  }

  truncate(size: number): void {
    const file = this.#open;
    checkWritable(this.path, this.mode);
    checkTruncate(this.path, this.#size, size);
    try {
      file.truncateSync(size);
    } catch (error) {
      throw diskError(error, "cut", this.path);
    }
    this.#size = size;
  }

  sync(): void {
    try {
      this.#open.syncDataSync();
    } catch (error) {
      throw lostError(error, "sync", this.path);
    }
  }

  close(): void {
    if (this.#file === null) return;
    const file = this.#file;
    this.#file = null;
    this.#pool.release(this.#scratch);
    try {
      file.close();
    } catch (error) {
      throw diskError(error, "close", this.path);
    }
  }

  #sizeAtOpen(): number {
    try {
      const stat = this.#open.statSync();
      if (!stat.isDirectory) return stat.size;
    } catch (error) {
      this.close();
      throw diskError(error, "open", this.path);
    }
    this.close();
    throw new DiskError(
      "exists",
      this.path,
      `Can't open "${this.path}": it is a directory, a file is wanted`,
    );
  }

  /** Cuts off what a failed write may have left past the end. */
  #takeBack(): void {
    try {
      this.#open.truncateSync(this.#size);
    } catch (error) {
      throw lostError(error, "take back a failed write to", this.path);
    }
  }
}

function openFile(path: string, mode: OpenMode): Deno.FsFile {
  try {
    return Deno.openSync(path, FLAGS[mode]);
  } catch (error) {
    throw diskError(error, "open", path);
  }
}

/** The system may write less than asked; what is left is written by further calls. */
function writeFully(file: Deno.FsFile, position: number, source: Uint8Array): void {
  file.seekSync(position, Deno.SeekMode.Start);
  for (let done = 0; done < source.length;) {
    const count = file.writeSync(done === 0 ? source : source.subarray(done));
    if (count === 0) throw Object.assign(new Error("nothing was written"), { code: "ENOSPC" });
    done += count;
  }
}
