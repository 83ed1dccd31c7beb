/** The commands that need no broker, as a person meets them: help, wrong usage, files of a log. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { BrokerFixture, runWeir } from "./weir_process.ts";

const fixture = new BrokerFixture();

describe("weir", () => {
  it("help goes to standard output with status 0", async () => {
    const program = await runWeir(["--help"]);
    assert.equal(program.code, 0);
    assert.match(program.stdout, /Usage: weir COMMAND/);
    const command = await runWeir(["topic", "create", "--help"]);
    assert.equal(command.code, 0);
    assert.match(command.stdout, /Usage: weir topic create NAME \[OPTIONS\]/);
    assert.equal(command.stderr, "");
    assert.match((await runWeir(["--version"])).stdout, /^weir \d+\.\d+\.\d+ \(deno /);
  });

  it("wrong usage ends with status 2 and a hint", async () => {
    const cases: [string[], string][] = [
      [["topci"], `weir: Unknown command "topci", did you mean "topic"?\nTry 'weir --help'\n`],
      [
        ["topic", "create", "x", "--partitoins", "1"],
        `weir: Unknown option "--partitoins", did you mean --partitions?\nTry 'weir topic create --help'\n`,
      ],
      [["topic", "create"], `weir: NAME is missing\nTry 'weir topic create --help'\n`],
      [
        ["produce", "t", "--acks", "2"],
        `weir: --acks must be one of 0, 1, all, not "2"\nTry 'weir produce --help'\n`,
      ],
      [
        ["broker", "--set", "log.segment.byts=1"],
        `weir: Unknown setting "log.segment.byts" = "1" from --set: did you mean "log.segment.bytes"?\n` +
        `Try 'weir broker --help'\n`,
      ],
    ];
    for (const [words, expected] of cases) {
      const result = await runWeir(words);
      assert.equal(result.stderr, expected);
      assert.equal(result.code, 2);
      assert.equal(result.stdout, "");
    }
  });

  it("a broker that is not there is named, with status 1, and WEIR_SERVER tells where it is", async () => {
    const result = await runWeir(["topic", "list"], { environment: { WEIR_SERVER: "127.0.0.1:1" } });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /^weir: [^\n]*127\.0\.0\.1:1[^\n]*\n$/);
  });
});

describe("weir log", () => {
  it("log dump and log verify read a stopped broker's files, and verify finds a flipped bit", async () => {
    await fixture.start();
    await fixture.broker.done(["topic", "create", "kept"]);
    await fixture.broker.done(["produce", "kept", "--key-separator", "="], "k=v1\nk=v2\n");
    assert.equal((await fixture.broker.stop()).code, 0);
    const segment = `${fixture.directory}/data/kept-0/00000000000000000000.log`;

    const text = await runWeir(["log", "dump", segment, "--records"]);
    assert.equal(text.code, 0, text.stderr);
    assert.match(text.stdout, /v1/);
    const lines = (await runWeir(["log", "dump", segment, "--json"])).stdout.trimEnd().split("\n");
    assert.equal(JSON.parse(lines[0]!).baseOffset, 0);
    for (const name of ["index", "timeindex"]) {
      const index = await runWeir(["log", "dump", segment.replace(/log$/, name)]);
      assert.equal(index.code, 0, index.stderr);
    }

    for (const target of [`${fixture.directory}/data`, `${fixture.directory}/data/kept-0`]) {
      const sound = await runWeir(["log", "verify", target]);
      assert.equal(sound.code, 0, sound.stderr + sound.stdout);
    }
    const bytes = await Deno.readFile(segment);
    bytes[70]! ^= 1;
    await Deno.writeFile(segment, bytes);
    const damaged = await runWeir(["log", "verify", `${fixture.directory}/data`]);
    assert.equal(damaged.code, 1);
    assert.match(damaged.stdout, /00000000000000000000\.log/);
    const json = await runWeir(["log", "verify", `${fixture.directory}/data`, "--json"]);
    assert.equal(json.code, 1);
    assert.ok(JSON.parse(json.stdout.split("\n")[0]!));
    await Deno.remove(fixture.directory, { recursive: true });
  });

  it("log dump and log verify say what is wrong with a path", async () => {
    for (const words of [["log", "dump", "/nonexistent/x.log"], ["log", "verify", "/nonexistent"]]) {
      const result = await runWeir(words);
      assert.equal(result.code, 1);
      assert.match(result.stderr, /^weir: [^\n]*"\/nonexistent[^\n]*\n$/);
    }
    const result = await runWeir(["log", "dump", "/etc/hostname"]);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /"\/etc\/hostname".*\.log, \.index, \.timeindex or \.snapshot/);
  });
});
