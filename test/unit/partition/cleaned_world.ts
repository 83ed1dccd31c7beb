/** What the tests of compaction in a shard share: logs whose every batch is a segment, time that passes, and what is left. */
import assert from "node:assert/strict";
import {
  LOG_SETTINGS_DEFAULT,
  type LogDescription,
  type LogSettings,
  type ShardOutput,
} from "../../../src/model/mod.ts";
import type { ShardOptions } from "../../../src/partition/mod.ts";
import { encodeBatch } from "../../../src/record/mod.ts";
import { answer, fetch, fetched, NOW_MS, WatchedDisk, World } from "./world.ts";

export const BACKOFF_MS = 1_000;
const SECRET = Uint32Array.of(1, 2, 3, 4);
export const CLEANER = { dedupeBytesMax: 1_000_000, bytesPerSecond: Infinity, backoffMs: BACKOFF_MS };
/** Every batch gets a segment of its own, and all that is dirty is due. */
export const SETTINGS: Partial<LogSettings> = {
  segmentBytesMax: 100,
  cleanupDelete: false,
  cleanupCompact: true,
  cleanableRatioMin: 0,
};

export function cleaning(options: Partial<ShardOptions> = {}, disk = new WatchedDisk()): World {
  return new World({ cleaner: CLEANER, cleanerSecret: SECRET, ...options }, disk);
}

export function put(world: World, handle: number, key: string | null, value: string | null): ShardOutput[] {
  const batch = Uint8Array.from(encodeBatch([{ timestamp: NOW_MS, key, value }]));
  return world.turn({ kind: "append", id: 9, handle, acks: -1, batch });
}

/** Appends "a1", "b1", "a2" ...: each letter a key, each pair a segment. */
export function fill(world: World, handle: number, ...pairs: string[]): void {
  for (const pair of pairs) {
    assert.equal(answer(put(world, handle, pair[0]!, pair), "appended", 9).fault, null);
  }
}

export function configure(handle: number, changes: Partial<LogSettings>) {
  const settings = { ...LOG_SETTINGS_DEFAULT, ...SETTINGS, ...changes };
  return { kind: "configure", handle, settings } as const;
}

/** Turns without inputs whenever the shard asks for one, for so long; gives what they said, and how many there were. */
export function pass(world: World, ms: number): { outputs: ShardOutput[]; turns: number } {
  const endMs = world.nowMs + ms;
  const outputs: ShardOutput[] = [];
  let turns = 0;
  while (world.shard.wakeMs <= endMs) {
    world.nowMs = Math.max(world.nowMs, world.shard.wakeMs);
    outputs.push(...world.turn());
    assert.ok(turns++ < 10_000, "the shard comes to rest");
  }
  world.nowMs = endMs;
  return { outputs, turns };
}

export function described(world: World, handle: number): LogDescription {
  return answer(world.turn({ kind: "describe", id: 70, handles: [handle] }), "described", 70).logs[0]!;
}

/** Values of a whole log. */
export function values(world: World, handle: number): string[] {
  const found: string[] = [];
  const { logStartOffset, logEndOffset } = described(world, handle);
  for (let offset = logStartOffset; offset < logEndOffset;) {
    const entries = [{ handle, offset, bytesMax: 1, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }];
    const outputs = world.turn(fetch(71, [], { entries }));
    const [read] = fetched(outputs, 71);
    assert.ok(Array.isArray(read));
    found.push(...read);
    const { records } = answer(outputs, "fetched", 71).entries[0]!;
    const view = new DataView(records.buffer, records.byteOffset);
    offset = Number(view.getBigInt64(0)) + view.getInt32(23) + 1;
  }
  return found;
}

export function cleanedFiles(world: World, handle: number): string[] {
  return world.disk.list(`data/orders-${handle}`).map(({ name }) => name)
    .filter((name) => /\.(cleaned|swap)$/.test(name));
}
