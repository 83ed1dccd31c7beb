import assert from "node:assert/strict";
import { it } from "@std/testing/bdd";
import fc from "fast-check";
import { type Disk, FaultyDisk } from "../../../src/storage/mod.ts";
import { diskCases, inMemory } from "./disk_cases.ts";
import { bytes, pattern, sameBytes, throwsCode } from "./expect.ts";

diskCases("FaultyDisk", () => inMemory(new FaultyDisk()));

const VANISH = () => 0;
const SURVIVE = () => 0.3;
const TEAR = () => 0.6;
const SECTORS = () => 0.9;

/** A small seeded generator (mulberry32): the tests' own dice. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function contentOf(disk: Disk, path: string): Uint8Array {
  const file = disk.open(path, "read");
  const content = file.view(0, file.size).slice();
  file.close();
  return content;
}

function namesIn(disk: Disk, path: string): string[] {
  return disk.list(path).map((entry) => entry.name);
}

/** "d/a" holds 1,000 synced bytes under a synced name. */
function prepared(): FaultyDisk {
  const disk = new FaultyDisk();
  disk.makeDirectory("d");
  disk.syncDirectory("/");
  const file = disk.open("d/a", "create");
  file.write(0, pattern(1_000));
  file.sync();
  disk.syncDirectory("d");
  return disk;
}

it("FaultyDisk: crash keeps what was synced, whatever the dice say", () => {
  for (const random of [VANISH, SURVIVE, TEAR, SECTORS]) {
    const disk = prepared();
    disk.crash(random);
    sameBytes(contentOf(disk, "d/a"), pattern(1_000));
  }
});

it("FaultyDisk: crash drops, keeps or tears unsynced writes", () => {
  const after = (random: () => number) => {
    const disk = prepared();
    const file = disk.open("d/a", "write");
    file.write(1_000, pattern(2_000, 7));
    disk.crash(random);
    return contentOf(disk, "d/a");
  };
  assert.equal(after(VANISH).length, 1_000);
  const whole = after(SURVIVE);
  assert.equal(whole.length, 3_000);
  sameBytes(whole.subarray(1_000), pattern(2_000, 7));
  assert.equal(after(TEAR).length, 1_000 + 1_200);
  assert.equal(after(SECTORS).length, 1_000, "no sector survives a roll of 0.9");
});

it("FaultyDisk: crash may lose a sector before one that survives, which then reads as zeros", () => {
  const disk = prepared();
  disk.open("d/a", "write").write(1_000, new Uint8Array(1_048).fill(9));
  const rolls = [0.1, 0.1, 0.9, 0.9, 0.1];
  let at = 0;
  disk.crash(() => rolls[at++] ?? 0.1);
  const content = contentOf(disk, "d/a");
  const survived = [...content.subarray(1_000)];
  assert.equal(content.length, 2_048);
  assert.deepEqual(new Set(survived.slice(0, 24)), new Set([0]));
  assert.deepEqual(new Set(survived.slice(24)), new Set([9]));
});

it("FaultyDisk: crash undoes an unsynced truncate, or keeps it", () => {
  for (const [random, size] of [[VANISH, 1_000], [SURVIVE, 10]] as const) {
    const disk = prepared();
    disk.open("d/a", "write").truncate(10);
    disk.crash(random);
    assert.equal(contentOf(disk, "d/a").length, size);
  }
});

it("FaultyDisk: a name needs its directory synced, a file's own sync is not enough", () => {
  const disk = prepared();
  const file = disk.open("d/b", "create");
  file.write(0, bytes(1));
  file.sync();
  disk.crash(VANISH);
  assert.deepEqual(namesIn(disk, "d"), ["a"]);
  disk.open("d/c", "create").close();
  disk.syncDirectory("d");
  disk.crash(VANISH);
  assert.deepEqual(namesIn(disk, "d"), ["a", "c"]);
});

it("FaultyDisk: unsynced renames and removals come undone or last", () => {
  for (const [random, names] of [[VANISH, ["a"]], [SURVIVE, ["b"]]] as const) {
    const disk = prepared();
    disk.rename("d/a", "d/b");
    disk.crash(random);
    assert.deepEqual(namesIn(disk, "d"), names);
    sameBytes(contentOf(disk, `d/${names[0]}`), pattern(1_000));
  }
  for (const [random, names] of [[VANISH, ["a"]], [SURVIVE, []]] as const) {
    const disk = prepared();
    disk.remove("d/a");
    disk.crash(random);
    assert.deepEqual(namesIn(disk, "d"), names);
  }
});

it("FaultyDisk: a rename replaces whole or not at all when the new file was synced first", () => {
  for (let seed = 0; seed < 50; seed++) {
    const disk = prepared();
    const file = disk.open("d/a.tmp", "create");
    file.write(0, bytes(1, 2, 3));
    file.sync();
    disk.rename("d/a.tmp", "d/a");
    disk.crash(seeded(seed));
    const content = contentOf(disk, "d/a");
    sameBytes(content, content.length === 3 ? bytes(1, 2, 3) : pattern(1_000));
  }
});

it("FaultyDisk: a move between directories leaves the file in exactly one", () => {
  for (let seed = 0; seed < 100; seed++) {
    const disk = new FaultyDisk();
    disk.makeDirectory("z");
    disk.makeDirectory("b");
    disk.syncDirectory("/");
    disk.open("z/f", "create").close();
    if (seed % 2 === 0) disk.syncDirectory("z");
    disk.rename("z/f", "b/f");
    if (seed % 3 === 0) disk.syncDirectory("b");
    disk.crash(seeded(seed));
    const places = namesIn(disk, "z").length + namesIn(disk, "b").length;
    assert.ok(places === 1 || (places === 0 && seed % 2 === 1 && seed % 3 !== 0), `seed ${seed}: ${places}`);
  }
});

it("FaultyDisk: crash and kill make open files dead; kill keeps every byte", () => {
  const disk = prepared();
  const file = disk.open("d/a", "write");
  file.write(1_000, bytes(5));
  disk.kill();
  throwsCode("io", () => file.view(0, 1));
  assert.equal(contentOf(disk, "d/a").length, 1_001);
  const again = disk.open("d/a", "write");
  disk.crash(VANISH);
  throwsCode("io", () => again.write(0, bytes(1)));
  again.close();
  assert.equal(contentOf(disk, "d/a").length, 1_000);
});

it("FaultyDisk: tearWrite keeps the asked bytes and stops the disk until the crash", () => {
  const disk = prepared();
  disk.tearWrite({ path: "d/a", after: 1, keepBytes: 3 });
  const other = disk.open("d/b", "create");
  const file = disk.open("d/a", "write");
  other.write(0, bytes(1));
  file.write(1_000, bytes(1, 2));
  throwsCode("io", () => file.write(1_002, bytes(3, 4, 5, 6)));
  throwsCode("io", () => other.write(1, bytes(1)));
  throwsCode("io", () => disk.list("d"));
  throwsCode("io", () => disk.stat("d"));
  disk.crash(VANISH);
  const content = contentOf(disk, "d/a");
  sameBytes(content.subarray(1_000), bytes(1, 2, 3, 4, 5));
});

it("FaultyDisk: flipBit turns one bit, synced or not, and it stays turned over a crash", () => {
  const disk = prepared();
  const file = disk.open("d/a", "write");
  file.write(1_000, bytes(0, 0));
  disk.flipBit("d/a", 8 * 5 + 3);
  disk.flipBit("d/a", 8 * 1_001);
  const wanted = new Uint8Array([...pattern(1_000), 0, 1]);
  wanted[5]! ^= 8;
  sameBytes(file.view(0, 1_002), wanted);
  disk.crash(SURVIVE);
  sameBytes(contentOf(disk, "d/a"), wanted);
});

it("FaultyDisk: full refuses growth, allows the rest, and leaves size as it was", () => {
  const disk = prepared();
  const file = disk.open("d/a", "write");
  disk.full = true;
  throwsCode("full", () => file.write(1_000, pattern(10)));
  assert.equal(file.size, 1_000);
  file.write(0, bytes(9));
  assert.equal(disk.space("d").freeBytes, 0);
  disk.full = false;
  file.write(1_000, bytes(1));
  file.sync();
  disk.crash(VANISH);
  const content = contentOf(disk, "d/a");
  assert.equal(content.length, 1_001);
  assert.equal(content[0], 9);
});

it("FaultyDisk: fail hits the asked path and operation, after and as often as asked", () => {
  const disk = prepared();
  disk.fail({ operation: "read", path: "d/a", after: 1, times: 2 });
  disk.fail({ operation: "open", path: "d/x", code: "too_many_open_files" });
  const file = disk.open("d/a", "write");
  file.view(0, 1);
  throwsCode("io", () => file.view(0, 1));
  throwsCode("io", () => file.read(0, bytes(0)));
  file.view(0, 1);
  throwsCode("too_many_open_files", () => disk.open("d/x", "create"));
  disk.open("d/x", "create").close();
});

it("FaultyDisk: a failed sync loses its writes even if the next sync succeeds", () => {
  const disk = prepared();
  const file = disk.open("d/a", "write");
  file.write(1_000, bytes(1));
  disk.fail({ operation: "sync", path: "d/a" });
  throwsCode("io", () => file.sync());
  file.sync();
  disk.crash(SURVIVE);
  assert.equal(contentOf(disk, "d/a").length, 1_000);
});

it("FaultyDisk: any run of appends, syncs and crashes keeps the synced prefix, and a seed repeats exactly", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("append" as const), length: fc.integer({ min: 1, max: 3_000 }) }),
    fc.constant({ kind: "sync" as const }),
    fc.record({ kind: fc.constant("crash" as const), seed: fc.nat() }),
  );
  const run = (steps: readonly ({ kind: string; length?: number; seed?: number })[]) => {
    const disk = prepared();
    let file = disk.open("d/a", "write");
    let synced = 1_000;
    for (const [index, { kind, length, seed }] of steps.entries()) {
      if (kind === "append") file.write(file.size, pattern(length!, index));
      if (kind === "sync") {
        file.sync();
        synced = file.size;
      }
      if (kind !== "crash") continue;
      const before = file.view(0, file.size).slice();
      disk.crash(seeded(seed!));
      file = disk.open("d/a", "write");
      const left = file.view(0, file.size).slice();
      assert.ok(left.length >= synced && left.length <= before.length);
      sameBytes(left.subarray(0, synced), before.subarray(0, synced));
      assert.ok(left.every((byte, at) => byte === before[at] || byte === 0), "lost bytes read as zeros");
      synced = file.size;
    }
    return file.view(0, file.size).slice();
  };
  fc.assert(fc.property(fc.array(step, { maxLength: 12 }), (steps) => sameBytes(run(steps), run(steps))), {
    numRuns: 150,
  });
});
