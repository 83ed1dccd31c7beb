/**
 * Directories as a crash of Apache Kafka leaves them while its cleaner swaps
 * segments, made by hand from a log before and after a cleaning. Each is opened, and
 * that is cut at every change: what comes out is one of the two, whole.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { verifyLog } from "../../../../src/log/mod.ts";
import { type Disk, MemoryDisk, readWhole } from "../../../../src/storage/mod.ts";
import { CutDisk } from "../cut_disk.ts";
import { DIRECTORY } from "../fixtures.ts";
import { History, linesOf } from "./history.ts";
import { openLog } from "../../../../src/log/mod.ts";
import { optionsOf } from "../fixtures.ts";

type Files = ReadonlyMap<string, Uint8Array>;
const INDEXES = [".index", ".timeindex", ".txnindex"];

function filesOf(disk: Disk): Map<string, Uint8Array> {
  const names = disk.list(DIRECTORY).map(({ name }) => name);
  return new Map(names.map((name) => [name, readWhole(disk, `${DIRECTORY}/${name}`)!]));
}

/** A log before and after a cleaning, closed; the cleaning makes one segment of two and another of the third. */
function beforeAndAfter(): {
  readonly before: Files;
  readonly after: Files;
  readonly settings: History["settings"];
} {
  const history = new History({ indexIntervalBytes: 100 });
  const append = (from: number, count: number) => {
    for (let index = from; index < from + count; index++) {
      history.append([[`k${index % 4}`, `value ${index}`]], {
        producerId: 7,
        producerEpoch: 0,
        baseSequence: index,
      });
    }
    history.roll();
  };
  append(0, 6);
  append(6, 6);
  history.append([["last", "one"]]);
  history.log.close();
  const before = filesOf(history.disk);
  // Kafka's own index of transactions, which is none of ours but goes along.
  for (const base of [0, 6]) before.set(nameOf(base, ".txnindex"), Uint8Array.of(base));
  history.restart();
  history.clean();
  history.log.close();
  const after = filesOf(history.disk);
  after.set(nameOf(0, ".txnindex"), Uint8Array.of(99));
  return { before, after, settings: history.settings };
}

function nameOf(base: number, suffix: string): string {
  return `${String(base).padStart(20, "0")}${suffix}`;
}

const { before, after, settings } = beforeAndAfter();

/** The old files without these, and these of the new ones under these suffixes. */
function state(gone: readonly string[], placed: Readonly<Record<string, string>>): Map<string, Uint8Array> {
  const files = new Map([...before].filter(([name]) => !gone.includes(name)));
  for (const [suffix, added] of Object.entries(placed)) {
    files.set(nameOf(0, suffix) + added, after.get(nameOf(0, suffix))!);
  }
  return files;
}

const FIRST = [".log", ...INDEXES].map((suffix) => nameOf(0, suffix));
const SECOND = [".log", ...INDEXES].map((suffix) => nameOf(6, suffix));
const all = (suffix: string) => ({
  ".log": suffix,
  ".index": suffix,
  ".timeindex": suffix,
  ".txnindex": suffix,
});

interface Case {
  readonly name: string;
  readonly files: Map<string, Uint8Array>;
  readonly isNew: boolean;
}

const CASES: readonly Case[] = [
  { name: "before anything is decided", files: state([], all(".cleaned")), isNew: false },
  {
    name: "with its log named .swap, its indexes not yet",
    files: state([], { ...all(".cleaned"), ".log": ".swap" }),
    isNew: true,
  },
  { name: "with all files named .swap", files: state([], all(".swap")), isNew: true },
  {
    name: "with the first old log gone, its indexes not",
    files: state([nameOf(0, ".log")], all(".swap")),
    isNew: true,
  },
  { name: "with the first old segment gone", files: state(FIRST, all(".swap")), isNew: true },
  { name: "with all old ones gone", files: state([...FIRST, ...SECOND], all(".swap")), isNew: true },
  {
    name: "with the new log in its place",
    files: state([...FIRST, ...SECOND], { ...all(".swap"), ".log": "" }),
    isNew: true,
  },
  {
    name: "with all but the index of transactions in place",
    files: state([...FIRST, ...SECOND], { ...all(""), ".txnindex": ".swap" }),
    isNew: true,
  },
  { name: "of several segments, a first one not yet named", files: several(), isNew: false },
];

/** One segment was to become two: the second has its name, the first has not. */
function several(): Map<string, Uint8Array> {
  const files = new Map(before);
  for (const suffix of [".log", ".index", ".timeindex"]) {
    files.set(nameOf(0, suffix) + ".cleaned", before.get(nameOf(0, suffix))!);
    files.set(nameOf(3, suffix) + ".swap", before.get(nameOf(6, suffix))!);
  }
  return files;
}

function diskOf<T extends Disk>(disk: T, files: Files): T {
  disk.makeDirectory(DIRECTORY);
  for (const [name, bytes] of files) {
    const file = disk.open(`${DIRECTORY}/${name}`, "create");
    if (bytes.length > 0) file.write(0, bytes);
    file.sync();
    file.close();
  }
  for (const directory of [".", "data", DIRECTORY]) disk.syncDirectory(directory);
  return disk;
}

function open(disk: Disk, clean: boolean) {
  return openLog(disk, DIRECTORY, optionsOf({ settings, clean, recoveryPoint: clean ? 13 : 0 }));
}

const LINES_BEFORE = linesOf(diskOf(new MemoryDisk(), before), DIRECTORY);
const LINES_AFTER = linesOf(diskOf(new MemoryDisk(), after), DIRECTORY);

/** Opens what is left and looks at it. */
function check({ isNew, name }: Case, disk: Disk, where: string): void {
  for (const clean of [false, true]) {
    const { log } = open(disk, clean);
    log.close();
    const what = `${name}, ${where}`;
    assert.deepEqual(linesOf(disk, DIRECTORY), isNew ? LINES_AFTER : LINES_BEFORE, what);
    assert.deepEqual(verifyLog(disk, DIRECTORY), [], what);
    const names = disk.list(DIRECTORY).map((entry) => entry.name);
    assert.deepEqual(names.filter((other) => /\.(swap|cleaned|deleted)$/.test(other)), [], what);
    const path = `${DIRECTORY}/${nameOf(0, ".txnindex")}`;
    if (names.includes(nameOf(0, ".txnindex"))) {
      assert.deepEqual(readWhole(disk, path), (isNew ? after : before).get(nameOf(0, ".txnindex")), what);
    } else assert.ok(isNew, what);
  }
}

describe("A swap of Kafka's cleaner, cut short,", () => {
  it("is one that changes something", () => {
    assert.notDeepEqual(LINES_BEFORE, LINES_AFTER);
    assert.ok(!after.has(nameOf(6, ".log")), "the second segment went into the first");
  });

  for (const one of CASES) {
    it(`${one.name} ends as it was decided, wherever the opening is cut`, () => {
      check(one, diskOf(new MemoryDisk(), one.files), "whole");
      for (let left = 0;; left++) {
        let isCut = false;
        for (const fate of ["kill", 1, 2, 3, 4] as const) {
          const disk = diskOf(new CutDisk(), one.files);
          isCut = disk.cut(left, () => void open(disk, false));
          disk.meet(fate);
          check(one, disk, `cut ${left}, fate ${fate}`);
        }
        if (!isCut) break;
      }
    });
  }

  it("that is damaged is dropped while the old segments are there, and used when they are not", () => {
    const damaged = state([], all(".swap"));
    const log = Uint8Array.from(damaged.get(nameOf(0, ".log") + ".swap")!);
    log[16] = 9;
    damaged.set(nameOf(0, ".log") + ".swap", log);
    const dropped = diskOf(new MemoryDisk(), damaged);
    const { report } = open(dropped, false);
    assert.match(report.join("\n"), /Dropped ".*\.log\.swap", what compaction made is damaged/);
    assert.deepEqual(linesOf(dropped, DIRECTORY), LINES_BEFORE);
    for (const name of [...FIRST, ...SECOND]) damaged.delete(name);
    const used = open(diskOf(new MemoryDisk(), damaged), true);
    assert.equal(used.log.logEndOffset, 13);
  });
});
