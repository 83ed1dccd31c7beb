/**
 * One open file of the operating system, read and written at positions
 * (pread, pwrite, fdatasync, ftruncate through node:fs). `size` is kept here: the
 * file belongs to this object alone. A write that fails, a full disk first of
 * all, is taken back, so that the file ends where `size` says.
 */
import * as fs from "node:fs";
import { DiskError, type DiskFile, type OpenMode } from "./disk.ts";
import {
  checkRange,
  checkReadPosition,
  checkTruncate,
  checkWritable,
  checkWritePosition,
} from "./disk_checks.ts";
import { closedError, diskError } from "./disk_checks.ts";
import { Scratch, type ScratchPool } from "./scratch.ts";

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: fs.constants.O_RDONLY,
  write: fs.constants.O_RDWR,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT,
};

const CLOSED = -1;

export class PositionalFile implements DiskFile {
  readonly path: string;
  readonly mode: OpenMode;
  readonly #pool: ScratchPool;
  readonly #scratch = new Scratch();
  #descriptor: number;
  #size: number;

  /** Opens `path`. Throws DiskError; a directory is in the way ("exists"). */
  constructor(path: string, mode: OpenMode, pool: ScratchPool) {
    this.path = path;
    this.mode = mode;
    this.#pool = pool;
    this.#descriptor = openDescriptor(path, mode);
    this.#size = this.#sizeAtOpen();
  }

  get size(): number {
    return this.#size;
  }

  /** The operating system's file descriptor. Throws when the file is closed. */
  get descriptor(): number {
    if (this.#descriptor === CLOSED) throw closedError(this.path);
    return this.#descriptor;
  }

  read(position: number, target: Uint8Array): number {
    const descriptor = this.descriptor;
    checkReadPosition(this.path, position);
    const wanted = Math.min(target.length, this.#size - position);
    let done = 0;
    try {
      while (done < wanted) {
        const count = fs.readSync(descriptor, target, done, wanted - done, position + done);
        if (count === 0) break;
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
    const descriptor = this.descriptor;
    checkWritable(this.path, this.mode);
    checkWritePosition(this.path, this.#size, position);
    try {
      writeFully(descriptor, position, source);
    } catch (error) {
      this.#takeBack();
      throw diskError(error, "write", this.path);
    }
    this.#size = Math.max(this.#size, position + source.length);
  }

  truncate(size: number): void {
    const descriptor = this.descriptor;
    checkWritable(this.path, this.mode);
    checkTruncate(this.path, this.#size, size);
    try {
      fs.ftruncateSync(descriptor, size);
    } catch (error) {
      throw diskError(error, "cut", this.path);
    }
    this.#size = size;
  }

  sync(): void {
    try {
      fs.fdatasyncSync(this.descriptor);
    } catch (error) {
      throw diskError(error, "sync", this.path);
    }
  }

  close(): void {
    if (this.#descriptor === CLOSED) return;
    const descriptor = this.#descriptor;
    this.#descriptor = CLOSED;
    this.#pool.release(this.#scratch);
    try {
      fs.closeSync(descriptor);
    } catch (error) {
      throw diskError(error, "close", this.path);
    }
  }

  #sizeAtOpen(): number {
    try {
      const stat = fs.fstatSync(this.#descriptor);
      if (!stat.isDirectory()) return stat.size;
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
      fs.ftruncateSync(this.descriptor, this.#size);
    } catch (error) {
      throw diskError(error, "take back a failed write to", this.path);
    }
  }
}

function openDescriptor(path: string, mode: OpenMode): number {
  try {
    return fs.openSync(path, FLAGS[mode], 0o644);
  } catch (error) {
    throw diskError(error, "open", path);
  }
}

/** The system may write less than asked; what is left is written by further calls. */
function writeFully(descriptor: number, position: number, source: Uint8Array): void {
  for (let done = 0; done < source.length;) {
    const count = fs.writeSync(descriptor, source, done, source.length - done, position + done);
    if (count === 0) throw Object.assign(new Error("nothing was written"), { code: "ENOSPC" });
    done += count;
  }
}
