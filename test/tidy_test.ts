/**
 * The house is tidy: walls from the real import graph, lengths as a ratchet, no dead files, no dead
 * exports, a header on every file. `deno task ratchet` runs this with `--lower`, which lowers the records
 * of test/tidy/ratchet.json to what is there.
 */
import assert from "node:assert/strict";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { findDeadExports, findDeadFiles } from "./tidy/dead_check.ts";
import { type Graph, listSources, readGraph, ROOT } from "./tidy/graph.ts";
import { findLengths, lower, type Ratchet } from "./tidy/length_check.ts";
import { readSource, type Source } from "./tidy/source.ts";
import { findStrays } from "./tidy/stray_check.ts";
import { findBreaches } from "./tidy/wall_check.ts";
import { ENTRIES, PUBLIC } from "./tidy/walls.ts";

const RATCHET = `${ROOT}test/tidy/ratchet.json`;

function none(found: readonly string[]): void {
  assert.ok(found.length === 0, `${found.length} found:\n  ${found.join("\n  ")}`);
}

describe("house", () => {
  const paths = listSources();
  const texts = new Map(paths.map((path) => [path, Deno.readTextFileSync(ROOT + path)]));
  const sources = new Map<string, Source>();
  let graph: Graph = new Map();

  beforeAll(async () => {
    for (const [path, text] of texts) sources.set(path, readSource(path, text));
    graph = await readGraph(paths);
  });

  it("top level holds what the house lists and nothing else", () => {
    const names = Array.from(Deno.readDirSync(ROOT), ({ name }) => name);
    none(findStrays(names, Deno.readTextFileSync(`${ROOT}.gitignore`)));
  });

  it("entries all exist", () => {
    none(ENTRIES.filter((path) => !texts.has(path)));
  });

  it("walls stand: rooms import only what they may, through mod.ts", () => {
    none(findBreaches(graph));
  });

  it("files are all reached from an entry point or a test", () => {
    const starts = paths.filter((path) => /^(test|bench)\//.test(path));
    none(findDeadFiles(graph, paths, [...ENTRIES, ...starts]));
  });

  it("exports are all imported by another file", () => {
    none(findDeadExports(graph, sources, PUBLIC));
  });

  it("lengths keep to their limits and records", () => {
    let ratchet: Ratchet = JSON.parse(Deno.readTextFileSync(RATCHET));
    if (Deno.args.includes("--lower")) {
      ratchet = lower(sources, ratchet);
      Deno.writeTextFileSync(RATCHET, `${JSON.stringify(ratchet, null, 2)}\n`);
    }
    none(findLengths(sources, ratchet));
  });

  it("files of the house begin with a header comment", () => {
    const house = paths.filter((path) => !path.startsWith("test/"));
    none(house.filter((path) => !/^(#!.*\n)?\/\*\*/.test(texts.get(path) ?? "")));
  });
});
