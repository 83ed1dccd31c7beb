/**
 * The Disk port over the operating system's files, through Deno's own calls alone: what
 * the broker uses where FFI is not permitted, and what anyone uses who reads
 * files that belong to another process. Works wherever Deno does; Windows can't
 * sync a directory, there `syncDirectory` checks that it exists and no more.
 */
import { Background } from "./background.ts";
import type { Disk, DiskEntry, DiskFile, DiskStat, OpenMode } from "./disk.ts";
import { diskError, lostError } from "./disk_checks.ts";
import { PositionalFile } from "./positional_file.ts";
import { ScratchPool } from "./scratch.ts";
import { measureSpace, type Space } from "./space.ts";

/** What the read buffers of all open files may take together. */
const SCRATCH_BYTES_MAX = 16_777_216;
const canSyncDirectories = Deno.build.os !== "windows";

/**
 * Files of the operating system.
 *
 * @example
 * ```ts
 * const disk = new FileDisk();
 * const file = disk.open("data/orders-0/00000000000000000000.log", "create");
 * file.write(file.size, batch);
 * file.sync();
 * ```
 */
export class FileDisk implements Disk {
  readonly kind: "file" | "mapped" = "file";
  readonly #background = new Background();
  readonly #pool = new ScratchPool(SCRATCH_BYTES_MAX);

  open(path: string, mode: OpenMode): DiskFile {
    return this.openPositional(path, mode);
  }

  /** The same with its concrete type: for `mapped_disk`, which reads differently. */
  openPositional(path: string, mode: OpenMode): PositionalFile {
    return new PositionalFile(path, mode, this.#pool);
  }

  list(path: string): DiskEntry[] {
    return attempt("list", path, () => {
      const listed = Array.from(Deno.readDirSync(path), ({ name, isDirectory }) => ({ name, isDirectory }));
      return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
    });
  }

  stat(path: string): DiskStat | null {
    try {
      const { size, mtime, isDirectory } = Deno.statSync(path);
      return { size: isDirectory ? 0 : size, modifiedMs: mtime?.getTime() ?? 0, isDirectory };
    } catch (error) {
      if (isNothingThere(error)) return null;
      throw diskError(error, "look at", path);
    }
  }

  makeDirectory(path: string): void {
    attempt("make the directory", path, () => Deno.mkdirSync(path, { recursive: true }));
  }

  rename(from: string, to: string): void {
    attempt("rename", from, () => Deno.renameSync(from, to));
  }

  remove(path: string): void {
    try {
      Deno.removeSync(path, { recursive: true });
    } catch (error) {
      if (!isNothingThere(error)) throw diskError(error, "remove", path);
    }
  }

  removeSoon(path: string): void {
    this.#background.remove(path);
  }

  startSync(path: string): () => boolean {
    return this.#background.sync(path);
  }

  syncDirectory(path: string): void {
    try {
      if (!canSyncDirectories) return void Deno.statSync(path);
      using directory = Deno.openSync(path, { read: true });
      if (!directory.statSync().isDirectory) throw notADirectory();
      directory.syncSync();
    } catch (error) {
      throw lostError(error, "sync", path);
    }
  }

  /** Without FFI it needs the permission `--allow-sys=statfs`; without that, too, it throws DiskError "denied". */
  space(path: string): Space {
    return attempt("measure the free space of", path, () => measureSpace(path));
  }
}

function attempt<T>(action: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw diskError(error, action, path);
  }
}

/** Nothing has that name, or a part of the path is a file: nothing can be below it. */
function isNothingThere(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === "ENOENT" || code === "ENOTDIR";
}

function notADirectory(): Error {
  return Object.assign(new Error("it is a file, a directory is wanted"), { code: "ENOTDIR" });
}
