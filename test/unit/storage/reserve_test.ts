/** The reserve: filled up when there is room, given up piece by piece to what meets a full disk. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Clock } from "../../../src/host/mod.ts";
import { MemoryDisk, Reserve, ReservedDisk, ReserveKeeper } from "../../../src/storage/mod.ts";
import { pattern, throwsCode } from "./expect.ts";

const MIB = 1_048_576;
const FILE = "data/.weir-reserve";

function diskOf(capacityBytes: number): MemoryDisk {
  const disk = new MemoryDisk({ capacityBytes });
  disk.makeDirectory("data");
  return disk;
}

/** Calls `keep` until it asks for no other call; gives every state. */
function keep(reserve: Reserve): string[] {
  const states: string[] = [];
  while (states.length < 20 && states.at(-1) !== "whole" && states.at(-1) !== "short") {
    states.push(reserve.keep());
  }
  return states;
}

/** Leaves `freeBytes` free. */
function ballast(disk: MemoryDisk, freeBytes: number): void {
  const file = disk.open("ballast", "create");
  file.write(file.size, new Uint8Array(disk.space("data").freeBytes - freeBytes));
  file.close();
}

function sizeOf(disk: MemoryDisk, path = FILE): number {
  return disk.stat(path)?.size ?? -1;
}

describe("Reserve", () => {
  it("is filled up in pieces of a mebibyte", () => {
    const disk = diskOf(256 * MIB);
    assert.deepEqual(keep(new Reserve(disk, "data", 2.5 * MIB)), ["filling", "filling", "whole"]);
    assert.equal(sizeOf(disk), 2.5 * MIB);
    assert.deepEqual(keep(new Reserve(disk, "data", 2.5 * MIB)), ["whole"]);
  });

  it("holds bytes that cannot be packed", () => {
    const disk = diskOf(256 * MIB);
    keep(new Reserve(disk, "data", 65_536));
    const counts = new Uint32Array(256);
    for (const byte of disk.open(FILE, "read").view(0, 65_536)) counts[byte]!++;
    assert.ok(Math.max(...counts) < 2 * 65_536 / 256 && Math.min(...counts) > 0);
  });

  it("takes at most 1/32 of a small file system, and nothing where as much would not stay free", () => {
    const disk = diskOf(32 * MIB);
    const reserve = new Reserve(disk, "data", 4 * MIB);
    ballast(disk, 2 * MIB - 1);
    assert.deepEqual([keep(reserve), sizeOf(disk)], [["short"], -1]);
    disk.remove("ballast");
    assert.deepEqual([keep(reserve), sizeOf(disk)], [["whole"], MIB]);
  });

  it("gives up what is asked for and not much more, until nothing is left", () => {
    const disk = diskOf(256 * MIB);
    const reserve = new Reserve(disk, "data", MIB);
    assert.equal(reserve.giveUp(1), false);
    keep(reserve);
    assert.ok(reserve.giveUp(1));
    assert.equal(reserve.bytes, MIB - 65_536);
    assert.ok(reserve.giveUp(200_000));
    assert.ok(reserve.bytes <= MIB - 65_536 - 200_000 && reserve.bytes >= MIB - 65_536 - 210_000);
    assert.ok(reserve.giveUp(2 * MIB));
    assert.equal(reserve.bytes, 0);
    assert.equal(reserve.giveUp(1), false);
    assert.deepEqual([keep(reserve), reserve.bytes], [["whole"], MIB]);
  });

  it("follows a setting that was lowered, down to none", () => {
    const disk = diskOf(256 * MIB);
    keep(new Reserve(disk, "data", 2 * MIB));
    assert.deepEqual([keep(new Reserve(disk, "data", MIB)), sizeOf(disk)], [["whole"], MIB]);
    assert.deepEqual([keep(new Reserve(disk, "data", 0)), sizeOf(disk)], [["whole"], 0]);
  });

  it("does not throw when somebody else took the room between the look and the write", () => {
    const disk = diskOf(256 * MIB);
    const space = disk.space("data");
    ballast(disk, 1_000);
    disk.space = () => space;
    const reserve = new Reserve(disk, "data", MIB);
    assert.equal(reserve.keep(), "filling");
    assert.equal(reserve.bytes, 0);
  });
});

describe("ReservedDisk", () => {
  function full() {
    const plain = diskOf(64 * MIB);
    const reserve = new Reserve(plain, "data", MIB);
    keep(reserve);
    ballast(plain, 0);
    return { plain, reserve, disk: new ReservedDisk(plain, reserve) };
  }

  it("writes on a full disk as long as the reserve lasts, whatever it is", () => {
    const { plain, reserve, disk } = full();
    throwsCode("full", () => plain.open("data/a", "create").write(0, pattern(1)));
    const file = disk.open("data/a", "create");
    for (let size = 0; size < 10 * 65_536; size += 65_536) file.write(size, pattern(65_536));
    assert.equal(file.size, 10 * 65_536);
    assert.ok(reserve.bytes > 0 && reserve.bytes <= MIB - 10 * 65_536);
    throwsCode("full", () => file.write(file.size, pattern(MIB)));
    assert.equal(file.size, 10 * 65_536, "what found no room in the end left nothing behind");
    assert.equal(reserve.bytes, 0);
  });

  it("gives nothing up while there is room, and passes every other failure on", () => {
    const { plain, reserve, disk } = full();
    plain.remove("ballast");
    disk.open("data/a", "create").write(0, pattern(100_000));
    throwsCode("not_found", () => disk.open("data/none", "write"));
    throwsCode("exists", () => disk.makeDirectory("data/a"));
    throwsCode("io", () => disk.open("data/a", "write").write(200_000, pattern(1)));
    throwsCode("denied", () => disk.open("data/a", "read").write(0, pattern(1)));
    assert.equal(reserve.bytes, MIB);
  });
});

describe("ReserveKeeper", () => {
  /** A clock that runs what is due when it is told to pass. */
  function clockOf() {
    const due: { atMs: number; action: () => void }[] = [];
    let nowMs = 0;
    const after = (delayMs: number, action: () => void) => {
      const one = { atMs: nowMs + delayMs, action };
      due.push(one);
      return () => void due.splice(due.indexOf(one), 1);
    };
    const pass = (ms: number) => {
      const end = nowMs + ms;
      for (;;) {
        const next = due.filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        due.splice(due.indexOf(next), 1);
        nowMs = next.atMs;
        next.action();
      }
      nowMs = end;
    };
    return { pass, due, clock: { after } as unknown as Clock };
  }

  it("fills the reserve up after the start, says once when it cannot, and when it is whole again", () => {
    const { pass, due, clock } = clockOf();
    const disk = Object.defineProperty(diskOf(256 * MIB), "kind", { value: "file" });
    const keeper = new ReserveKeeper(disk, "data", 2 * MIB);
    const lines: string[] = [];
    const end = keeper.begin(clock, { log: (level, words) => void lines.push(`${level} ${words}`) });
    pass(1_000);
    assert.equal(sizeOf(disk), -1, "not during the start");
    pass(2_000);
    assert.deepEqual([sizeOf(disk), lines], [2 * MIB, []]);
    ballast(disk, 0);
    keeper.disk.open("data/a", "create").write(0, pattern(10));
    pass(20_000);
    const short = "Less is held for commits and metadata than disk.reserve.bytes asks for: " +
      `"${FILE}" has "2031616" bytes, and there is no room for more`;
    assert.deepEqual(lines.splice(0), [`warning ${short}`]);
    disk.remove("ballast");
    pass(20_000);
    assert.deepEqual([sizeOf(disk), lines], [2 * MIB, [`info "${FILE}" is whole again`]]);
    end();
    assert.equal(due.length, 0);
  });

  it("keeps none in memory", () => {
    const { pass, clock } = clockOf();
    const disk = new MemoryDisk();
    disk.makeDirectory("data");
    new ReserveKeeper(disk, "data", 2 * MIB).begin(clock, { log() {} });
    pass(20_000);
    assert.equal(sizeOf(disk), -1);
  });
});
