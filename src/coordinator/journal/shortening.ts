/**
 * Making a log of groups shorter: what is live is written again behind it, in a
 * segment of its own, then everything before goes.
 *
 *     | segment | segment | what is live, again ....... | what came meanwhile
 *     ^ log start         ^ `fromOffset`: the log's start afterwards
 *
 * A slice at a time, a group always whole, so that each record is as new as the
 * log when it is written; what changes a group meanwhile lies behind its copy. A
 * crash anywhere leaves old records, then perhaps copies of some, then newer ones:
 * whoever reads them in their order and keeps the last of each key ends up the
 * same. Called by the group journal.
 */
import type { Log } from "../../log/mod.ts";
import { assert, type Fault, fault } from "../../model/mod.ts";
import { DiskError } from "../../storage/disk.ts";
import type { GroupRecord } from "../groups/record.ts";

/** What is to be kept of groups: the last record of each key that no tombstone took away. */
export interface LiveRecords {
  groups(): Iterable<string>;
  recordsOf(group: string): Iterable<GroupRecord>;
}

/** Puts records into batches and those into a log. */
export interface BatchSink {
  /** Bytes that are in no batch yet. */
  readonly bytes: number;
  add(record: GroupRecord): void;
  /** Appends what was added, if anything. */
  put(log: Log): Fault | null;
}

/** A batch is closed once it has so many bytes, between two records. */
const BATCH_BYTES_WANTED = 262_144;

export class Shortening {
  readonly partition: number;
  readonly log: Log;
  readonly #groups: readonly string[];
  #nextGroup = 0;
  #fromOffset = -1;

  /** Of the partition that has these groups. */
  constructor(partition: number, log: Log, groups: readonly string[]) {
    this.partition = partition;
    this.log = log;
    this.#groups = groups;
  }

  /** Everything live is in the log again: once that is flushed, `finish` may be called. */
  get isWritten(): boolean {
    return this.#fromOffset >= 0 && this.#nextGroup === this.#groups.length;
  }

  /** Writes the next groups, about `bytesWanted` of them. A fault: the disk is full, and nothing was lost. */
  write(live: LiveRecords, sink: BatchSink, bytesWanted: number, nowMs: number): Fault | null {
    if (this.#fromOffset < 0) {
      const failed = this.#begin(nowMs);
      if (failed !== null) return failed;
    }
    const bytesEnd = this.log.bytes + bytesWanted;
    while (!this.isWritten && this.log.bytes + sink.bytes < bytesEnd) {
      const failed = this.#writeGroup(this.#groups[this.#nextGroup]!, live, sink);
      if (failed !== null) return failed;
      this.#nextGroup++;
    }
    return sink.put(this.log);
  }

  /** Drops what lies before. Everything is flushed. */
  finish(): void {
    assert(this.isWritten, "what is live was written again");
    assert(this.log.unflushedRecords === 0, "what is live is on the device before the rest goes");
    this.log.trim(this.#fromOffset);
  }

  #begin(nowMs: number): Fault | null {
    try {
      this.log.roll(nowMs);
      this.#fromOffset = this.log.logEndOffset;
      return null;
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== "full") throw error;
      return fault("KAFKA_STORAGE_ERROR", error.message);
    }
  }

  #writeGroup(group: string, live: LiveRecords, sink: BatchSink): Fault | null {
    for (const record of live.recordsOf(group)) {
      assert(record.value !== null && record.group === group, "what is live is no tombstone");
      sink.add(record);
      const failed = sink.bytes < BATCH_BYTES_WANTED ? null : sink.put(this.log);
      if (failed !== null) return failed;
    }
    return null;
  }
}
