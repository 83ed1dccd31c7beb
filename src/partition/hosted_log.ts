/**
 * A partition as its shard holds it: the log, who waits for it, and what the
 * running turn still owes it. Created by `open`, dropped by `delete` and `stop`.
 */
import type { Log } from "../log/mod.ts";
import type { LogSettings } from "../model/mod.ts";
import type { Waiter } from "./waiter.ts";

export class HostedLog {
  readonly handle: number;
  /** "topic-partition": how messages and the data directory name it. */
  readonly name: string;
  readonly log: Log;
  settings: LogSettings;
  /** The turn appended here: raise the high watermark and wake the waiters when it ends. */
  appendedInTurn = false;
  /** The turn promised that what it appended is on the device before it answers. */
  flushPromised = false;
  readonly waiters = new Set<Waiter>();
  /** Offsets below it are compacted. */
  firstDirtyOffset = 0;
  /** Cleanings that came to their end, bytes of the segments they rewrote, before and after. */
  cleanings = 0;
  cleanedBytesBefore = 0;
  cleanedBytesAfter = 0;

  constructor(handle: number, name: string, log: Log, settings: LogSettings) {
    this.handle = handle;
    this.name = name;
    this.log = log;
    this.settings = settings;
  }

  /** When `flush.messages` or `flush.ms` ask for a flush: 0 is now. */
  get flushDueMs(): number {
    const { log, settings } = this;
    if (log.unflushedRecords === 0) return Number.MAX_SAFE_INTEGER;
    if (log.unflushedRecords >= settings.flushMessages) return 0;
    return Math.min(Number.MAX_SAFE_INTEGER, log.unflushedSinceMs + settings.flushMs);
  }
}
