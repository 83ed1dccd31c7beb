/**
 * A cleaning on a disk that syncs and removes in the background, ended between any two of its steps: given up,
 * by a trim that takes what it works on, by a power cut. No half of a swap is left behind, and no record lost.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Cleaning } from "../../../../src/log/mod.ts";
import { DiskError, FaultyDisk } from "../../../../src/storage/mod.ts";
import { DIRECTORY } from "../fixtures.ts";
import { History } from "./history.ts";
import { compare, type Past, readData } from "./survey.ts";

/** What it is told to do in the background is done when it was asked twice whether it is. */
class SlowDisk extends FaultyDisk {
  readonly removals: string[] = [];
  readonly syncs: string[] = [];

  override enter(...[operation, path]: Parameters<FaultyDisk["enter"]>): void {
    if (operation === "sync" || operation === "syncDirectory") this.syncs.push(path);
    super.enter(operation, path);
  }
  background = 0;
  /** No descriptor is left for the background. */
  isExhausted = false;

  removeSoon(path: string): void {
    this.removals.push(path);
  }

  startSync(path: string): () => boolean {
    let asked = 0;
    return () => {
      if (this.isExhausted) throw new DiskError("too_many_open_files", path, `Can't sync "${path}"`);
      if (++asked === 2) this.#sync(path);
      return asked >= 2;
    };
  }

  #sync(path: string): void {
    this.background++;
    if (this.stat(path)!.isDirectory) return this.syncDirectory(path);
    const file = this.open(path, "write");
    file.sync();
    file.close();
  }
}

interface World {
  readonly disk: SlowDisk;
  readonly history: History;
  readonly past: Map<number, Past>;
}

/** Five segments of which the first were flushed, and an active one. */
function newWorld(): World {
  const disk = new SlowDisk();
  const history = new History({ segmentBytesMax: 250 }, disk);
  const past = new Map<number, Past>();
  for (let index = 0; index < 18; index++) {
    const [key, value] = [`k${index % 4}`, `v${index}`];
    const offset = history.append([[key, value]]);
    past.set(offset, { key, value, timestamp: history.nowMs, isAborted: false });
    if (index === 5) history.log.flush();
  }
  assert.ok(history.log.segmentCount > 4);
  return { disk, history, past };
}

/** Does so many steps of a cleaning; `null` when it was done before. */
function stepsOf({ history }: World, count: number): Cleaning | null {
  const cleaning = history.begin();
  for (; count > 0; count--) if (cleaning.step(1) !== "more") return null;
  return cleaning;
}

function strays({ disk }: World): string[] {
  return disk.list(DIRECTORY).map(({ name }) => name).filter((name) => /\.(cleaned|swap)$/.test(name));
}

/** Calls `end` with a fresh world for each number of steps; gives how many there are. */
function atEachStep(end: (world: World, cleaning: Cleaning) => void): number {
  for (let count = 1;; count++) {
    const world = newWorld();
    const cleaning = stepsOf(world, count);
    if (cleaning === null) return count;
    end(world, cleaning);
  }
}

describe("Cleaning on a disk that works in the background", () => {
  it("leaves what it leaves on any other", () => {
    const world = newWorld();
    world.history.clean(1);
    compare(world.history.log, world.past);
    assert.ok(world.disk.background > 10, `${world.disk.background} syncs`);
    assert.deepEqual(strays(world), []);
    assert.ok(world.disk.removals.every((path) => path.endsWith(".deleted")));
    const plain = new History({ segmentBytesMax: 250 });
    for (const { key, value } of world.past.values()) plain.append([[key, value]]);
    plain.clean();
    assert.deepEqual(world.history.lines(), plain.lines());
  });

  it("does without the background where no descriptor is left for it", () => {
    const world = newWorld();
    world.disk.isExhausted = true;
    world.history.clean(1);
    const { syncs } = world.disk;
    assert.deepEqual([world.disk.background, strays(world)], [0, []]);
    assert.ok(syncs.some((path) => path === DIRECTORY) && syncs.some((path) => path.endsWith(".cleaned")));
    compare(world.history.log, world.past);
  });

  it("hears of a failed sync of what it wrote, whichever of those under way it was", () => {
    const failing = (nth: number) => {
      const world = newWorld();
      const start = world.disk.startSync.bind(world.disk);
      let started = 0;
      world.disk.startSync = (path) => {
        if (!path.endsWith(".log.cleaned") || ++started !== nth) return start(path);
        return () => {
          throw new DiskError("io", path, `Can't sync "${path}"`);
        };
      };
      // More than what is written between two syncs.
      world.history.configure({ segmentBytesMax: 20_000_000, messageBytesMax: 6_000_000 });
      for (let index = 0; index < 2; index++) {
        world.history.append([[`large${index}`, "x".repeat(5_000_000)]]);
      }
      world.history.roll();
      const cleaning = world.history.begin();
      while (cleaning.step(1) === "more");
    };
    for (const nth of [1, 2]) assert.throws(() => failing(nth), /Can't sync/);
  });

  it("takes its files away when it is given up, whatever it was at", () => {
    const count = atEachStep((world, cleaning) => {
      cleaning.abandon();
      assert.deepEqual(strays(world), []);
      compare(world.history.log, world.past);
      world.history.clean();
      world.history.restart();
      compare(world.history.log, world.past);
    });
    assert.ok(count > 40, `${count} steps`);
  });

  it("stops when the log lost what it works on, and takes its files away", () => {
    let stopped = 0;
    atEachStep((world, cleaning) => {
      const { log } = world.history;
      log.trim(log.logEndOffset - 4);
      const kept = new Map([...world.past].filter(([offset]) => offset >= log.logStartOffset));
      while (cleaning.step(1) === "more");
      if (cleaning.state === "stopped") {
        stopped++;
        assert.equal(cleaning.reason, "changed");
        assert.deepEqual(strays(world), []);
      }
      const found = [...readData(log).keys()].filter((offset) => offset >= log.logStartOffset);
      assert.ok(found.every((offset) => kept.has(offset)));
      assert.deepEqual(found.slice(-4), [...kept.keys()].slice(-4));
    });
    assert.ok(stopped > 20);
  });

  it("brings nothing back after a kill that the log dropped before it", () => {
    let decided = 0;
    atEachStep((world) => {
      const { history } = world;
      if (strays(world).some((name) => name.endsWith(".log.swap"))) decided++;
      history.log.dropOldest();
      const { logStartOffset } = history.log;
      // The checkpoint of log starts was not written since.
      history.recover(0, 0);
      assert.ok(history.log.logStartOffset >= logStartOffset, `${history.log.logStartOffset}`);
      assert.deepEqual(strays(world), []);
    });
    assert.ok(decided > 2, `${decided} swaps were decided and not done`);
  });

  it("loses nothing that was flushed to a power cut", () => {
    atEachStep((world) => {
      const { disk, history, past } = world;
      let seed = 7;
      disk.crash(() => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647);
      history.recover();
      const found = readData(history.log);
      for (const [offset, record] of found) assert.equal(record.value, past.get(offset)!.value);
      for (const key of ["k0", "k1"]) {
        const last = [...found.values()].findLast((record) => record.key === key);
        assert.ok(last !== undefined && Number(last.value!.slice(1)) >= 4, `${key} is ${last?.value}`);
      }
      assert.deepEqual(strays(world), []);
    });
  });
});
