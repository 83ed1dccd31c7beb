/**
 * What would survive a power cut: for every file the bytes that were synced and
 * the changes since, for every directory the names that were synced and the
 * changes since. `faulty_disk` records here what passes through it.
 *
 *     file       durable bytes + [write | cut] ...     sync()      -> durable
 *     directory  durable names + [link | unlink | move] ...  sync() -> durable
 *
 * At a crash an unsynced file keeps none of its changes, all, the first few with
 * the last one torn at some byte, or any sectors of them; a directory keeps the
 * first few of its changes, in order, as a journal does. A file's own sync does
 * not make its name durable: POSIX promises that of the directory's sync alone
 * (ext4 happens to be kinder), so whoever creates a file must sync both.
 */
import { MemoryContent } from "./memory_content.ts";

const SECTOR_BYTES = 512;

/** A number in [0, 1), from a seeded generator. */
export type Random = () => number;

export type Change =
  | { readonly kind: "write"; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: "cut"; readonly size: number };

export class DurableFile {
  readonly isDirectory = false;
  readonly durable = new MemoryContent();
  #pending: Change[] = [];

  record(change: Change): void {
    this.#pending.push(change);
  }

  /** Everything recorded is durable from here on. */
  sync(): void {
    for (const change of this.#pending) this.#apply(change);
    this.#pending = [];
  }

  /** A failed sync: the system drops the pages, a later sync will not write them. */
  forget(): void {
    this.#pending = [];
  }

  /** Decides what a crash leaves of the changes since the last sync. */
  crash(random: Random): void {
    const pending = this.#pending;
    this.#pending = [];
    if (pending.length === 0) return;
    const roll = random();
    if (roll < 0.25) return;
    if (roll < 0.5) return pending.forEach((change) => this.#apply(change));
    if (roll < 0.75) return this.#tear(pending, random);
    for (const change of pending) this.#applySectors(change, random);
  }

  /** Turns the bits of `mask` in one byte, wherever it is kept. */
  flip(position: number, mask: number): void {
    const byte = new Uint8Array(1);
    if (this.durable.read(position, byte) === 1) {
      byte[0]! ^= mask;
      this.durable.write(position, byte);
    }
    for (const change of this.#pending) {
      if (change.kind === "cut") continue;
      const index = position - change.position;
      if (index >= 0 && index < change.bytes.length) change.bytes[index]! ^= mask;
    }
  }

  #apply(change: Change): void {
    if (change.kind === "cut") this.durable.truncate(change.size);
    else this.durable.write(change.position, change.bytes);
  }

  #tear(pending: readonly Change[], random: Random): void {
    const whole = Math.floor(random() * pending.length);
    for (const change of pending.slice(0, whole)) this.#apply(change);
    const torn = pending[whole]!;
    if (torn.kind === "cut") return;
    const length = Math.floor(random() * torn.bytes.length);
    if (length > 0) this.durable.write(torn.position, torn.bytes.subarray(0, length));
  }

  #applySectors(change: Change, random: Random): void {
    if (change.kind === "cut") {
      if (random() < 0.5) this.durable.truncate(change.size);
      return;
    }
    const end = change.position + change.bytes.length;
    for (let at = change.position; at < end;) {
      const next = Math.min(end, (Math.floor(at / SECTOR_BYTES) + 1) * SECTOR_BYTES);
      const piece = change.bytes.subarray(at - change.position, next - change.position);
      if (random() < 0.5) this.durable.write(at, piece);
      at = next;
    }
  }
}

export type DurableNode = DurableFile | DurableDirectory;

type Naming =
  | { readonly kind: "link"; readonly name: string; readonly node: DurableNode }
  | { readonly kind: "unlink"; readonly name: string; readonly node: DurableNode }
  | {
    readonly kind: "move";
    readonly from: DurableDirectory;
    readonly fromName: string;
    readonly name: string;
    readonly node: DurableNode;
  };

export class DurableDirectory {
  readonly isDirectory = true;
  /** The names as the running system sees them. */
  entries = new Map<string, DurableNode>();
  #durable = new Map<string, DurableNode>();
  #pending: Naming[] = [];

  link(name: string, node: DurableNode): void {
    this.entries.set(name, node);
    this.#pending.push({ kind: "link", name, node });
  }

  unlink(name: string): void {
    const node = this.entries.get(name);
    if (node === undefined) return;
    this.entries.delete(name);
    this.#pending.push({ kind: "unlink", name, node });
  }

  /** Takes `fromName` out of `from` and gives it a name here, in one change. */
  move(from: DurableDirectory, fromName: string, name: string): void {
    const node = from.entries.get(fromName);
    if (node === undefined) return;
    from.entries.delete(fromName);
    this.entries.set(name, node);
    this.#pending.push({ kind: "move", from, fromName, name, node });
  }

  /** Every change of names here is durable from here on. */
  sync(): void {
    this.#keep(this.#pending.length);
  }

  /** Decides what a crash leaves, here and in everything below. */
  crash(random: Random): void {
    for (const directory of this.#everyDirectory(new Set())) {
      const count = directory.#pending.length;
      const roll = random();
      directory.#keep(roll < 0.25 ? 0 : roll < 0.5 ? count : Math.floor(random() * (count + 1)));
    }
    this.#settle(random);
  }

  #keep(count: number): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const naming of pending.slice(0, count)) this.#apply(naming);
    this.#pending = pending.slice(count);
  }

  #apply(naming: Naming): void {
    const { name, node } = naming;
    if (naming.kind === "link") this.#durable.set(name, node);
    if (naming.kind === "unlink" && this.#durable.get(name) === node) this.#durable.delete(name);
    if (naming.kind !== "move") return;
    const { from, fromName } = naming;
    // A journal keeps its order: what happened to the source before the move is kept with it.
    if (from !== this) from.sync();
    if (from.#durable.get(fromName) === node) from.#durable.delete(fromName);
    this.#durable.set(name, node);
  }

  /** Directories that are, or may turn out to be, below this one: in a fixed order. */
  #everyDirectory(found: Set<DurableDirectory>): Set<DurableDirectory> {
    if (found.has(this)) return found;
    found.add(this);
    for (const nodes of [this.#durable, this.entries]) {
      for (const node of nodes.values()) if (node.isDirectory) node.#everyDirectory(found);
    }
    return found;
  }

  #settle(random: Random): void {
    this.#pending = [];
    this.entries = new Map(this.#durable);
    for (const node of this.entries.values()) {
      if (node.isDirectory) node.#settle(random);
      else node.crash(random);
    }
  }
}
