/** `retention.disk.percent`: which segments go when the disk is fuller than it may be, and when that is looked at. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { LOG_SETTINGS_DEFAULT, type LogSettings, type ShardOutput } from "../../../src/model/mod.ts";
import { DiskError } from "../../../src/storage/mod.ts";
import { append, NEVER, NOW_MS, openWorld, WatchedDisk, World } from "./world.ts";

const LOOK_MS = 5_000;
const SEGMENT_BYTES = append(0, 0, ["0"]).batch.length;

/** A disk of 100 segments, `used` of which somebody else's files take; what was removed is seen at the next look. */
class SmallDisk extends WatchedDisk {
  used = 0;
  looks = 0;
  isTold = true;

  override space(path: string) {
    this.looks++;
    if (!this.isTold) throw new DiskError("denied", path, "Not permitted");
    const freeBytes = (100 - this.used) * SEGMENT_BYTES;
    return { freeBytes, totalBytes: 100 * SEGMENT_BYTES };
  }
}

/** Partitions of records this many minutes old, each in a segment of its own, and room for 90 segments. */
function filled(
  agesMs: readonly (readonly number[])[],
  settings: Partial<LogSettings> = {},
  retentionWorkers?: number,
) {
  const disk = new SmallDisk();
  const share = retentionWorkers === undefined ? {} : { retentionWorkers };
  const world = new World({ retentionDiskPercent: 90, retentionIntervalMs: NEVER, ...share }, disk);
  openWorld(agesMs.length, { segmentBytesMax: SEGMENT_BYTES, retentionMs: NEVER, ...settings }, world);
  agesMs.forEach((ages, handle) => {
    for (const age of ages) world.turn(append(1, handle, ["0"], -1, NOW_MS - age * 60_000));
  });
  world.nowMs += LOOK_MS;
  return { world, disk };
}

/** Turns until the shard wants none any more; where logs start by then. */
function settle(world: World): number[][] {
  const outputs: ShardOutput[] = [];
  for (let count = 0; count < 20 && (count === 0 || world.shard.wakeMs <= world.nowMs); count++) {
    outputs.push(...world.turn());
  }
  return outputs.flatMap((output) =>
    output.kind === "log_start_moved" ? [[output.handle, output.logStartOffset]] : []
  );
}

describe("Shard.turn on a disk that is too full", () => {
  it("drops the oldest segments of all partitions, as many as are too much, and their files at once", () => {
    const { world, disk } = filled([[9, 5, 1], [8, 7, 0]]);
    disk.used = 93;
    assert.deepEqual(settle(world), [[0, 1], [1, 1], [1, 2]]);
    const names = disk.list("data/orders-1").map(({ name }) => name).filter((name) => name.includes(".log"));
    assert.deepEqual(names, ["00000000000000000002.log"]);
  });

  it("gives up a worker's share of what is too much, and looks again the sooner", () => {
    const { world, disk } = filled([[9, 5, 4, 3, 1], [8, 7, 6, 2, 0]], {}, 4);
    disk.used = 98;
    assert.deepEqual(settle(world), [[0, 1], [1, 1]]);
    world.nowMs += LOOK_MS / 4 - 1;
    assert.deepEqual(settle(world), []);
    world.nowMs++;
    disk.used = 94;
    assert.deepEqual(settle(world), [[1, 2]]);
  });

  it("looks again after some seconds, not before", () => {
    const { world, disk } = filled([[9, 5, 1]]);
    disk.used = 91;
    disk.looks = 0;
    assert.deepEqual(settle(world), [[0, 1]]);
    world.nowMs += LOOK_MS - 1;
    assert.deepEqual([settle(world), disk.looks, world.shard.wakeMs], [[], 1, world.nowMs + 1]);
    world.nowMs++;
    assert.deepEqual([settle(world), disk.looks], [[[0, 2]], 2]);
  });

  it("keeps active segments and compacted logs, whatever is missing", () => {
    const { world, disk } = filled([[9, 5, 1]]);
    disk.used = 100;
    assert.deepEqual(settle(world), [[0, 1], [0, 2]]);
    const compacted = filled([[9, 5, 1]], { cleanupDelete: false, cleanupCompact: true });
    compacted.disk.used = 100;
    assert.deepEqual(settle(compacted.world), []);
  });

  it("takes files that only wait to be removed before it takes records", () => {
    const { world, disk } = filled([[9, 5, 1]]);
    const settings = { ...LOG_SETTINGS_DEFAULT, segmentBytesMax: SEGMENT_BYTES, retentionMs: 400_000 };
    world.turn({ kind: "configure", handle: 0, settings });
    assert.ok(disk.list("data/orders-0").some(({ name }) => name.endsWith(".deleted")));
    world.nowMs += LOOK_MS;
    disk.used = 91;
    assert.deepEqual(settle(world), []);
    assert.ok(!disk.list("data/orders-0").some(({ name }) => name.endsWith(".deleted")));
    world.nowMs += LOOK_MS;
    assert.deepEqual(settle(world), [[0, 2]]);
  });

  it("does nothing below its share, where it is not told of one, and where the system does not tell", () => {
    const { world, disk } = filled([[9, 5, 1]]);
    disk.used = 90;
    assert.deepEqual(settle(world), []);
    disk.used = 100;
    disk.isTold = false;
    world.nowMs += LOOK_MS;
    assert.deepEqual(settle(world), []);
    const never = openWorld(1, {}, new World({}, new SmallDisk()));
    assert.equal(never.shard.wakeMs, NEVER);
  });
});
