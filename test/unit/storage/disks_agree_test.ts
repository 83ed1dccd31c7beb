/** Property: any run of operations gives the same results, bytes and error codes on every disk. */
import assert from "node:assert/strict";
import { it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  type Disk,
  DiskError,
  type DiskFile,
  FaultyDisk,
  FileDisk,
  MemoryDisk,
} from "../../../src/storage/mod.ts";
import { openDisk, type OpenMode } from "../../../src/storage/mod.ts";
import { pattern } from "./expect.ts";

const PATHS = ["a", "b", "d", "d/a", "d/e", "d/e/a"];
const path = fc.constantFrom(...PATHS);
const size = fc.oneof(fc.integer({ min: 0, max: 9_000 }), fc.integer({ min: 0, max: 1_500_000 }));
const position = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, -0.1, 1.1));

/** Positions are shares of the file's size, so that most hit and some miss. */
const operation = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constant("open"), path, fc.constantFrom<OpenMode>("read", "write", "create")),
  },
  { weight: 10, arbitrary: fc.tuple(fc.constant("append"), size, fc.nat(250)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant("overwrite"), position, fc.nat(3_000)) },
  { weight: 14, arbitrary: fc.tuple(fc.constant("view"), position, size) },
  { weight: 6, arbitrary: fc.tuple(fc.constant("read"), position, size) },
  { weight: 4, arbitrary: fc.tuple(fc.constant("truncate"), position, fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("sync"), fc.constant(0), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("close"), fc.constant(0), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("rename"), path, path) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("remove"), path, fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("makeDirectory"), path, fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("list"), path, fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("stat"), path, fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("syncDirectory"), path, fc.constant(0)) },
);
type Operation = readonly [string, string | number, string | number];

/** A disk with at most one file open, and what happened to it, told as text. */
class Subject {
  #file: DiskFile | null = null;
  constructor(readonly name: string, readonly disk: Disk, readonly root: string) {}

  tell(step: Operation): string {
    try {
      return String(this.#run(...step));
    } catch (error) {
      if (error instanceof DiskError) return error.code;
      throw error;
    }
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #run(kind: string, first: string | number, second: string | number): unknown {
    if (typeof first === "string") return this.#onPath(kind, `${this.root}/${first}`, second);
    return this.#file === null ? "no file" : this.#onFile(this.#file, kind, first, Number(second));
  }

  #onPath(kind: string, path: string, second: string | number): unknown {
    if (kind === "open" || kind === "rename" || kind === "remove") this.close();
    if (kind === "open") return (this.#file = this.disk.open(path, second as OpenMode)).size;
    if (kind === "rename") return this.disk.rename(path, `${this.root}/${second}`);
    if (kind === "remove") return this.disk.remove(path);
    if (kind === "makeDirectory") return this.disk.makeDirectory(path);
    if (kind === "list") return JSON.stringify(this.disk.list(path));
    if (kind === "syncDirectory") return this.disk.syncDirectory(path);
    const stat = this.disk.stat(path);
    return stat === null ? null : `${stat.size} ${stat.isDirectory}`;
  }

  #onFile(file: DiskFile, kind: string, first: number, second: number): unknown {
    const at = Math.floor(file.size * first);
    if (kind === "append") file.write(file.size, pattern(first, second));
    if (kind === "overwrite") file.write(at, pattern(second, 99));
    if (kind === "view") return told(file.view(at, Math.min(second, Math.max(1, file.size - at))));
    if (kind === "read") return this.#read(file, at, second);
    if (kind === "truncate") file.truncate(at);
    if (kind === "sync") file.sync();
    if (kind === "close") this.close();
    return file.size;
  }

  #read(file: DiskFile, at: number, length: number): string {
    const target = new Uint8Array(length).fill(7);
    return `${file.read(at, target)} ${told(target)}`;
  }
}

/** Length and a checksum that notices order (FNV-1a). */
function told(content: Uint8Array): string {
  let sum = 0x811c9dc5;
  for (const byte of content) sum = Math.imul(sum ^ byte, 0x01000193);
  return `${content.length} ${sum}`;
}

it("Disk: any run of operations gives the same results on every disk", () => {
  const mapped = openDisk("mapped").disk;
  const run = (steps: readonly Operation[]) => {
    const parent = Deno.makeTempDirSync({ prefix: "weir-agree-" });
    const subjects = [
      new Subject("memory", new MemoryDisk(), "/m"),
      new Subject("faulty", new FaultyDisk(), "/f"),
      new Subject("file", new FileDisk(), `${parent}/file`),
      new Subject(mapped.kind, mapped, `${parent}/mapped`),
    ];
    try {
      for (const { disk, root } of subjects) disk.makeDirectory(root);
      for (const step of [["open", "a", "create"] as const, ...steps]) {
        const [wanted, ...others] = subjects.map((subject) => subject.tell(step));
        for (const [index, said] of others.entries()) {
          assert.equal(said, wanted, `${subjects[index + 1]!.name}: ${step}`);
        }
      }
    } finally {
      for (const subject of subjects) subject.close();
      Deno.removeSync(parent, { recursive: true });
    }
  };
  fc.assert(
    fc.property(fc.array(operation, { minLength: 10, maxLength: 60 }), (steps) => run(steps as Operation[])),
    {
      numRuns: 200,
    },
  );
});
