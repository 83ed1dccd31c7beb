/**
 * A whole Disk in memory: `--memory`, tests, and the ground under simulation
 * (faulty_disk wraps it). Deterministic: no clock; `modifiedMs` comes from a
 * function handed in, by default a counter. Behaves as file_disk does, down to
 * the error codes; one case suite and one property test hold both to it.
 * Nothing survives the process, so `sync` and `syncDirectory` do nothing.
 */
import { type Disk, type DiskEntry, DiskError, type DiskFile, type DiskStat, type OpenMode } from "./disk.ts";
import {
  checkRange,
  checkReadPosition,
  checkTruncate,
  checkWritable,
  checkWritePosition,
} from "./disk_checks.ts";
import { closedError } from "./disk_checks.ts";
import { MemoryContent } from "./memory_content.ts";
import { namesOf } from "./paths.ts";

export interface MemoryDiskOptions {
  /** Bytes all files may hold together; past it a write throws DiskError "full". Default: no bound. */
  readonly capacityBytes?: number;
  /** The time of a change, milliseconds since 1970. Default: counts 1, 2, 3, ... */
  readonly nowMs?: () => number;
}

/** Bytes in use and what is allowed, shared by the disk and its open files. */
class Space {
  usedBytes = 0;
  constructor(readonly capacityBytes: number, readonly nowMs: () => number) {}
}

class FileNode {
  readonly isDirectory = false;
  readonly content = new MemoryContent();
  /** The file has a name; a removed file that is still open keeps its bytes, which count no more. */
  isLinked = true;
  constructor(public modifiedMs: number) {}
}

class DirectoryNode {
  readonly isDirectory = true;
  readonly entries = new Map<string, Node>();
  constructor(public modifiedMs: number) {}
}

type Node = FileNode | DirectoryNode;

class MemoryFile implements DiskFile {
  readonly #node: FileNode;
  readonly #space: Space;
  readonly #mode: OpenMode;
  #closed = false;

  constructor(readonly path: string, mode: OpenMode, node: FileNode, space: Space) {
    this.#mode = mode;
    this.#node = node;
    this.#space = space;
  }

  get size(): number {
    return this.#node.content.size;
  }

  read(position: number, target: Uint8Array): number {
    checkReadPosition(this.path, position);
    return this.#content().read(position, target);
  }

  view(position: number, length: number): Uint8Array {
    const content = this.#content();
    checkRange(this.path, content.size, position, length);
    return content.view(position, length);
  }

  write(position: number, source: Uint8Array): void {
    const content = this.#content();
    checkWritable(this.path, this.#mode);
    checkWritePosition(this.path, content.size, position);
    this.#take(position + source.length - content.size);
    content.write(position, source);
    this.#node.modifiedMs = this.#space.nowMs();
  }

  truncate(size: number): void {
    const content = this.#content();
    checkWritable(this.path, this.#mode);
    checkTruncate(this.path, content.size, size);
    if (this.#node.isLinked) this.#space.usedBytes -= content.size - size;
    content.truncate(size);
    this.#node.modifiedMs = this.#space.nowMs();
  }

  sync(): void {
    this.#content();
  }

  close(): void {
    this.#closed = true;
  }

  #content(): MemoryContent {
    if (this.#closed) throw closedError(this.path);
    return this.#node.content;
  }

  #take(bytes: number): void {
    if (bytes <= 0 || !this.#node.isLinked) return;
    const { usedBytes, capacityBytes } = this.#space;
    if (usedBytes + bytes > capacityBytes) {
      const reason = `${usedBytes} of ${capacityBytes} bytes are in use`;
      throw new DiskError("full", this.path, `Can't write ${bytes} bytes to "${this.path}": ${reason}`);
    }
    this.#space.usedBytes += bytes;
  }
}

/**
 * A file system of its own in memory.
 *
 * @example
 * ```ts
 * const disk = new MemoryDisk({ capacityBytes: 1_000_000 });
 * disk.makeDirectory("data");
 * disk.open("data/a.log", "create").write(0, new Uint8Array([1, 2, 3]));
 * ```
 */
export class MemoryDisk implements Disk {
  readonly kind = "memory";
  readonly #space: Space;
  readonly #root: DirectoryNode;

  constructor(options: MemoryDiskOptions = {}) {
    let ticks = 0;
    this.#space = new Space(
      options.capacityBytes ?? Number.MAX_SAFE_INTEGER,
      options.nowMs ?? (() => ++ticks),
    );
    this.#root = new DirectoryNode(0);
  }

  open(path: string, mode: OpenMode): DiskFile {
    const { directory, name } = this.#parent(path, "open");
    let node = name === "" ? directory : directory.entries.get(name);
    if (node === undefined && mode === "create") {
      node = new FileNode(this.#space.nowMs());
      directory.entries.set(name, node);
      directory.modifiedMs = node.modifiedMs;
    }
    if (node === undefined) throw refuse("not_found", "open", path);
    if (node.isDirectory) throw refuse("exists", "open", path);
    return new MemoryFile(path, mode, node, this.#space);
  }

  list(path: string): DiskEntry[] {
    const entries = [...this.#directory(path, "list").entries];
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.map(([name, node]) => ({ name, isDirectory: node.isDirectory }));
  }

  stat(path: string): DiskStat | null {
    const node = this.#find(path);
    if (node === null) return null;
    const size = node.isDirectory ? 0 : node.content.size;
    return { size, modifiedMs: node.modifiedMs, isDirectory: node.isDirectory };
  }

  makeDirectory(path: string): void {
    let directory = this.#root;
    for (const name of namesOf(path)) {
      let node = directory.entries.get(name);
      if (node === undefined) {
        node = new DirectoryNode(this.#space.nowMs());
        directory.entries.set(name, node);
      }
      if (!node.isDirectory) throw refuse("exists", "make the directory", path);
      directory = node;
    }
  }

  rename(from: string, to: string): void {
    const source = this.#parent(from, "rename");
    const target = this.#parent(to, "rename");
    const node = source.directory.entries.get(source.name);
    if (node === undefined) throw refuse("not_found", "rename", from);
    const replaced = target.directory.entries.get(target.name);
    if (replaced === node) return;
    if (isInside(from, to)) {
      throw new DiskError("io", from, `Can't rename "${from}" to "${to}": it can't go into itself`);
    }
    if (target.name === "") throw refuse("exists", "rename", from);
    if (replaced !== undefined) this.#checkReplaceable(node, replaced, from);
    if (replaced !== undefined) this.#unlink(replaced);
    source.directory.entries.delete(source.name);
    target.directory.entries.set(target.name, node);
  }

  remove(path: string): void {
    const names = namesOf(path);
    const name = names.pop() ?? "";
    const directory = this.#find(names.join("/"));
    if (directory === null || !directory.isDirectory) return;
    const node = directory.entries.get(name);
    if (node === undefined) return;
    this.#unlink(node);
    directory.entries.delete(name);
  }

  syncDirectory(path: string): void {
    this.#directory(path, "sync");
  }

  space(_path: string): { readonly freeBytes: number; readonly totalBytes: number } {
    const { capacityBytes, usedBytes } = this.#space;
    return { freeBytes: capacityBytes - usedBytes, totalBytes: capacityBytes };
  }

  #find(path: string): Node | null {
    let node: Node = this.#root;
    for (const name of namesOf(path)) {
      const next: Node | undefined = node.isDirectory ? node.entries.get(name) : undefined;
      if (next === undefined) return null;
      node = next;
    }
    return node;
  }

  #directory(path: string, action: string): DirectoryNode {
    let node: Node = this.#root;
    for (const name of namesOf(path)) {
      if (!node.isDirectory) throw refuse("exists", action, path);
      const next: Node | undefined = node.entries.get(name);
      if (next === undefined) throw refuse("not_found", action, path);
      node = next;
    }
    if (!node.isDirectory) throw refuse("exists", action, path);
    return node;
  }

  #parent(path: string, action: string): { directory: DirectoryNode; name: string } {
    const names = namesOf(path);
    const name = names.pop() ?? "";
    return { directory: this.#directory(names.join("/"), action), name };
  }

  #checkReplaceable(node: Node, replaced: Node, path: string): void {
    const isEmpty = !replaced.isDirectory || replaced.entries.size === 0;
    if (node.isDirectory !== replaced.isDirectory || !isEmpty) throw refuse("exists", "rename", path);
  }

  #unlink(node: Node): void {
    if (node.isDirectory) {
      for (const child of node.entries.values()) this.#unlink(child);
      return;
    }
    node.isLinked = false;
    this.#space.usedBytes -= node.content.size;
  }
}

function isInside(directory: string, path: string): boolean {
  return `${namesOf(path).join("/")}/`.startsWith(`${namesOf(directory).join("/")}/`);
}

function refuse(code: "not_found" | "exists", action: string, path: string): DiskError {
  const reason = code === "not_found"
    ? "no such file or directory"
    : "something of that name exists or is in the way";
  return new DiskError(code, path, `Can't ${action} "${path}": ${reason}`);
}
