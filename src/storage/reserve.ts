/**
 * The reserve: a file of real blocks in the data directory that stands for room the
 * broker can have when the disk is full, whoever filled it. What must go on being
 * written (commits, group and topic metadata, the files of a clean stop) takes a
 * piece of it each time it meets a full disk; it is filled up again when there is room.
 *
 *     .weir-reserve   |======= blocks held =======|.. given up ..|
 *
 * All that is known is the file's size, so that any thread may give up pieces and a
 * restart finds it as it was. Given up by `reserved_disk`, filled by compose's clock.
 */
import { fillRandomly } from "../host/mod.ts";
import { assert } from "../model/mod.ts";
import { type Disk, DiskError } from "./disk.ts";

const FILE = ".weir-reserve";
/** Of a small file system no more is held than one part in so many. */
const SHARE = 32;
/** What is given up at once, at least. */
const GIVEN_BYTES_MIN = 65_536;
/** What is filled up at once: a millisecond or two. */
const FILLED_BYTES = 1_048_576;
const PAGE_BYTES = 4_096;

/** How full the reserve is: "filling" wants another call soon, "short" waits for room. */
export type ReserveState = "whole" | "filling" | "short";

export class Reserve {
  readonly path: string;
  readonly #disk: Disk;
  readonly #dataDirectory: string;
  readonly #bytesMax: number;

  /** `bytesMax`: what it holds at most; 0 for none. `disk` is the plain one. */
  constructor(disk: Disk, dataDirectory: string, bytesMax: number) {
    assert(bytesMax >= 0, "a reserve is not negative");
    this.path = `${dataDirectory}/${FILE}`;
    this.#disk = disk;
    this.#dataDirectory = dataDirectory;
    this.#bytesMax = bytesMax;
  }

  /** Bytes it holds now. Throws DiskError. */
  get bytes(): number {
    return this.#disk.stat(this.path)?.size ?? 0;
  }

  /** Gives up `bytes` or somewhat more for a write that found no room; false when nothing is left. Throws DiskError. */
  giveUp(bytes: number): boolean {
    const held = this.bytes;
    if (held === 0) return false;
    const given = Math.max(GIVEN_BYTES_MIN, Math.ceil(bytes / PAGE_BYTES + 1) * PAGE_BYTES);
    this.#cut(Math.max(0, held - given));
    return true;
  }

  /**
   * Fills up the next piece, if as much as the whole reserve stays free beside it, or takes away what is
   * too much since settings changed. Throws DiskError.
   */
  keep(): ReserveState {
    const held = this.bytes;
    if (held === this.#bytesMax) return "whole";
    const { freeBytes, totalBytes } = this.#disk.space(this.#dataDirectory);
    const wanted = Math.min(this.#bytesMax, Math.floor(totalBytes / SHARE / PAGE_BYTES) * PAGE_BYTES);
    if (held > wanted) this.#cut(wanted);
    if (held >= wanted) return "whole";
    if (freeBytes - (wanted - held) < wanted) return "short";
    return this.#fill(Math.min(FILLED_BYTES, wanted - held)) < wanted ? "filling" : "whole";
  }

  #cut(size: number): void {
    const file = this.#disk.open(this.path, "write");
    try {
      if (size < file.size) file.truncate(size);
    } finally {
      file.close();
    }
  }

  /** Gives the file's size afterwards. Its bytes are such that no file system makes fewer of them. */
  #fill(bytes: number): number {
    const piece = new Uint8Array(bytes);
    fillRandomly(piece);
    const file = this.#disk.open(this.path, "create");
    try {
      file.write(file.size, piece);
      return file.size;
    } catch (error) {
      // Somebody else was faster: the next look tells.
      if (!(error instanceof DiskError) || error.code !== "full") throw error;
      return 0;
    } finally {
      file.close();
    }
  }
}
