/**
 * A Disk in memory that fails on demand: for simulation, and for whoever tests
 * against an in-memory broker. It wraps a MemoryDisk, which knows nothing of
 * faults, and records in `durability` what a power cut would leave. Every fault
 * is asked for by the caller, and every choice comes from the caller's random
 * numbers: one seed, one outcome.
 */
import type { Disk, DiskEntry, DiskFile, DiskStat, OpenMode } from "./disk.ts";
import { DurableDirectory, DurableFile, type DurableNode, type Random } from "./durability.ts";
import { type FailureRule, type FaultyOperation, refuse, type TornWrite } from "./faults.ts";
import { FaultyFile, type FaultyOwner } from "./faulty_file.ts";
import { MemoryDisk, type MemoryDiskOptions } from "./memory_disk.ts";
import { directoryOf, namesOf } from "./paths.ts";

interface Countdown {
  after: number;
  times: number;
}

/**
 * A disk for tests and simulation.
 *
 * @example
 * ```ts
 * const disk = new FaultyDisk();
 * const file = disk.open("a.log", "create");
 * file.write(0, batch);          // not synced
 * disk.crash(seededRandom);      // the file may be gone, whole, torn or empty
 * disk.flipBit("a.log", 17);
 * disk.full = true;
 * ```
 */
export class FaultyDisk implements Disk, FaultyOwner {
  readonly kind = "memory";
  /** While true, a write that would lengthen a file throws DiskError "full". */
  full = false;
  /** Grows with every crash and kill: files opened in an earlier life are dead. */
  life = 0;
  readonly #options: MemoryDiskOptions;
  readonly #root = new DurableDirectory();
  readonly #rules = new Map<FailureRule, Countdown>();
  #torn: { readonly request: TornWrite; after: number } | null = null;
  #isPowerCut = false;
  #inner: MemoryDisk;

  constructor(options: Pick<MemoryDiskOptions, "nowMs"> = {}) {
    this.#options = options;
    this.#inner = new MemoryDisk(options);
  }

  /** Makes matching calls fail. A failed sync also loses the writes it stood for, as Linux does. */
  fail(rule: FailureRule): void {
    this.#rules.set(rule, { after: rule.after ?? 0, times: rule.times ?? 1 });
  }

  /** Cuts the power in the middle of a write: its first bytes are durable, every call fails until `crash`. */
  tearWrite(request: TornWrite): void {
    this.#torn = { request, after: request.after ?? 0 };
  }

  /** Turns one bit of a file, counted from its start: bit 8 is the lowest bit of the second byte. */
  flipBit(path: string, bit: number): void {
    const position = Math.floor(bit / 8);
    const mask = 1 << (bit % 8);
    const file = this.#inner.open(path, "write");
    const byte = file.view(position, 1).slice();
    byte[0]! ^= mask;
    file.write(position, byte);
    file.close();
    const record = this.#find(path);
    if (record instanceof DurableFile) record.flip(position, mask);
  }

  /** The power goes and comes back: synced bytes and names survive, of the rest what `random` says. */
  crash(random: Random): void {
    this.kill();
    this.#root.crash(random);
    this.#inner = new MemoryDisk(this.#options);
    this.#restore("", this.#root);
  }

  /** The process dies and the system lives on (kill -9): open files are dead, every byte written is there. Rules end. */
  kill(): void {
    this.life++;
    this.#isPowerCut = false;
    this.#torn = null;
    this.#rules.clear();
  }

  /** Called by the disk's files and by itself before every operation: throws what was asked for. */
  enter(operation: FaultyOperation, path: string): void {
    if (this.#isPowerCut) throw refuse("io", operation, path, "the power is cut");
    for (const [rule, left] of this.#rules) {
      if (rule.operation !== operation || (rule.path ?? path) !== path) continue;
      if (left.after-- > 0) continue;
      if (--left.times <= 0) this.#rules.delete(rule);
      throw refuse(rule.code ?? "io", operation, path, "a fault was asked for");
    }
  }

  /** Called by the disk's files before a write: how much of it survives the power cut, `null` without one. */
  bytesKeptOfTornWrite(path: string): number | null {
    const torn = this.#torn;
    if (torn === null || (torn.request.path ?? path) !== path || torn.after-- > 0) return null;
    this.#isPowerCut = true;
    return torn.request.keepBytes;
  }

  open(path: string, mode: OpenMode): DiskFile {
    this.enter("open", path);
    const inner = this.#inner.open(path, mode);
    let record = this.#find(path);
    if (record === null) {
      record = new DurableFile();
      const [directory, name] = this.#parent(path);
      directory.link(name, record);
    }
    return new FaultyFile(path, this, inner, record as DurableFile);
  }

  list(path: string): DiskEntry[] {
    this.enter("list", path);
    return this.#inner.list(path);
  }

  stat(path: string): DiskStat | null {
    this.enter("stat", path);
    return this.#inner.stat(path);
  }

  makeDirectory(path: string): void {
    this.enter("makeDirectory", path);
    this.#inner.makeDirectory(path);
    let directory = this.#root;
    for (const name of namesOf(path)) {
      let next = directory.entries.get(name);
      if (next === undefined) directory.link(name, next = new DurableDirectory());
      directory = next as DurableDirectory;
    }
  }

  rename(from: string, to: string): void {
    this.enter("rename", from);
    this.#inner.rename(from, to);
    const [source, sourceName] = this.#parent(from);
    const [target, targetName] = this.#parent(to);
    if (source !== target || sourceName !== targetName) target.move(source, sourceName, targetName);
  }

  remove(path: string): void {
    this.enter("remove", path);
    this.#inner.remove(path);
    const directory = this.#find(directoryOf(path));
    if (directory?.isDirectory) directory.unlink(namesOf(path).at(-1) ?? "");
  }

  syncDirectory(path: string): void {
    this.enter("syncDirectory", path);
    this.#inner.syncDirectory(path);
    (this.#find(path) as DurableDirectory).sync();
  }

  space(path: string): { readonly freeBytes: number; readonly totalBytes: number } {
    const { freeBytes, totalBytes } = this.#inner.space(path);
    return { freeBytes: this.full ? 0 : freeBytes, totalBytes };
  }

  #find(path: string): DurableNode | null {
    let node: DurableNode = this.#root;
    for (const name of namesOf(path)) {
      const next: DurableNode | undefined = node.isDirectory ? node.entries.get(name) : undefined;
      if (next === undefined) return null;
      node = next;
    }
    return node;
  }

  /** The directory of a path the inner disk has just accepted. */
  #parent(path: string): [DurableDirectory, string] {
    const names = namesOf(path);
    const name = names.pop() ?? "";
    return [this.#find(names.join("/")) as DurableDirectory, name];
  }

  #restore(path: string, directory: DurableDirectory): void {
    this.#inner.makeDirectory(path);
    for (const [name, node] of directory.entries) {
      if (node.isDirectory) {
        this.#restore(`${path}/${name}`, node);
        continue;
      }
      const file = this.#inner.open(`${path}/${name}`, "create");
      if (node.durable.size > 0) file.write(0, node.durable.view(0, node.durable.size));
      file.close();
    }
  }
}
