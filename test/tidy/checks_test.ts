/** Every tidy check is seen red on a planted offence and green on the like without it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { findDeadExports, findDeadFiles } from "./dead_check.ts";
import { type Edge, type Graph, graphOf, reach, readGraph } from "./graph.ts";
import { findLengths, lower } from "./length_check.ts";
import { readSource, type Source } from "./source.ts";
import { findStrays } from "./stray_check.ts";
import { findBreaches } from "./wall_check.ts";

/** A graph of one import; `type ` before the specifier makes it an import of types. */
function one(from: string, to: string, specifier = to): Graph {
  const edge: Edge = {
    specifier: specifier.replace(/^type /, ""),
    to,
    typeOnly: specifier.startsWith("type "),
  };
  return new Map([[from, [edge]], ...(to.includes(":") ? [] : [[to, []] as const])]);
}

describe("findBreaches", () => {
  const red: [from: string, to: string, specifier: string, why: RegExp][] = [
    ["src/model/ids.ts", "src/bytes/mod.ts", "", /model may import no other room/],
    ["src/log/log.ts", "src/partition/mod.ts", "", /log may import record, bytes, model/],
    ["src/log/log.ts", "src/storage/mod.ts", "", /log may import/],
    ["src/partition/shard.ts", "src/log/segment.ts", "", /through "src\/log\/mod.ts"/],
    ["src/partition/shard.ts", "src/mailbox/mod.ts", "", /partition may import/],
    ["src/coordinator/topics/create.ts", "src/log/mod.ts", "", /coordinator may import/],
    ["src/kafka/frame.ts", "src/native/mod.ts", "", /kafka may import/],
    ["src/native/ops/hello.ts", "src/net/mod.ts", "", /native may import/],
    ["src/client/client.ts", "src/net/mod.ts", "", /client may import/],
    ["src/compose.ts", "src/log/log.ts", "", /through "src\/log\/mod.ts"/],
    ["src/compose.ts", "test/sim/main.ts", "", /nothing in the house imports tests/],
    ["src/log/log.ts", "deno.json", "", /nothing in the house imports/],
    ["src/compose.ts", "bench/main.ts", "", /nothing in the house imports tests/],
    ["src/mailbox/spawn.ts", "workers/partition.ts", "", /only started/],
    ["src/cli/broker.ts", "main.ts", "", /only started/],
    ["workers/partition.ts", "workers/coordinator.ts", "", /only started/],
    ["workers/partition.ts", "src/coordinator/mod.ts", "", /workers\/partition may import/],
    ["src/log/log.ts", "src/std/bytes/concat.ts", "../std/bytes/concat.ts", /by its @std name/],
    ["src/log/log.ts", "src/std/fs/walk.ts", "@std/fs/walk", /log is pure/],
    ["src/cli/log.ts", "src/std/testing/bdd.ts", "@std/testing/bdd", /only tests/],
    ["src/net/door.ts", "npm:hono@4.13.8", "hono", /net may use ws/],
    ["src/cli/log.ts", "https://example.com/x.ts", "", /packages come from npm/],
    ["src/helpers/x.ts", "src/model/mod.ts", "", /lies in no room/],
  ];
  for (const [from, to, specifier, why] of red) {
    it(`refuses "${from}" importing "${to}"`, () => {
      const found = findBreaches(one(from, to, specifier || to));
      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", why);
    });
  }

  const green: [from: string, to: string, specifier: string][] = [
    ["src/log/log.ts", "src/model/mod.ts", ""],
    ["src/log/log.ts", "src/log/segment.ts", ""],
    ["src/log/log.ts", "src/storage/disk.ts", ""],
    ["src/coordinator/journal.ts", "src/log/mod.ts", ""],
    ["src/native/ops/hello.ts", "src/net/mod.ts", "type src/net/mod.ts"],
    ["src/client/client.ts", "src/native/mod.ts", ""],
    ["src/compose.ts", "src/log/mod.ts", ""],
    ["src/cli/broker.ts", "src/compose.ts", ""],
    ["src/cli/mod.ts", "deno.json", ""],
    ["src/log/log.ts", "src/std/bytes/concat.ts", "@std/bytes/concat"],
    ["src/console/app.ts", "npm:hono@4.13.8", "hono/cors"],
    ["src/record/gzip.ts", "node:zlib", ""],
    ["test/unit/log/log_test.ts", "src/log/segment.ts", ""],
  ];
  for (const [from, to, specifier] of green) {
    it(`lets "${from}" import "${to}"`, () => {
      assert.deepEqual(findBreaches(one(from, to, specifier || to)), []);
    });
  }

  it("names an import that leads to no file", () => {
    const graph: Graph = new Map([["src/log/log.ts", [
      { specifier: "./gone.ts", to: "src/log/gone.ts", typeOnly: false },
    ]]]);
    assert.match(findBreaches(graph)[0] ?? "", /no such file/);
  });
});

describe("graphOf", () => {
  it("keeps paths under the root, packages by their prefix, and knows imports of types", () => {
    const graph = graphOf({
      modules: [
        {
          specifier: "file:///w%20eir/a.ts",
          dependencies: [
            { specifier: "./b.ts", code: { specifier: "file:///w%20eir/b.ts" } },
            { specifier: "./c.ts", type: { specifier: "file:///w%20eir/c.ts" } },
            { specifier: "hono", code: { specifier: "npm:hono@4.13.8" } },
          ],
        },
        { specifier: "npm:/hono@4.13.8" },
        { specifier: "file:///w%20eir/gone.ts", error: "not found" },
      ],
    }, "/w eir/");
    assert.deepEqual([...graph.keys()], ["a.ts"]);
    assert.deepEqual(graph.get("a.ts"), [
      { specifier: "./b.ts", to: "b.ts", typeOnly: false },
      { specifier: "./c.ts", to: "c.ts", typeOnly: true },
      { specifier: "hono", to: "npm:hono@4.13.8", typeOnly: false },
    ]);
  });

  it("throws when an import cannot be resolved", () => {
    const dependencies = [{ specifier: "nowhere", code: { error: "not in the import map" } }];
    assert.throws(
      () => graphOf({ modules: [{ specifier: "file:///a.ts", dependencies }] }, "/"),
      /leads nowhere/,
    );
  });

  it("readGraph asks Deno and finds the imports of this very file", async () => {
    const graph = await readGraph(["test/tidy/checks_test.ts"]);
    const edges = graph.get("test/tidy/checks_test.ts") ?? [];
    assert.ok(edges.some(({ to }) => to === "test/tidy/wall_check.ts"));
    assert.ok(graph.has("src/std/testing/bdd.ts"));
  });
});

/** Sources and their graph from texts; imports are written as paths of the repository. */
function tree(texts: Record<string, string>): { sources: Map<string, Source>; graph: Graph } {
  const sources = new Map(Object.entries(texts).map(([path, text]) => [path, readSource(path, text)]));
  const graph = new Map<string, Edge[]>();
  for (const [path, { imports, exports }] of sources) {
    const taken = [...imports, ...exports.flatMap(({ handedOn }) => handedOn ?? [])];
    graph.set(path, taken.map(({ specifier }) => ({ specifier, to: specifier, typeOnly: false })));
  }
  return { sources, graph };
}

describe("findDeadFiles", () => {
  const { graph } = tree({
    "main.ts": 'import { x } from "src/a.ts";',
    "src/a.ts": 'export * from "src/b.ts";',
    "src/b.ts": "",
    "src/tested.ts": "",
    "src/dead.ts": 'import { x } from "src/a.ts";',
    "test/unit/t_test.ts": 'import { x } from "src/tested.ts";',
  });

  it("finds the file nobody imports, and no other", () => {
    const found = findDeadFiles(graph, [...graph.keys()], ["main.ts", "test/unit/t_test.ts"]);
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", /"src\/dead.ts"/);
  });

  it("reach ends on a circle", () => {
    const circle = tree({
      "src/a.ts": 'import { x } from "src/b.ts";',
      "src/b.ts": 'import { x } from "src/a.ts";',
    });
    assert.deepEqual([...reach(circle.graph, ["src/a.ts"])].toSorted(), ["src/a.ts", "src/b.ts"]);
  });
});

describe("findDeadExports", () => {
  const dead = (texts: Record<string, string>, open: string[] = []) => {
    const { sources, graph } = tree(texts);
    return findDeadExports(graph, sources, open).map((line) =>
      line.replace(/^"(.*?)" exports "(.*?)".*/, "$1 $2")
    );
  };

  it("finds a name that no other file imports", () => {
    const a = "export const used = 1; export function dead() {} export const { x, y: [z] } = used;";
    assert.deepEqual(dead({ "src/a.ts": a, "src/b.ts": 'import { used, z } from "src/a.ts";' }), [
      "src/a.ts dead",
      "src/a.ts x",
    ]);
  });

  it("a name handed on is dead at both ends until someone takes it", () => {
    const texts = { "src/a.ts": "export class A {}", "src/mod.ts": 'export { A as B } from "src/a.ts";' };
    assert.deepEqual(dead(texts), ["src/a.ts A", "src/mod.ts B"]);
    assert.deepEqual(dead({ ...texts, "test/t.ts": 'import { B } from "src/mod.ts";' }), []);
    assert.deepEqual(dead({ ...texts, "test/t.ts": 'import { A } from "src/a.ts";' }), ["src/mod.ts B"]);
  });

  it("a name goes through export-everything", () => {
    const texts = { "src/a.ts": "export const A = 1, B = 2;", "src/mod.ts": 'export * from "src/a.ts";' };
    assert.deepEqual(dead({ ...texts, "test/t.ts": 'import { A } from "src/mod.ts";' }), ["src/a.ts B"]);
    assert.deepEqual(dead({ ...texts, "test/t.ts": 'import * as all from "src/mod.ts";' }), []);
    assert.deepEqual(dead({ ...texts, "test/t.ts": 'await import("src/mod.ts");' }), []);
  });

  it("all names of a package's exports are in use", () => {
    const texts = { "src/a.ts": "export const A = 1;", "src/mod.ts": 'export { A } from "src/a.ts";' };
    assert.deepEqual(dead(texts, ["src/mod.ts"]), []);
  });

  it("a type may be exported when the file's other shapes speak of it, also handed on", () => {
    const a = "export interface Part {} export interface Lone {} export const whole: Part[] = [];";
    const texts = { "src/a.ts": a, "src/mod.ts": 'export { type Part, type Lone, whole } from "src/a.ts";' };
    const use = { "test/t.ts": 'import { whole } from "src/mod.ts";' };
    assert.deepEqual(dead({ ...texts, ...use }), ["src/a.ts Lone", "src/mod.ts Lone"]);
  });

  it("a default export counts as a name", () => {
    assert.deepEqual(dead({ "src/a.ts": "export default 1;" }), ["src/a.ts default"]);
    assert.deepEqual(dead({ "src/a.ts": "export default 1;", "main.ts": 'import a from "src/a.ts";' }), []);
  });
});

describe("findLengths", () => {
  const empty = { files: {}, functions: {} };
  const ofFile = (lines: number) => tree({ "src/log/log.ts": "// line\n".repeat(lines) }).sources;
  const ofFunction = (lines: number, path = "src/log/log.ts") =>
    tree({ [path]: `// é\nfunction f() {\n${"run();\n".repeat(lines - 2)}}\n` }).sources;
  const recorded = (name: string, lines: number) => ({ files: { [name]: lines }, functions: {} });

  it("counts lines of a file and of a function from its first to its last", () => {
    assert.equal(ofFile(7).get("src/log/log.ts")?.lines, 7);
    assert.deepEqual(ofFunction(9).get("src/log/log.ts")?.functions, [{ name: "f", lines: 9 }]);
  });

  it("names methods, arrows and callbacks by what surrounds them", () => {
    const text = "class A { m() {} }\nconst g = () => 1;\nconst o = { k: () => 2 };\non(() => 3);";
    const names = readSource("src/a.ts", text).functions.map(({ name }) => name);
    assert.deepEqual(names, ["A.m", "g", "k", "on()"]);
  });

  it("refuses a file past its aim or limit, unless the aim alone is passed and recorded", () => {
    assert.deepEqual(findLengths(ofFile(300), empty), []);
    assert.match(findLengths(ofFile(301), empty)[0] ?? "", /the aim is 300/);
    assert.deepEqual(findLengths(ofFile(301), recorded("src/log/log.ts", 301)), []);
    assert.match(findLengths(ofFile(501), recorded("src/log/log.ts", 501))[0] ?? "", /the limit is 500/);
  });

  it("refuses a function past its aim or limit, except the blocks of a test file", () => {
    assert.deepEqual(findLengths(ofFunction(40), empty), []);
    assert.match(
      findLengths(ofFunction(41), empty)[0] ?? "",
      /"src\/log\/log.ts f" has 41 lines, the aim is 40/,
    );
    assert.match(findLengths(ofFunction(71), empty)[0] ?? "", /the limit is 70/);
    assert.deepEqual(findLengths(ofFunction(71, "test/unit/log/log_test.ts"), empty), []);
  });

  it("refuses growth past the record, and asks for a lower record after shrinking", () => {
    const record = recorded("src/log/log.ts", 320);
    assert.match(findLengths(ofFile(321), record)[0] ?? "", /its record is 320: make it shorter/);
    assert.match(findLengths(ofFile(319), record)[0] ?? "", /run "deno task ratchet" to lower it/);
    assert.match(findLengths(ofFile(10), record)[0] ?? "", /run "deno task ratchet" to lower it/);
    assert.match(findLengths(new Map(), record)[0] ?? "", /is gone/);
  });

  it("lower takes records down, drops the needless, and never raises or adds", () => {
    const record = recorded("src/log/log.ts", 320);
    assert.deepEqual(lower(ofFile(310), record).files, { "src/log/log.ts": 310 });
    assert.deepEqual(lower(ofFile(330), record).files, { "src/log/log.ts": 320 });
    assert.deepEqual(lower(ofFile(300), record).files, {});
    assert.deepEqual(lower(ofFile(310), empty).files, {});
    assert.deepEqual(lower(new Map(), record).files, {});
  });

  it("lets a table be long", () => {
    assert.deepEqual(
      findLengths(tree({ "src/config/topic_table.ts": "//\n".repeat(600) }).sources, empty),
      [],
    );
  });
});

describe("findStrays", () => {
  it("finds what neither the house nor .gitignore knows", () => {
    const names = ["src", "LICENSE", "notes.md", "data", "x.tmp", "weir2"];
    const found = findStrays(names, "/data/\n*.tmp\n/weir\n");
    assert.deepEqual(found.map((line) => line.slice(0, line.indexOf(" "))), ['"notes.md"', '"weir2"']);
  });
});
