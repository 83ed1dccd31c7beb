/**
 * `deno task compile` embeds the program, both workers, all they import, and the packages they need with
 * their native parts; nothing that only tests need. Deno's own binary stands in for `denort`, which cannot
 * be had everywhere: the file it makes does not run, but the list of what is embedded is the real one.
 */
import assert from "node:assert/strict";
import { beforeAll, describe, it } from "@std/testing/bdd";
import config from "../deno.json" with { type: "json" };
import { embeddedPaths, isEmbedded } from "./tidy/embedded.ts";
import { type Graph, reach, readGraph, ROOT } from "./tidy/graph.ts";

const PROGRAM = ["main.ts", "workers/partition.ts", "workers/coordinator.ts"];
const PACKAGES = ".deno_compile_node_modules/localhost";

/** Runs the task's own command, but for where the file goes. */
async function compile(): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  try {
    const command = config.tasks.compile.replace("--output weir", `--output ${folder}/weir`);
    const [, ...args] = command.split(" ");
    const env = { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" };
    const output = await new Deno.Command(Deno.execPath(), { args, env, cwd: ROOT }).output();
    const printed = new TextDecoder().decode(output.stdout) + new TextDecoder().decode(output.stderr);
    assert.ok(output.success, printed);
    return embeddedPaths(printed);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The graph without imports of types, which leave no trace in the program. */
function atRunTime(graph: Graph): Graph {
  return new Map([...graph].map(([path, edges]) => [path, edges.filter(({ typeOnly }) => !typeOnly)]));
}

describe("embeddedPaths", () => {
  const printed = [
    "weir",
    "├─┬ .deno_compile_node_modules (1.94MB - 1.93MB unique)",
    "│ └─┬ localhost (1.94MB)",
    "│   ├── msgpackr/2.1.0/* (1.82MB)",
    "│   └── detect-libc/2.1.2/* (26.37KB - 26.36KB unique)",
    "├── main.ts (650B)",
    "└── workers/* (170B)",
    "Files: 1.94MB",
  ].join("\n");

  it("reads leaves with the folders above them", () => {
    assert.deepEqual(embeddedPaths(printed), [
      `${PACKAGES}/msgpackr/2.1.0/*`,
      `${PACKAGES}/detect-libc/2.1.2/*`,
      "main.ts",
      "workers/*",
    ]);
  });

  it("isEmbedded knows files by name and by folder, and misses the rest", () => {
    const paths = embeddedPaths(printed);
    assert.equal(isEmbedded(paths, "main.ts"), true);
    assert.equal(isEmbedded(paths, "workers/partition.ts"), true);
    assert.equal(isEmbedded(paths, "src/compose.ts"), false);
    assert.equal(isEmbedded(paths, "workers2/partition.ts"), false);
  });
});

describe("deno task compile", () => {
  let embedded: string[] = [];
  let needed: string[] = [];

  beforeAll(async () => {
    embedded = await compile();
    needed = [...reach(atRunTime(await readGraph(PROGRAM)), PROGRAM)];
  });

  it("embeds main.ts, both workers and every file they import", () => {
    const files = needed.filter((path) => !path.includes(":"));
    assert.ok(files.length > PROGRAM.length);
    assert.deepEqual(files.filter((path) => !isEmbedded(embedded, path)), []);
  });

  it("embeds every package they import", () => {
    const packages = needed.filter((path) => path.startsWith("npm:"));
    const paths = packages.map((path) =>
      path.replace(/^npm:\/?(@?[^@]+)@([^/]+).*$/, `${PACKAGES}/$1/$2/package.json`)
    );
    assert.ok(paths.length > 0);
    assert.deepEqual(paths.filter((path) => !isEmbedded(embedded, path)), []);
  });

  it("embeds the native part of each package that has one", () => {
    const parts = [["npm:@node-rs/crc32@", "@node-rs/crc32-"], [
      "npm:msgpackr@",
      "msgpackr-extract-",
    ]] as const;
    const wanted = parts.filter(([name]) => needed.some((path) => path.startsWith(name)));
    assert.ok(wanted.length > 0);
    for (const [, part] of wanted) {
      assert.ok(embedded.some((path) => path.includes(`/${part}${Deno.build.os}`)), embedded.join("\n"));
    }
  });

  it("embeds no package that only tests need", () => {
    const strangers =
      /\/(kafkajs|vega-datasets|hyparquet|fast-check|@platformatic\/kafka|playwright-core|axe-core)\//;
    assert.deepEqual(embedded.filter((path) => strangers.test(path)), []);
  });

  it("embeds no test", () => {
    assert.deepEqual(embedded.filter((path) => /^(test|bench)\//.test(path)), []);
  });

  it("gives the program the permissions that the start task has", () => {
    const permissions = (task: string) => task.split(" ").filter((word) => /^--(allow|no-prompt)/.test(word));
    assert.deepEqual(permissions(config.tasks.compile), permissions(config.tasks.start));
  });
});
