/** Every rule of the lint plugin is seen red on planted offences and green on what it must let pass. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { BANS } from "./bans.ts";
import plugin from "./plugin.ts";

/** Offences a pure room commits, by rule. */
const PURE_OFFENCES: Record<string, string[]> = {
  "no-clock": [
    "Date.now();",
    "new Date();",
    "Date();",
    "performance.now();",
    "setTimeout(run, 5);",
    "globalThis.setInterval(run, 5);",
    "globalThis.Date.now();",
    'Date["now"]();',
    "const { now } = Date;",
    "AbortSignal.timeout(5);",
    'import { setTimeout as sleep } from "node:timers/promises";',
    "let timer: ReturnType<typeof setTimeout>;",
  ],
  "no-randomness": ["Math.random();", "crypto.randomUUID();", 'import { randomBytes } from "node:crypto";'],
  "no-console": ["console.log(1);", "Deno.stdout.writeSync(bytes);", "globalThis.console.warn(1);"],
  "no-files": [
    "Deno.openSync(path);",
    "Deno.open(path);",
    "Deno.dlopen(path, {});",
    'import fs from "node:fs";',
    'await import("node:fs/promises");',
    "const { openSync } = Deno;",
  ],
  "no-listener": ["Deno.listen({ port: 1 });", "Deno.listenTls(options);"],
  "no-worker": ["new Worker(url);", 'export { Worker } from "node:worker_threads";'],
  "no-deno": [
    "Deno.cwd();",
    "let file: Deno.FsFile;",
    "globalThis.x;",
    "process.env.HOME;",
    'export * from "node:os";',
    "const { Deno } = world;",
  ],
  "no-async": [
    "async function f() {}",
    "const f = async () => {};",
    "class A { async f() {} }",
    "await value;",
    "for await (const x of xs) {}",
    "let p: Promise<void>;",
    "queueMicrotask(run);",
    "await using x = y;",
  ],
};

/** Source that looks like an offence to a careless rule. */
const CLEAN = `
import { deflateSync } from "node:zlib";
import { Buffer } from "node:buffer";
const made = new Date(nowMs);
const labels = { Deno: 1, console: 2, setTimeout: 3 };
labels.setTimeout + labels.console + labels.Deno;
class Clock { setTimeout(): void {} performance = 1; }
interface Journal { console: string; crypto: number }
Math.floor(1.5); Date.UTC(2020, 1); random();
function* turn(inputs: readonly number[], nowMs: number) { yield inputs.length + nowMs; }
`;

function rulesHit(path: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, path, source).map(({ id }) => id.replace("weir/", ""));
}

describe("lint plugin", () => {
  it("every rule has planted offences", () => {
    assert.deepEqual(Object.keys(PURE_OFFENCES).toSorted(), Object.keys(BANS).toSorted());
  });

  for (const [rule, offences] of Object.entries(PURE_OFFENCES)) {
    for (const source of offences) {
      it(`${rule} is red in a pure room on ${source}`, () => {
        assert.ok(rulesHit("src/log/planted.ts", source).includes(rule));
      });
    }
  }

  it("all rules are green on clean source in every pure room", () => {
    for (
      const room of [
        "model",
        "bytes",
        "record",
        "log",
        "partition",
        "coordinator",
        "route",
        "kafka",
        "native",
      ]
    ) {
      assert.deepEqual(rulesHit(`src/${room}/clean.ts`, CLEAN), []);
    }
    assert.deepEqual(rulesHit("src/config.ts", CLEAN), []);
  });

  it("all rules are red in the shell too, where the thing has another home", () => {
    const oneHome = Object.keys(BANS).filter((rule) => BANS[rule]?.shell !== undefined);
    assert.deepEqual(oneHome, [
      "no-clock",
      "no-randomness",
      "no-console",
      "no-files",
      "no-listener",
      "no-worker",
    ]);
    for (const rule of oneHome) {
      for (const path of ["src/compose.ts", "src/console/page.ts", "workers/partition.ts", "main.ts"]) {
        assert.ok(rulesHit(path, PURE_OFFENCES[rule]?.[0] ?? "").includes(rule), `${rule} in ${path}`);
      }
    }
  });

  it("each home is free for what lives there, and for that alone", () => {
    assert.deepEqual(rulesHit("src/host/clock.ts", "Date.now();"), []);
    assert.deepEqual(rulesHit("src/host/clock.ts", "Math.random();"), ["no-randomness"]);
    assert.deepEqual(rulesHit("src/host/random.ts", "crypto.randomUUID();"), []);
    assert.deepEqual(rulesHit("src/host/logger.ts", "console.error(1);"), []);
    assert.deepEqual(rulesHit("src/cli/output.ts", "Deno.stdout;"), []);
    assert.deepEqual(rulesHit("src/storage/file_disk.ts", "Deno.openSync(path);"), []);
    assert.deepEqual(rulesHit("src/net/listener.ts", "Deno.listen({ port: 1 });"), []);
    assert.deepEqual(rulesHit("src/mailbox/spawn.ts", "new Worker(url);"), []);
    assert.deepEqual(rulesHit("src/client/runtime.ts", "setTimeout(run, Math.random());"), []);
    assert.deepEqual(rulesHit("src/client/producer.ts", "setTimeout(run, 5);"), ["no-clock"]);
  });

  it("async and Deno are free in the shell", () => {
    assert.deepEqual(
      rulesHit("src/net/connection.ts", "await Deno.connect({ port: 1 }); async () => {};"),
      [],
    );
  });

  it("tests and benches are free", () => {
    const all = Object.values(PURE_OFFENCES).flat().filter((source) => !source.startsWith("import")).join(
      "\n{}\n",
    );
    for (const path of ["test/unit/log/log_test.ts", "bench/main.ts"]) {
      assert.deepEqual(rulesHit(path, all), []);
    }
  });

  it("each message names what to use instead", () => {
    const [found] = Deno.lint.runPlugin(plugin, "src/log/planted.ts", "Date.now();");
    assert.match(
      found?.message ?? "",
      /^"Date\.now" has no place in a pure room: take `nowMs` as an argument/,
    );
  });
});
