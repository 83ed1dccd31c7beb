/** What goes wrong when a broker starts or runs: one clear sentence each, and nothing lost. */
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { BrokerProcess, type Ended, runWeir } from "./weir_process.ts";

let directory = "";

function sentence(result: Ended, code: number, message: RegExp): void {
  assert.match(result.stderr, message);
  assert.match(result.stderr, /^weir: [^\n]+\n(Try [^\n]+\n)?$/, "one sentence");
  assert.equal(result.code, code);
  assert.equal(result.stdout, "");
}

function startTo(words: readonly string[]): Promise<Ended> {
  return runWeir([
    "broker",
    ...(words.includes("--kafka") ? [] : ["--kafka", "127.0.0.1:0"]),
    "--native",
    "127.0.0.1:0",
    "--http",
    "off",
    ...words,
  ]);
}

/** Mounts a file system of 4 MiB, or tells why it cannot. */
async function mountSmall(target: string): Promise<string | null> {
  await Deno.mkdir(target);
  const mount = new Deno.Command("mount", { args: ["-t", "tmpfs", "-o", "size=4m", "tmpfs", target] });
  try {
    const { success, stderr } = await mount.output();
    return success ? null : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    return (error as Error).message;
  }
}

async function onSmallDisk(work: (target: string) => Promise<void>): Promise<void> {
  const target = `${directory}/small`;
  assert.equal(await mountSmall(target), null);
  try {
    await work(target);
  } finally {
    await new Deno.Command("umount", { args: ["-l", target] }).output();
  }
}

/** Whether this process may mount at all: asked once, so that what cannot run is reported as ignored. */
async function mountRefusal(): Promise<string | null> {
  const folder = await Deno.makeTempDir();
  const refusal = await mountSmall(`${folder}/small`);
  if (refusal === null) await new Deno.Command("umount", { args: ["-l", `${folder}/small`] }).output();
  await Deno.remove(folder, { recursive: true });
  return refusal;
}

const refusal = await mountRefusal();
const onMount = refusal === null ? it : it.ignore;
const because = refusal === null ? "" : ` (skipped, a file system cannot be mounted here: ${refusal})`;

describe("weir broker, when it cannot", () => {
  beforeEach(async () => {
    directory = await Deno.makeTempDir({ prefix: "weir-cli-" });
  });
  afterEach(() => Deno.remove(directory, { recursive: true }));

  it("broker refuses a data directory that another broker uses", async () => {
    const first = await BrokerProcess.start(["--data", `${directory}/data`]);
    const second = await startTo(["--data", `${directory}/data`]);
    assert.equal((await first.stop()).code, 0);
    sentence(second, 1, /data".*(use|lock)/);
  });

  it("broker refuses a port that is in use", async () => {
    const first = await BrokerProcess.start(["--data", `${directory}/a`]);
    const second = await runWeir([
      "broker",
      "--kafka",
      "127.0.0.1:0",
      "--native",
      first.server,
      "--http",
      "off",
      "--data",
      `${directory}/b`,
    ]);
    assert.equal((await first.stop()).code, 0);
    sentence(second, 1, new RegExp(`${first.server}.*in use`));
  });

  it("broker refuses a data directory it cannot make or write", async () => {
    await Deno.writeTextFile(`${directory}/file`, "");
    sentence(await startTo(["--data", `${directory}/file/data`]), 1, /file\/data"/);
    sentence(await startTo(["--data", `${directory}/file`]), 1, /file"/);
  });

  onMount(`broker refuses a read-only file system${because}`, async () => {
    await onSmallDisk(async (target) => {
      await new Deno.Command("mount", { args: ["-o", "remount,ro", target] }).output();
      sentence(await startTo(["--data", `${target}/data`]), 1, /small\/data".*[Rr]ead-only/);
    });
  });

  it("broker refuses unknown settings, bad values and bad configuration files", async () => {
    const data = ["--data", `${directory}/data`];
    sentence(await startTo([...data, "--set", "num.partitions=zero"]), 2, /num\.partitions".*"zero"/);
    sentence(await startTo([...data, "--kafka", "nowhere"]), 2, /kafka\.listener".*"nowhere"/);
    sentence(
      await startTo([...data, "--config", `${directory}/none.toml`]),
      1,
      /none\.toml": there is no such file/,
    );
    await Deno.writeTextFile(`${directory}/bad.toml`, "num.partitions = = 3\n");
    sentence(await startTo([...data, "--config", `${directory}/bad.toml`]), 1, /bad\.toml" is not TOML/);
    await Deno.writeTextFile(`${directory}/odd.toml`, "[log.segment]\nbites = 3\n");
    sentence(await startTo([...data, "--config", `${directory}/odd.toml`]), 2, /"log\.segment\.bites"/);
  });

  onMount(
    `broker on a full disk refuses to write, says so, serves reads, and loses nothing${because}`,
    async () => {
      await onSmallDisk(async (target) => {
        const settings = ["--set", "log.index.size.max.bytes=65536"];
        const broker = await BrokerProcess.start(["--data", `${target}/data`, ...settings]);
        await broker.done(["topic", "create", "full"]);
        const lines = Array.from({ length: 8_000 }, (_, index) => `${index}:${"x".repeat(993)}\n`);
        const produced = await broker.run(
          ["produce", "full", "--acks", "all", "--timeout", "3"],
          lines.join(""),
        );
        assert.equal(produced.code, 1);
        assert.match(produced.stderr, /full|space/i);
        const kept = Number(/Produced ([\d,]+) record/.exec(produced.stderr)![1]!.replaceAll(",", ""));
        const read = async (reader: BrokerProcess) =>
          (await reader.done(["consume", "full", "--from", "earliest", "--exit-at-end"])).stdout;
        const before = await read(broker);
        const served = before.split("\n").slice(0, -1).map((line) => `${line}\n`);
        assert.ok(served.length >= kept && kept > 0, `${served.length} served, ${kept} acknowledged`);
        let previous = -1;
        for (const line of served) {
          const number = parseInt(line);
          assert.equal(line, lines[number], "a record is whole");
          assert.ok(number > previous, `record ${number} comes after ${previous}: none twice, order kept`);
          previous = number;
        }
        assert.equal((await broker.stop()).code, 0);
        const again = await BrokerProcess.start(["--data", `${target}/data`, ...settings]);
        assert.equal(await read(again), before);
        await again.stop();
      });
    },
  );
});
