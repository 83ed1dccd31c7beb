/**
 * A disk that is full at each write in turn: of appends, rolls, indexes, epochs,
 * snapshots, trims, closing. What was acknowledged stays and is served all the
 * time, what was refused is nowhere, and the log goes on when there is room again;
 * also when the process dies meanwhile and the log is opened on the full disk.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Log, openLog } from "../../../src/log/mod.ts";
import { FillingDisk } from "../storage/filling_disk.ts";
import { batchBy, batchOf, DIRECTORY, NOW_MS, optionsOf, readAll, settingsOf } from "./fixtures.ts";

/** Segments of some four batches, an index entry for each. */
const SETTINGS = settingsOf({ segmentBytesMax: 400, indexIntervalBytes: 1 });
const APPENDS = 14;
const PLACES_MAX = 1_000;

/** What happens when an append is refused, before there is room again. */
type Meanwhile = (world: World) => void;

interface World {
  readonly disk: FillingDisk;
  log: Log;
  leaderEpoch: number;
  /** What was acknowledged: the value of each offset. */
  readonly model: Map<number, string>;
}

function openOn({ disk, leaderEpoch }: Pick<World, "disk" | "leaderEpoch">, known: Partial<Log> = {}): Log {
  const { recoveryPoint = 0, logStartOffset = 0 } = known;
  const state = { settings: SETTINGS, leaderEpoch, clean: false, recoveryPoint, logStartOffset };
  const { log } = openLog(disk, DIRECTORY, optionsOf(state));
  log.flush();
  log.setHighWatermark(log.logEndOffset);
  return log;
}

/** Opened on the disk as it is, it serves what was acknowledged. One that has nothing yet may wait for room. */
function reopen(world: World): void {
  const { disk, log, model } = world;
  try {
    world.log = openOn(world, log);
  } catch (error) {
    assert.equal((error as { code?: string }).code, "full", String(error));
    assert.equal(model.size, 0, "what has records is opened on a full disk");
    disk.roomFor = Infinity;
    world.log = openOn(world, log);
  }
  assert.deepEqual(readAll(world.log), servedBy(world));
}

function servedBy({ log, model }: World): Map<number, string> {
  return new Map([...model].filter(([offset]) => offset >= log.logStartOffset));
}

/** Every other batch comes from an idempotent producer, from the fourth on. */
function batchAt(index: number): { bytes: Uint8Array; values: string[] } {
  if (index < 3 || index % 2 === 0) return { bytes: batchOf([`v${index}`]), values: [`v${index}`] };
  return { bytes: batchBy(7, 0, index - 3, 2), values: ["7:0", "7:1"] };
}

/** Appends one batch and flushes, at most twice; the second time there is room. */
function appendAt(world: World, index: number, meanwhile: Meanwhile): void {
  const { bytes, values } = batchAt(index);
  for (const isAgain of [false, true]) {
    const endOffset = world.log.logEndOffset;
    const result = world.log.append(bytes, NOW_MS + index);
    if (!("code" in result)) {
      assert.equal(result.baseOffset, endOffset);
      world.log.flush();
      world.log.setHighWatermark(world.log.logEndOffset);
      values.forEach((value, delta) => world.model.set(endOffset + delta, value));
      return;
    }
    assert.equal(result.code, "KAFKA_STORAGE_ERROR");
    assert(!isAgain, "with room again the same batch is taken");
    assert.equal(world.log.logEndOffset, endOffset);
    assert.deepEqual(readAll(world.log), servedBy(world));
    meanwhile(world);
    world.disk.roomFor = Infinity;
  }
}

/** What a full disk may refuse with an error of its own. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    assert.equal((error as { code?: string }).code, "full", String(error));
  }
}

/** The whole history on a disk that has room for so many things; the world after it, closed, with room again. */
function play(roomFor: number, meanwhile: Meanwhile): World {
  const disk = new FillingDisk();
  disk.makeDirectory("data");
  disk.syncDirectory("");
  const log = openOn({ disk, leaderEpoch: 0 });
  const world: World = { disk, log, leaderEpoch: 0, model: new Map() };
  disk.roomFor = roomFor;
  for (let index = 0; index < APPENDS; index++) {
    if (index === 6) world.log.setLeaderEpoch(world.leaderEpoch = 1);
    if (index === 11) attempt(() => world.log.trim(6));
    assert.deepEqual(readAll(world.log), servedBy(world));
    appendAt(world, index, meanwhile);
  }
  attempt(() => world.log.close());
  disk.roomFor = Infinity;
  return world;
}

/** The history once for each thing that needs room; gives what was refused of it all. */
function playAll(meanwhile: Meanwhile, afterwards: (world: World) => void): Set<string> {
  const refused = new Set<string>();
  for (let roomFor = 0; roomFor < PLACES_MAX; roomFor++) {
    const world = play(roomFor, meanwhile);
    afterwards(world);
    reopen(world);
    checkProducer(world);
    for (const what of world.disk.refused) {
      refused.add(what.replaceAll(/\d{20}/g, "N").replace(`${DIRECTORY}/`, ""));
    }
    if (world.disk.refused.length === 0) return refused;
  }
  assert.fail("the history ends");
}

/** The producer's last batch is known: sent again it is found where it lies. */
function checkProducer({ log, model }: World): void {
  const baseOffset = Math.max(...[...model].filter(([, value]) => value === "7:0").map(([offset]) => offset));
  const result = log.append(batchAt(13).bytes, NOW_MS + APPENDS);
  assert.deepEqual(result, { baseOffset, lastOffset: baseOffset + 1, logAppendTimeMs: -1 });
}

const powerCut: Meanwhile = ({ disk }) => disk.crash(() => 0);

describe("Log on a disk that is full at the nth write", () => {
  it("keeps what it acknowledged, serves nothing else, and takes the refused batch later", () => {
    const refused = playAll(() => {}, ({ disk }) => disk.kill());
    assert.deepEqual([...refused].sort(), [
      "open N.index",
      "open N.log",
      "open N.snapshot",
      "open N.timeindex",
      "open leader-epoch-checkpoint.tmp",
      "open partition.metadata.tmp",
      "rename N.index",
      "rename N.log",
      "rename N.timeindex",
      "rename leader-epoch-checkpoint.tmp",
      "rename partition.metadata.tmp",
      "write N.index",
      "write N.log",
      "write N.snapshot",
      "write N.timeindex",
      "write leader-epoch-checkpoint.tmp",
      "write partition.metadata.tmp",
    ]);
  });

  it("keeps it, and knows its producers, when the power fails afterwards", () => {
    playAll(() => {}, powerCut);
  });

  it("is opened while the disk is full after a kill, serves all of it, and goes on", () => {
    const died: Meanwhile = (world) => {
      world.disk.kill();
      reopen(world);
    };
    playAll(died, ({ disk }) => disk.kill());
  });

  it("is opened while the disk is full after a power cut, serves all of it, and goes on", () => {
    const died: Meanwhile = (world) => {
      powerCut(world);
      reopen(world);
    };
    playAll(died, powerCut);
  });

  it("knows the first idempotent producer after a power cut, though the mark of it found no room at first", () => {
    for (let roomFor = 0; roomFor < 4; roomFor++) {
      const disk = new FillingDisk();
      disk.makeDirectory("data");
      disk.syncDirectory("");
      const log = openOn({ disk, leaderEpoch: 0 });
      const world: World = { disk, log, leaderEpoch: 0, model: new Map() };
      appendAt(world, 0, () => {});
      disk.roomFor = roomFor;
      appendAt(world, 3, () => {});
      assert.equal(disk.refused.length, roomFor < 3 ? 1 : 0, disk.refused.join());
      powerCut(world);
      reopen(world);
      const result = world.log.append(batchAt(3).bytes, NOW_MS);
      assert.deepEqual(result, { baseOffset: 1, lastOffset: 2, logAppendTimeMs: -1 });
    }
  });
});
