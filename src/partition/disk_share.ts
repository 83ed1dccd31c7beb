/**
 * `retention.disk.percent`: how much of the file system may be in use, by whatever
 * it is, before the oldest segments of a shard's logs go, kept ones too. Looks
 * every few seconds, and then asks for as many bytes as are too many, not for what
 * the next look says: some file systems take their time to count what was removed.
 * Workers know nothing of each other: each gives up its share of what is too much,
 * and looks again the sooner for it, in case the others have nothing to give.
 * Called by retention.
 */
import { assert } from "../model/mod.ts";
import { type Disk, DiskError } from "../storage/disk.ts";
import type { HostedLog } from "./hosted_log.ts";

const NEVER = Number.MAX_SAFE_INTEGER;
/** Time between two looks. */
const LOOK_MS = 5_000;

export interface DiskShareOptions {
  readonly disk: Disk;
  readonly dataDirectory: string;
  /** From 1 to 100; 100 never makes room. */
  readonly retentionDiskPercent: number;
  /** Workers that may look at the same disk. Default 1. */
  readonly retentionWorkers?: number;
}

export class DiskShare {
  readonly #options: DiskShareOptions;
  #nextLookMs: number;
  /** Still to be given up. */
  #excessBytes = 0;

  constructor(options: DiskShareOptions) {
    this.#options = options;
    this.#nextLookMs = options.retentionDiskPercent < 100 ? 0 : NEVER;
  }

  /** When `isOver` wants to be asked, milliseconds since 1970; 0 is now. */
  get wakeMs(): number {
    return this.#excessBytes > 0 ? 0 : this.#nextLookMs;
  }

  /** The clock was set back: so is the next look. */
  setBack(backMs: number): void {
    if (this.#nextLookMs < NEVER) this.#nextLookMs = Math.max(0, this.#nextLookMs - backMs);
  }

  /** True while bytes are to be given up. */
  isOver(nowMs: number): boolean {
    if (nowMs >= this.#nextLookMs) {
      const { retentionWorkers = 1 } = this.#options;
      this.#excessBytes = Math.ceil(this.#look() / retentionWorkers);
      this.#nextLookMs = nowMs + Math.ceil(this.#excessBytes > 0 ? LOOK_MS / retentionWorkers : LOOK_MS);
    }
    return this.#excessBytes > 0;
  }

  /** So many bytes were given up; with 0 there was nothing left to give. */
  gaveUp(bytes: number): void {
    assert(bytes >= 0, "giving up bytes makes room");
    this.#excessBytes = bytes === 0 ? 0 : Math.max(0, this.#excessBytes - bytes);
  }

  #look(): number {
    const { disk, dataDirectory, retentionDiskPercent } = this.#options;
    try {
      const { freeBytes, totalBytes } = disk.space(dataDirectory);
      if (!Number.isFinite(totalBytes)) return 0;
      return Math.max(0, Math.ceil(totalBytes - freeBytes - totalBytes * retentionDiskPercent / 100));
    } catch (error) {
      // Where the system does not tell there is nothing to go by.
      if (!(error instanceof DiskError)) throw error;
      return 0;
    }
  }
}

/** The log whose oldest segment is the oldest of all that may go; `null` when none may. */
export function oldestOf(hosts: Iterable<HostedLog>): HostedLog | null {
  let oldest: HostedLog | null = null;
  let oldestMs = NEVER;
  for (const host of hosts) {
    const ageMs = host.log.oldestMs;
    if (ageMs >= oldestMs) continue;
    oldest = host;
    oldestMs = ageMs;
  }
  return oldest;
}
