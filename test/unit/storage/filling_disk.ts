/**
 * A faulty disk that is full from the nth thing on that needs room: a write that
 * lengthens a file, a new file, a new directory, a new name. For tests that fill a disk
 * at each of them in turn. A write finds room for half of what it wants, as on a real disk.
 */
import { DiskError, type DiskFile, FaultyDisk, type OpenMode } from "../../../src/storage/mod.ts";

export class FillingDisk extends FaultyDisk {
  /** Things that need room and still find it; counts down. */
  roomFor = Infinity;
  /** What was refused so far, as "write data/a". */
  readonly refused: string[] = [];

  override enter(operation: Parameters<FaultyDisk["enter"]>[0], path: string): void {
    super.enter(operation, path);
    if (operation === "rename") this.#take("rename", path);
    // The file itself knows whether it grows, and does half of it.
    if (operation === "write") this.full = !this.#hasRoom("write", path);
  }

  override open(path: string, mode: OpenMode): DiskFile {
    if (mode === "create" && this.stat(path) === null) this.#take("open", path);
    return super.open(path, mode);
  }

  override makeDirectory(path: string): void {
    if (this.stat(path) === null) this.#take("makeDirectory", path);
    super.makeDirectory(path);
  }

  #take(what: string, path: string): void {
    if (this.#hasRoom(what, path)) return;
    throw new DiskError("full", path, `Can't ${what} "${path}": no space left on the device`);
  }

  #hasRoom(what: string, path: string): boolean {
    if (this.roomFor > 0) {
      this.roomFor--;
      return true;
    }
    this.refused.push(`${what} ${path}`);
    return false;
  }
}
