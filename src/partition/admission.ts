/**
 * Whether records may come in, by the room the disk has: `disk.free.min.bytes`.
 * Below it every append is refused with a retriable fault that names the setting,
 * so that what must go on (commits, metadata, the files of a clean stop) and the
 * other users of the disk have room; reads go on. Appends are let in again only
 * when there is a quarter more than that, so that it does not flap.
 *
 *     free bytes  ---- refused ----|-- as it was --|---- taken ----
 *                                floor       floor * 5/4
 *
 * Looks at the disk twice a second while records come, and whenever an eighth of
 * the floor was written. Also says, for the operator, when appends begin to be
 * refused for want of room, and when they are taken again. Called by the shard.
 */
import type { Appended } from "../log/mod.ts";
import { assert, type Fault, fault, type ShardOutput } from "../model/mod.ts";
import { type Disk, DiskError } from "../storage/disk.ts";
import type { HostedLog } from "./hosted_log.ts";

export interface AdmissionOptions {
  readonly disk: Disk;
  readonly dataDirectory: string;
  /** Free bytes below which records are refused; 0 or left out: never. */
  readonly diskFreeBytesMin?: number;
}

const LOOK_MS = 500;
/** The floor is at most one part in so many of the file system. */
const SHARE = 20;
/** Refusals so close to each other are one, to an operator. */
const QUIET_MS = 5_000;
const NEVER = Number.MIN_SAFE_INTEGER;

export class Admission {
  readonly #options: Required<AdmissionOptions>;
  #lookedMs = NEVER;
  /** What may be written before the next look. */
  #bytesLeft = 0;
  #isClosed = false;
  #why = "";
  /** When an append was last refused for want of room, and the operator knows. */
  #refusedMs = NEVER;
  #isTold = false;
  /** The last append found no room, though there seemed to be some. */
  #isFull = false;

  constructor({ disk, dataDirectory, diskFreeBytesMin = 0 }: AdmissionOptions) {
    assert(diskFreeBytesMin >= 0, "a floor is not negative");
    this.#options = { disk, dataDirectory, diskFreeBytesMin };
  }

  /** True while records are refused for want of room; looks at the disk if it was not looked at for a while. */
  isRefusing(nowMs: number): boolean {
    const isDue = nowMs >= this.#lookedMs + LOOK_MS || nowMs < this.#lookedMs;
    if (this.#options.diskFreeBytesMin > 0 && isDue) this.#look(nowMs);
    return this.#isClosed || this.#isFull;
  }

  /** Appends the batch to the log if there is room for it; what an operator should read goes to `outputs`. */
  append(host: HostedLog, batch: Uint8Array, nowMs: number, outputs: ShardOutput[]): Appended | Fault {
    const { handle, log } = host;
    const refused = this.#refuse(batch.length, nowMs);
    const result = refused ?? log.append(batch, nowMs);
    if (refused === null) this.#isFull = "code" in result && result.code === "KAFKA_STORAGE_ERROR";
    const text = this.#judge(result, nowMs);
    if (text !== null) outputs.push({ kind: "notice", handle, text });
    return result;
  }

  /** What is new about it. */
  #judge(result: Appended | Fault, nowMs: number): string | null {
    const wasTold = this.#isTold;
    if (!("code" in result)) {
      if (!wasTold || nowMs - this.#refusedMs < QUIET_MS) return null;
      this.#isTold = false;
      return "Records are taken again: there is room on the disk";
    }
    if (result.code !== "KAFKA_STORAGE_ERROR") return null;
    this.#refusedMs = nowMs;
    this.#isTold = true;
    return wasTold ? null : `Records are refused: ${result.message}`;
  }

  #refuse(bytes: number, nowMs: number): Fault | null {
    if (this.#options.diskFreeBytesMin === 0) return null;
    // A clock that was set back is no reason to look no more.
    const isDue = this.#bytesLeft < bytes || nowMs >= this.#lookedMs + LOOK_MS || nowMs < this.#lookedMs;
    if (isDue) this.#look(nowMs);
    if (this.#isClosed) return fault("KAFKA_STORAGE_ERROR", this.#why);
    this.#bytesLeft -= bytes;
    return null;
  }

  #look(nowMs: number): void {
    this.#lookedMs = nowMs;
    const { disk, dataDirectory, diskFreeBytesMin } = this.#options;
    const space = measure(disk, dataDirectory);
    const floor = Math.min(diskFreeBytesMin, Math.floor(space.totalBytes / SHARE));
    this.#bytesLeft = Math.max(1, floor / 8);
    this.#isClosed = space.freeBytes < (this.#isClosed ? floor * 5 / 4 : floor);
    if (!this.#isClosed) return;
    this.#why = `The disk of "${dataDirectory}" has "${space.freeBytes}" bytes free, ` +
      `wanted are ${floor} at least (disk.free.min.bytes) and a quarter more to go on`;
  }
}

function measure(disk: Disk, path: string): { readonly freeBytes: number; readonly totalBytes: number } {
  try {
    return disk.space(path);
  } catch (error) {
    // Where the system does not tell there is nothing to go by.
    if (!(error instanceof DiskError)) throw error;
    return { freeBytes: Infinity, totalBytes: Infinity };
  }
}
