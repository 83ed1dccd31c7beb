/**
 * A cleaning is cut at every change it makes on the disk, by a kill and by power
 * cuts; where a swap was under way, so is every change of the opening that finishes
 * it. Whatever is left opens, is sound, holds every last value, and can be cleaned.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { verifyLog } from "../../../../src/log/mod.ts";
import { DiskError } from "../../../../src/storage/mod.ts";
import { CutDisk } from "../cut_disk.ts";
import { DIRECTORY } from "../fixtures.ts";
import { History } from "./history.ts";
import { compare, type Past } from "./survey.ts";

/** How a cut goes on: the process is gone, or the power, which takes some of what was not synced. */
type Fate = "kill" | number;

const FATES: readonly Fate[] = ["kill", 1, 2];

interface World {
  readonly history: History;
  readonly disk: CutDisk;
  readonly past: Map<number, Past>;
  readonly flushed: number;
}

/** A log with tombstones, producers and several segments: some were cleaned before, some are not flushed. */
function newWorld(): World {
  const disk = new CutDisk();
  disk.countsOpens = true;
  const settings = { segmentBytesMax: 420, indexIntervalBytes: 100, tombstoneMs: 100 };
  const history = new History(settings, disk);
  const past = new Map<number, Past>();
  const append = (index: number): void => {
    const keys = [`k${index % 5}`, `k${index % 3}`];
    const pairs = keys.map((key, at) => [key, (index + at) % 6 === 0 ? null : `v${index}.${at}`] as const);
    const isIdempotent = index % 4 === 0;
    const options = isIdempotent ? { producerId: 7, producerEpoch: 0, baseSequence: index / 2 } : {};
    const base = history.append(pairs, options);
    pairs.forEach(([key, value], at) => {
      past.set(base + at, { key, value, timestamp: history.nowMs, isAborted: false });
    });
  };
  for (let index = 0; index < 16; index++) append(index);
  history.roll();
  history.clean();
  history.nowMs += 200;
  for (let index = 16; index < 20; index++) append(index);
  history.log.flush();
  const flushed = history.log.logEndOffset;
  for (let index = 20; index < 32; index++) append(index);
  history.roll();
  append(32);
  return { history, disk, past, flushed };
}

/** Cleans until the power is cut, if it is. */
function cleanUntilCut(world: World, cut: number): void {
  world.disk.changes = 0;
  world.disk.left = cut;
  try {
    world.history.clean(100);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
  }
}

function meet(world: World, fate: Fate): void {
  const { disk } = world;
  disk.left = Number.MAX_SAFE_INTEGER;
  if (fate === "kill") return disk.kill();
  let state = fate * 7_919;
  disk.crash(() => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296);
}

/** Opens what is left with a recovery point of before the cleaning, and looks at it. */
function check(world: World, recoveryPoint: number, where: string): void {
  const { history, past, flushed } = world;
  history.recover(recoveryPoint);
  const { logEndOffset } = history.log;
  assert.ok(logEndOffset >= flushed, `${where}: ends at ${logEndOffset}, flushed was ${flushed}`);
  for (const offset of [...past.keys()]) if (offset >= logEndOffset) past.delete(offset);
  compare(history.log, past);
  const strays = history.disk.list(DIRECTORY).filter(({ name }) => /\.(cleaned|swap|deleted)$/.test(name));
  assert.deepEqual(strays, [], where);
  history.clean(1_000);
  compare(history.log, past);
  history.restart();
  compare(history.log, past);
  // The snapshot that only says that there are producers is not synced, and made up for when it is read.
  const findings = verifyLog(history.disk, DIRECTORY).filter(({ path }) => !path.endsWith(".snapshot"));
  assert.deepEqual(findings, [], where);
}

function hasSwap({ history }: World): boolean {
  return history.disk.list(DIRECTORY).some(({ name }) => name.endsWith(".log.swap"));
}

describe("Cleaning", () => {
  const whole = newWorld();
  cleanUntilCut(whole, Number.MAX_SAFE_INTEGER);
  const changes = whole.disk.changes;

  it("may be cut at every change it makes: the log opens and holds every last value", () => {
    assert.ok(changes > 60, `${changes} changes`);
    for (let cut = 0; cut <= changes; cut++) {
      for (const fate of FATES) {
        const world = newWorld();
        cleanUntilCut(world, cut);
        meet(world, fate);
        check(world, cut % 2 === 0 ? 0 : world.flushed, `cut ${cut}, fate ${fate}`);
      }
    }
  });

  it("whose swap was cut may be cut again while the log is opened", () => {
    let swaps = 0;
    for (let cut = 0; cut <= changes; cut++) {
      for (let again = cut % 3; again < 40; again += 3) {
        const world = newWorld();
        cleanUntilCut(world, cut);
        meet(world, "kill");
        if (!hasSwap(world)) break;
        swaps++;
        world.disk.left = again;
        let isOpen = true;
        try {
          world.history.recover(0);
        } catch (error) {
          if (!(error instanceof DiskError)) throw error;
          isOpen = false;
        }
        meet(world, again % 2 === 0 ? "kill" : again);
        check(world, 0, `cut ${cut}, again ${again}`);
        if (isOpen) break;
      }
    }
    assert.ok(swaps > 20, `${swaps} cuts of an opening`);
  });
});
