/**
 * An append-only file of entries of one size, the newest of which wait in
 * memory: an index is rebuilt after a crash anyway, so it costs one write per
 * thousands of entries. Lookups see waiting entries and written ones alike.
 *
 *     | entry 0 | entry 1 | ... written | ... waiting |        count = written + waiting
 *
 * The base of the offset and the time index; knows nothing of what an entry means.
 */
import { assert } from "../model/mod.ts";
import { DiskError } from "../storage/disk.ts";
import type { FileHandle } from "./open_files.ts";

const UNKNOWN = -1;
const WAITING_COUNT_FIRST = 16;
/** Entries that wait before they are written: 16 MiB of log or more at Kafka's default interval. */
const WAITING_COUNT_MAX = 4_096;
const NOTHING = new DataView(new ArrayBuffer(0));

export class EntryFile {
  readonly handle: FileHandle;
  readonly #entryBytes: number;
  #writtenCount: number;
  #waiting = NOTHING;
  #waitingCount = 0;
  /** The entry `seek` found starts at `at` in `view`. */
  view: DataView = NOTHING;
  at = 0;

  /** `isNew`: there is no file yet; otherwise it is looked at when it is first needed. */
  constructor(handle: FileHandle, entryBytes: number, isNew: boolean) {
    this.handle = handle;
    this.#entryBytes = entryBytes;
    this.#writtenCount = isNew ? 0 : UNKNOWN;
  }

  /** Entries in all. A missing file has none; bytes beyond the last whole entry do not count. */
  get count(): number {
    if (this.#writtenCount === UNKNOWN) this.#writtenCount = Math.floor(this.#size() / this.#entryBytes);
    return this.#writtenCount + this.#waitingCount;
  }

  /** True when the file's size is that of whole entries. */
  get isWhole(): boolean {
    return this.#size() === (this.count - this.#waitingCount) * this.#entryBytes;
  }

  /** True when entries wait to be written. */
  get isWaiting(): boolean {
    return this.#waitingCount > 0;
  }

  /** True when `append` would pass the bound on waiting entries: time to `spill`. */
  get wantsSpill(): boolean {
    return this.#waitingCount >= WAITING_COUNT_MAX;
  }

  /** Points `view` and `at` at an entry; valid until the next call. */
  seek(index: number): void {
    const written = this.count - this.#waitingCount;
    assert(index >= 0 && index < this.count, "an entry that is looked at exists");
    if (index >= written) {
      this.view = this.#waiting;
      this.at = (index - written) * this.#entryBytes;
      return;
    }
    const bytes = this.handle.use().view(index * this.#entryBytes, this.#entryBytes);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  /** Makes room for one more entry and points `view` and `at` at it, to be filled in. */
  append(): void {
    assert(this.count >= 0, "the entries before are counted");
    const at = this.#waitingCount * this.#entryBytes;
    if (at === this.#waiting.byteLength) this.#grow();
    this.#waitingCount++;
    this.view = this.#waiting;
    this.at = at;
  }

  /** Writes what waits. Throws DiskError and keeps it waiting. */
  spill(): void {
    if (this.#waitingCount === 0) return;
    const written = this.count - this.#waitingCount;
    const file = this.handle.use("create");
    if (file.size > written * this.#entryBytes) this.handle.truncate(written * this.#entryBytes);
    this.handle.append(new Uint8Array(this.#waiting.buffer, 0, this.#waitingCount * this.#entryBytes));
    this.#writtenCount = written + this.#waitingCount;
    this.#waitingCount = 0;
    this.#waiting = NOTHING;
  }

  /** Keeps the first `count` entries, on the disk too; true if the file changed. */
  truncate(count: number): boolean {
    assert(count <= this.count, "a cut never lengthens");
    const written = this.count - this.#waitingCount;
    this.#waitingCount = Math.max(0, count - written);
    if (this.#size() <= count * this.#entryBytes) return false;
    this.#writtenCount = count;
    this.handle.truncate(count * this.#entryBytes);
    return true;
  }

  #size(): number {
    if (this.#writtenCount === 0 && this.#waitingCount > 0) return 0;
    try {
      return this.handle.use().size;
    } catch (error) {
      if (error instanceof DiskError && error.code === "not_found") return 0;
      throw error;
    }
  }

  #grow(): void {
    const entries = Math.max(WAITING_COUNT_FIRST, 2 * this.#waitingCount);
    const larger = new Uint8Array(entries * this.#entryBytes);
    larger.set(new Uint8Array(this.#waiting.buffer));
    this.#waiting = new DataView(larger.buffer);
  }
}
