/**
 * What the shard's tests share: a shard over a faulty disk that writes down what
 * it was asked to do, inputs with the usual values, and outputs found by their id.
 */
import assert from "node:assert/strict";
import { OpenFiles } from "../../../src/log/mod.ts";
import {
  type Acks,
  type AppendInput,
  type DeleteInput,
  type FetchInput,
  LOG_SETTINGS_DEFAULT,
  type LogSettings,
  type OpenInput,
  type ShardInput,
  type ShardOutput,
} from "../../../src/model/mod.ts";
import { Shard, type ShardOptions } from "../../../src/partition/mod.ts";
import { encodeBatch, forEachBatch, readRecords } from "../../../src/record/mod.ts";
import { type DiskFile, FaultyDisk, type OpenMode } from "../../../src/storage/mod.ts";

export const NOW_MS = 1_700_000_000_000;
export const NEVER = Number.MAX_SAFE_INTEGER;
export const FIRST_LOG = "00000000000000000000.log";

/** A faulty disk that writes down the writes, syncs and reads of `.log` files, in their order. */
export class WatchedDisk extends FaultyDisk {
  readonly seen: { readonly what: "write" | "sync" | "read" | "answer"; readonly path: string }[] = [];

  override open(path: string, mode: OpenMode): DiskFile {
    const file = super.open(path, mode);
    const see = (what: "write" | "sync" | "read") => {
      if (path.endsWith(".log")) this.seen.push({ what, path });
    };
    return {
      path,
      get size() {
        return file.size;
      },
      read: (position, target) => {
        see("read");
        return file.read(position, target);
      },
      view: (position, length) => {
        see("read");
        return file.view(position, length);
      },
      write: (position, source) => {
        see("write");
        file.write(position, source);
      },
      truncate: (size) => file.truncate(size),
      sync: () => {
        see("sync");
        file.sync();
      },
      close: () => file.close(),
    };
  }

  /** How often the `.log` files, or those of one partition, saw `what`. */
  count(what: "write" | "sync" | "read", directory = ""): number {
    return this.seen.filter((one) => one.what === what && one.path.includes(directory)).length;
  }
}

/** One shard, its disk and the time. */
export class World {
  nowMs = NOW_MS;
  readonly disk: WatchedDisk;
  readonly shard: Shard;

  constructor(options: Partial<ShardOptions> = {}, disk = new WatchedDisk()) {
    this.disk = disk;
    disk.makeDirectory("data");
    this.shard = new Shard({
      disk,
      dataDirectory: "data",
      openFiles: new OpenFiles(disk),
      checkCrcOnRead: true,
      retentionIntervalMs: NEVER,
      retentionDiskPercent: 100,
      jitter: () => 0,
      waitersMax: 10,
      allocate: (length) => {
        disk.seen.push({ what: "answer", path: "" });
        return new Uint8Array(length);
      },
      ...options,
    });
  }

  turn(...inputs: ShardInput[]): ShardOutput[] {
    return this.shard.turn(inputs, this.nowMs);
  }
}

/** A world with partitions 0 to `count` − 1 open under handles of the same numbers. */
export function openWorld(count: number, settings: Partial<LogSettings> = {}, world = new World()): World {
  for (let handle = 0; handle < count; handle++) {
    const outputs = world.turn(open(handle, { settings: { ...LOG_SETTINGS_DEFAULT, ...settings } }));
    assert.equal(answer(outputs, "opened", 1_000 + handle).fault, null);
  }
  return world;
}

/** Opens "orders-`handle`" under the id 1000 + `handle`. */
export function open(handle: number, changes: Partial<OpenInput> = {}): OpenInput {
  return {
    kind: "open",
    id: 1_000 + handle,
    handle,
    topic: "orders",
    partition: handle,
    topicId: "AAECAwQFBgcICQoLDA0ODw",
    leaderEpoch: 0,
    settings: LOG_SETTINGS_DEFAULT,
    clean: true,
    isSuspect: false,
    recoveryPoint: 0,
    logStartOffset: 0,
    highWatermark: 0,
    ...changes,
  };
}

export function remove(id: number, handle: number): DeleteInput {
  const { topic, partition, topicId } = open(handle);
  return { kind: "delete", id, handle, topic, partition, topicId };
}

/** Appends one batch of records that hold `values`. */
export function append(
  id: number,
  handle: number,
  values: readonly string[],
  acks: Acks = -1,
  timestamp = NOW_MS,
): AppendInput {
  const batch = Uint8Array.from(encodeBatch(values.map((value) => ({ timestamp, value }))));
  return { kind: "append", id, handle, acks, batch };
}

/** Fetches from `offsets`, one a handle from 0 on; does not wait unless told to. */
export function fetch(id: number, offsets: readonly number[], changes: Partial<FetchInput> = {}): FetchInput {
  const entries = offsets.map((offset, handle) => ({
    handle,
    offset,
    bytesMax: 1_000_000,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  }));
  const isolation = "read_uncommitted";
  return {
    kind: "fetch",
    id,
    waitMsMax: 0,
    bytesMin: 1,
    bytesMax: 1_000_000,
    isolation,
    entries,
    ...changes,
  };
}

type Of<Kind extends ShardOutput["kind"]> = Extract<ShardOutput, { kind: Kind }>;

/** The one output for `id`; fails when there is none, another kind, or more than one. */
export function answer<Kind extends ShardOutput["kind"]>(
  outputs: readonly ShardOutput[],
  kind: Kind,
  id: number,
): Of<Kind> {
  const found = outputs.filter((output) => "id" in output && output.id === id);
  assert.deepEqual(found.map((output) => output.kind), [kind]);
  return found[0] as Of<Kind>;
}

/** The values and the fault code of each entry of the fetch `id`. */
export function fetched(outputs: readonly ShardOutput[], id: number): (string[] | string)[] {
  return answer(outputs, "fetched", id).entries.map(({ records, fault }) => fault?.code ?? valuesOf(records));
}

function valuesOf(records: Uint8Array): string[] {
  const values: string[] = [];
  forEachBatch(records, (batch) => {
    for (const record of readRecords(batch)) values.push(new TextDecoder().decode(record.value!));
  });
  return values;
}
