/** `disk.free.min.bytes`: when records are refused for want of room, when they are taken again, and what is said. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { ShardOutput } from "../../../src/model/mod.ts";
import { DiskError } from "../../../src/storage/mod.ts";
import { answer, append, fetch, fetched, openWorld, WatchedDisk, World } from "./world.ts";

const MIB = 1_048_576;
const LOOK_MS = 500;

class RoomyDisk extends WatchedDisk {
  freeBytes = 100 * MIB;
  totalBytes = 10_000 * MIB;
  looks = 0;
  isTold = true;

  override space(path: string) {
    this.looks++;
    if (!this.isTold) throw new DiskError("denied", path, "Not permitted");
    return { freeBytes: this.freeBytes, totalBytes: this.totalBytes };
  }
}

function roomy(diskFreeBytesMin = 64 * MIB) {
  const disk = new RoomyDisk();
  const world = openWorld(2, {}, new World({ diskFreeBytesMin }, disk));
  return { disk, world };
}

/** Appends to partition 0 after `passMs`; the fault's message, "" when there is none. */
function send(world: World, passMs: number, value = "a"): string {
  world.nowMs += passMs;
  return answer(world.turn(append(1, 0, [value])), "appended", 1).fault?.message ?? "";
}

function notices(outputs: readonly ShardOutput[]): string[] {
  return outputs.flatMap((output) => output.kind === "notice" ? [output.text] : []);
}

describe("Shard.turn with a floor under the free space", () => {
  it("refuses records below it with a retriable fault that names the setting, and goes on with reads", () => {
    const { disk, world } = roomy();
    assert.equal(send(world, 0), "");
    disk.freeBytes = 64 * MIB - 1;
    world.nowMs += LOOK_MS;
    const outputs = world.turn(append(2, 1, ["b"], 1), fetch(3, [0, 0]));
    const { fault } = answer(outputs, "appended", 2);
    assert.equal(fault?.code, "KAFKA_STORAGE_ERROR");
    assert.equal(
      fault.message,
      `The disk of "data" has "67108863" bytes free, wanted are 67108864 at least (disk.free.min.bytes) and a quarter more to go on`,
    );
    assert.deepEqual(fetched(outputs, 3), [["a"], []]);
  });

  it("takes records again when there is a quarter more, not before", () => {
    const { disk, world } = roomy();
    disk.freeBytes = 0;
    assert.notEqual(send(world, LOOK_MS), "");
    disk.freeBytes = 80 * MIB - 1;
    assert.notEqual(send(world, LOOK_MS), "");
    disk.freeBytes = 80 * MIB;
    assert.equal(send(world, LOOK_MS), "");
    disk.freeBytes = 64 * MIB;
    assert.equal(send(world, LOOK_MS), "");
  });

  it("looks twice a second, and whenever an eighth of it was written", () => {
    const { disk, world } = roomy(80_000);
    assert.equal(send(world, 0), "");
    const { looks } = disk;
    for (let passedMs = 0; passedMs < LOOK_MS - 10; passedMs += 10) assert.equal(send(world, 10), "");
    assert.equal(disk.looks, looks);
    assert.equal(send(world, 10), "");
    assert.equal(disk.looks, looks + 1);
    for (const _ of [1, 2, 3, 4]) send(world, 0, "x".repeat(5_000));
    assert.equal(disk.looks, looks + 4);
  });

  it("is a twentieth of a small file system", () => {
    const { disk, world } = roomy();
    disk.totalBytes = 100 * MIB;
    disk.freeBytes = 5 * MIB;
    assert.equal(send(world, LOOK_MS), "");
    disk.freeBytes--;
    assert.notEqual(send(world, LOOK_MS), "");
  });

  it("lets everything through when it is 0, and where the system does not tell", () => {
    const none = roomy(0);
    none.disk.freeBytes = 0;
    assert.deepEqual([send(none.world, LOOK_MS), none.disk.looks], ["", 0]);
    const untold = roomy();
    untold.disk.isTold = false;
    assert.equal(send(untold.world, LOOK_MS), "");
  });

  it("looks again at once when the clock was set back", () => {
    const { disk, world } = roomy();
    disk.freeBytes = 0;
    assert.notEqual(send(world, 0), "");
    disk.freeBytes = 100 * MIB;
    assert.equal(send(world, -3_600_000), "");
  });
});

describe("Shard.turn on a disk without room", () => {
  it("tells the operator when records begin to be refused, and when they have been taken for a while", () => {
    const { disk, world } = roomy(0);
    const turn = (passMs: number) => {
      world.nowMs += passMs;
      return notices(world.turn(append(1, 0, ["a"])));
    };
    assert.deepEqual(turn(0), []);
    disk.full = true;
    assert.match(
      turn(0).join(),
      /^Records are refused: Batch of "\d+" bytes can't be stored: .*no space left/,
    );
    assert.deepEqual([turn(1), turn(10_000)], [[], []]);
    disk.full = false;
    assert.deepEqual([turn(0), turn(4_999)], [[], []]);
    assert.deepEqual(turn(1), ["Records are taken again: there is room on the disk"]);
    assert.deepEqual(turn(10_000), []);
  });
});

describe("Shard.figures", () => {
  it("tell that records are refused as long as there is too little room, though nobody sends any more", () => {
    const { disk, world } = roomy();
    const isRefusing = () => world.shard.figures(world.nowMs).isRefusing;
    assert.equal(isRefusing(), false);
    disk.freeBytes = 0;
    world.nowMs += LOOK_MS;
    assert.equal(isRefusing(), true);
    assert.notEqual(send(world, 0), "");
    disk.freeBytes = 100 * MIB;
    assert.equal(isRefusing(), true);
    world.nowMs += LOOK_MS;
    assert.equal(isRefusing(), false);
  });

  it("tell it of a disk that is full without a floor, until records are taken again", () => {
    const { disk, world } = roomy(0);
    disk.full = true;
    assert.notEqual(send(world, 0), "");
    assert.equal(world.shard.figures(world.nowMs + 9_999).isRefusing, true);
    disk.full = false;
    assert.equal(send(world, 0), "");
    assert.equal(world.shard.figures(world.nowMs).isRefusing, false);
  });
});
