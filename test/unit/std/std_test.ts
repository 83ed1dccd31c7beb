/** The stand-ins under src/std behave as the packages they stand in for (deno.jsr.json runs this against those). */
import assert from "node:assert/strict";
import { concat } from "@std/bytes/concat";
import { equals } from "@std/bytes/equals";
import { ensureDir, ensureDirSync } from "@std/fs/ensure-dir";
import { exists, existsSync } from "@std/fs/exists";
import { walk, walkSync } from "@std/fs/walk";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";

describe("@std/bytes", () => {
  it("concat joins in order, and nothing gives nothing", () => {
    const joined = concat([new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3])]);
    assert.deepEqual(joined, new Uint8Array([1, 2, 3]));
    assert.equal(concat([]).length, 0);
  });

  it("equals compares length and every byte", () => {
    assert.equal(equals(new Uint8Array([1, 2]), new Uint8Array([1, 2])), true);
    assert.equal(equals(new Uint8Array([1, 2]), new Uint8Array([1, 3])), false);
    assert.equal(equals(new Uint8Array([1, 2]), new Uint8Array([1])), false);
  });
});

describe("@std/fs", () => {
  let root = "";
  beforeEach(() => {
    root = Deno.makeTempDirSync();
    Deno.mkdirSync(`${root}/a/b`, { recursive: true });
    Deno.writeTextFileSync(`${root}/a/b/deep.ts`, "");
    Deno.writeTextFileSync(`${root}/top.txt`, "");
  });
  afterEach(() => Deno.removeSync(root, { recursive: true }));

  it("ensureDir makes parents and accepts what is there", async () => {
    await ensureDir(`${root}/x/y`);
    await ensureDir(`${root}/x/y`);
    ensureDirSync(`${root}/x/z`);
    assert.equal(Deno.statSync(`${root}/x/y`).isDirectory, true);
    assert.equal(Deno.statSync(`${root}/x/z`).isDirectory, true);
  });

  it("ensureDir refuses a name that a file has", async () => {
    await assert.rejects(() => ensureDir(`${root}/top.txt`));
    assert.throws(() => ensureDirSync(`${root}/top.txt`));
  });

  it("exists tells files, directories and nothing apart", async () => {
    assert.equal(await exists(`${root}/top.txt`), true);
    assert.equal(await exists(`${root}/nothing`), false);
    assert.equal(existsSync(`${root}/a`, { isDirectory: true }), true);
    assert.equal(existsSync(`${root}/a`, { isFile: true }), false);
    assert.throws(() => existsSync(root, { isFile: true, isDirectory: true }));
  });

  it("walk gives every entry, the root first", async () => {
    const found = (await Array.fromAsync(walk(root))).map(({ path }) => path);
    assert.equal(found[0], root);
    assert.deepEqual(
      found.toSorted(),
      ["", "/a", "/a/b", "/a/b/deep.ts", "/top.txt"].map((end) => root + end),
    );
    assert.deepEqual(Array.from(walkSync(root), ({ path }) => path).toSorted(), found.toSorted());
  });

  it("walk keeps to depth, kind and ending", () => {
    const paths = (options: Parameters<typeof walkSync>[1]) =>
      Array.from(walkSync(root, options), ({ path }) => path.slice(root.length)).toSorted();
    assert.deepEqual(paths({ maxDepth: 1 }), ["", "/a", "/top.txt"]);
    assert.deepEqual(paths({ includeDirs: false }), ["/a/b/deep.ts", "/top.txt"]);
    assert.deepEqual(paths({ exts: [".ts"] }), ["/a/b/deep.ts"]);
    assert.deepEqual(paths({ exts: ["txt"] }), ["/top.txt"]);
  });
});
