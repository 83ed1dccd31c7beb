/**
 * A broker in one thread and without a network: the real shard, the real data
 * directory and checkpoint files, started and stopped as `src/compose.ts` does it,
 * over a disk that may end the process at any operation. What it answers goes to
 * the oracle.
 */
import { Checkpoints } from "../../../src/checkpoints.ts";
import { OpenFiles } from "../../../src/log/mod.ts";
import type { LogDescription, LogSettings, ShardInput, ShardOutput } from "../../../src/model/mod.ts";
import { Shard, type ShardOptions } from "../../../src/partition/mod.ts";
import { type DataDirectory, type Disk, openDataDirectory } from "../../../src/storage/mod.ts";
import type { PartitionModel } from "../partition_model.ts";
import type { SentRecord } from "../sent_record.ts";
import { Violation } from "../world.ts";

const DATA = "data";
const SECRET = Uint32Array.of(1, 2, 3, 4);
const CLEANER = { dedupeBytesMax: 500, bytesPerSecond: Infinity, backoffMs: 30 };
const RETENTION_INTERVAL_MS = 40;
/** Turns without time passing after which a shard will never come to rest. */
const TURNS_MAX = 10_000;

/** A partition, and what its log is told. */
export interface Hosted {
  readonly partition: PartitionModel;
  readonly settings: LogSettings;
}

/** A clock that only goes on. */
export class ScenarioClock {
  nowMs = 0;
  readonly wallBackMs = 0;

  get wallMs(): number {
    return 1_700_000_000_000 + this.nowMs;
  }

  get wallMaxMs(): number {
    return this.wallMs;
  }
}

type Output<Kind extends ShardOutput["kind"]> = Extract<ShardOutput, { kind: Kind }>;
export type MakeShard = (options: ShardOptions) => Pick<Shard, "turn" | "wakeMs">;

export class ShardBroker {
  readonly #clock: ScenarioClock;
  readonly #hosted: readonly Hosted[];
  readonly #directory: DataDirectory;
  readonly #checkpoints: Checkpoints;
  readonly #shard: Pick<Shard, "turn" | "wakeMs">;
  #nextId = 1;

  /** Starts. Throws Violation when a log does not open. */
  constructor(disk: Disk, clock: ScenarioClock, hosted: readonly Hosted[], makeShard: MakeShard) {
    this.#clock = clock;
    this.#hosted = hosted;
    this.#directory = openDataDirectory(DATA, disk);
    this.#directory.identify({ nodeId: 1, newId: () => "AAECAwQFBgcICQoLDA0ODw" });
    const { isClean } = this.#directory.takeCleanMarker();
    this.#checkpoints = new Checkpoints(this.#directory, isClean, () => {});
    this.#shard = makeShard({
      disk,
      dataDirectory: DATA,
      openFiles: new OpenFiles(disk),
      checkCrcOnRead: true,
      retentionIntervalMs: RETENTION_INTERVAL_MS,
      retentionDiskPercent: 100,
      jitter: () => 0,
      waitersMax: 10,
      allocate: (length) => new Uint8Array(length),
      cleaner: CLEANER,
      cleanerSecret: SECRET,
    });
    hosted.forEach((_, handle) => this.#open(handle));
  }

  #open(handle: number): void {
    const { partition: { topic, index, name }, settings } = this.#hosted[handle]!;
    const { fault } = this.#ask("opened", {
      kind: "open",
      handle,
      topic: topic.name,
      partition: index,
      topicId: "AAECAwQFBgcICQoLDA0ODw",
      leaderEpoch: 0,
      settings,
      isSuspect: false,
      ...this.#checkpoints.of(topic.name, index),
    });
    if (fault !== null) throw new Violation(`Partition "${name}" does not open: ${fault.message}`);
  }

  /** Appends a batch; what is acknowledged the oracle hears. */
  append(handle: number, records: readonly SentRecord[], batch: Uint8Array): void {
    const { partition } = this.#hosted[handle]!;
    const { floor } = partition;
    const { acks } = records[0]!;
    const output = this.#ask("appended", { kind: "append", handle, acks, batch: batch.slice() });
    const { fault, baseOffset, logAppendTimeMs, logStartOffset } = output;
    if (fault !== null) throw new Violation(`Partition "${partition.name}" takes nothing: ${fault.message}`);
    partition.beginsAt(logStartOffset, floor);
    partition.acknowledge(records, baseOffset, logAppendTimeMs);
  }

  /** Forgets records below `offset`, and says so once that will stay. */
  trim(handle: number, offset: number): void {
    const { partition } = this.#hosted[handle]!;
    partition.trimAsked = Math.max(partition.trimAsked, offset);
    const { fault, logStartOffset } = this.#ask("trimmed", { kind: "trim", handle, beforeOffset: offset });
    if (fault !== null) return;
    const failed = this.#checkpoints.trimmed(partition.topic.name, partition.index, logStartOffset);
    if (failed !== null) throw new Violation(`A trim fails: ${failed.message}`);
    partition.beginsAt(logStartOffset, partition.floor);
    partition.trimAsked = Math.max(partition.trimAsked, logStartOffset);
    partition.trimmed(logStartOffset);
  }

  /** Where a log begins (−2) or ends (−1). */
  bound(handle: number, timestamp: -2 | -1): number {
    const { fault, offset } = this.#ask("offset_listed", {
      kind: "list_offset",
      handle,
      timestamp,
      isolation: "read_uncommitted",
      currentLeaderEpoch: -1,
    });
    if (fault !== null) throw new Violation(`Bounds can't be read: ${fault.message}`);
    return offset;
  }

  /** What one fetch from `offset` brings. */
  fetch(handle: number, offset: number): Output<"fetched">["entries"][number] {
    const entry = { handle, offset, bytesMax: 100_000, currentLeaderEpoch: -1, lastFetchedEpoch: -1 };
    const { entries } = this.#ask("fetched", {
      kind: "fetch",
      waitMsMax: 0,
      bytesMin: 0,
      bytesMax: 100_000,
      isolation: "read_uncommitted",
      entries: [entry],
    });
    return entries[0]!;
  }

  /** Lets time pass, and the shard do what it does meanwhile. */
  pass(ms: number): void {
    const endMs = this.#clock.nowMs + ms;
    for (let turns = 0;; turns++) {
      const dueMs = Math.max(this.#clock.nowMs, this.#shard.wakeMs - 1_700_000_000_000);
      if (dueMs > endMs) break;
      this.#clock.nowMs = dueMs;
      this.#shard.turn([], this.#clock.wallMs);
      if (turns > TURNS_MAX) throw new Violation("The shard does not come to rest");
    }
    this.#clock.nowMs = endMs;
  }

  writeCheckpoints(): void {
    const handles = this.#hosted.map((_, handle) => handle);
    this.#write(this.#ask("described", { kind: "describe", handles }).logs);
  }

  /** A clean stop. */
  stop(): void {
    this.#write(this.#ask("stopped", { kind: "stop" }).logs);
    this.#directory.writeCleanMarker(-1);
  }

  #write(logs: readonly LogDescription[]): void {
    const named = logs.map((log) => {
      const { topic, index } = this.#hosted[log.handle]!.partition;
      return { ...log, topic: topic.name, partition: index };
    });
    this.#checkpoints.write(named, { recoveryPoint: null, groupLogs: [] });
  }

  #ask<Kind extends ShardOutput["kind"]>(kind: Kind, question: Question): Output<Kind> {
    const id = this.#nextId++;
    const outputs = this.#shard.turn([{ ...question, id } as ShardInput], this.#clock.wallMs);
    const answer = outputs.find((output) => output.kind === kind && "id" in output && output.id === id);
    if (answer === undefined) throw new Violation(`A shard did not answer "${question.kind}"`);
    return answer as Output<Kind>;
  }
}

type WithoutId<Input> = Input extends { id: number } ? Omit<Input, "id"> : never;
type Question = WithoutId<ShardInput>;
