/** `weir produce`, `weir consume` and `weir bench` as a person meets them: bytes, words and exit statuses. */
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { BrokerFixture, spawnWeir } from "./weir_process.ts";

const fixture = new BrokerFixture();

describe("weir produce and consume", () => {
  beforeAll(fixture.start);
  afterAll(fixture.stop);

  it("produce and consume carry bytes unchanged, whatever they are", async () => {
    await fixture.broker.done(["topic", "create", "bytes"]);
    const random = crypto.getRandomValues(new Uint8Array(60_000)).map((byte) => byte === 10 ? 11 : byte);
    const input = new Uint8Array([...new TextEncoder().encode("crlf\r\n\né\n"), ...random, 10]);
    const produced = await fixture.broker.done(["produce", "bytes"], input);
    assert.equal(produced.stderr, 'Produced 4 records to topic "bytes"\n');
    assert.equal(produced.stdout, "");
    const consumed = await fixture.broker.done(["consume", "bytes", "--from", "earliest", "--exit-at-end"]);
    assert.deepEqual(consumed.stdoutBytes, input);
  });

  it("produce takes keys, headers, a partition, acks and every compression; consume shows them in JSON", async () => {
    await fixture.broker.done(["topic", "create", "keyed", "--partitions", "3"]);
    const codecs = ["none", "gzip", "snappy", "lz4", "zstd"];
    for (const [index, codec] of codecs.entries()) {
      const acks = ["0", "1", "all"][index % 3]!;
      const words = ["produce", "keyed", "--key-separator", "::", "--partition", "1", "--compression", codec];
      await fixture.broker.done(
        [...words, "--acks", acks, "--header", "codec=" + codec],
        `k${index}::${codec}::x\n`,
      );
    }
    const consume = ["consume", "keyed", "--from", "earliest", "--max", "5"];
    const lines = (await fixture.broker.done([...consume, "--format", "json"])).stdout.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)).map(({ timestamp, ...rest }) => {
        assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 600_000);
        return rest;
      }),
      codecs.map((codec, offset) => ({
        topic: "keyed",
        partition: 1,
        offset,
        key: `k${offset}`,
        value: `${codec}::x`,
        headers: [{ key: "codec", value: codec }],
      })),
    );
    const pairs = await fixture.broker.done([...consume, "--format", "key-value", "--partition", "1"]);
    assert.equal(pairs.stdout, codecs.map((codec, index) => `k${index}\t${codec}::x\n`).join(""));
  });

  it("consume begins at offsets, times and ends, over several topics and one partition", async () => {
    for (const topic of ["one", "two"]) await fixture.broker.done(["topic", "create", topic]);
    await fixture.broker.done(["produce", "one"], "1\n2\n3");
    await fixture.broker.done(["produce", "two"], "4\n5");
    const both = await fixture.broker.done(["consume", "one", "two", "--from", "earliest", "--exit-at-end"]);
    assert.deepEqual(both.stdout.trimEnd().split("\n").sort(), ["1", "2", "3", "4", "5"]);
    const cases: [string[], string][] = [
      [["--from", "1"], "2\n3\n"],
      [["--from", "3"], ""],
      [["--from", "2020-01-01"], "1\n2\n3\n"],
      [["--from", "2199-01-01T00:00:00Z"], ""],
      [["--from-beginning", "--max", "2"], "1\n2\n"],
      [["--from", "latest"], ""],
      [[], ""],
    ];
    for (const [words, expected] of cases) {
      const result = await fixture.broker.done(["consume", "one", "--exit-at-end", ...words]);
      assert.equal(result.stdout, expected, words.join(" "));
    }
  });

  it("consume ends with status 0 on Ctrl-C, on SIGTERM and when its reader goes away", async () => {
    await fixture.broker.done(["topic", "create", "endless"]);
    const line = `${"x".repeat(999)}\n`;
    await fixture.broker.done(["produce", "endless"], line.repeat(2_000));
    for (const signal of ["SIGINT", "SIGTERM", null] as const) {
      const child = spawnWeir([
        "consume",
        "endless",
        "--from",
        "earliest",
        "--server",
        fixture.broker.server,
      ]);
      const stderr = new Response(child.stderr).text();
      const reader = child.stdout.getReader();
      assert.equal((await reader.read()).done, false);
      if (signal === null) await reader.cancel();
      else {
        child.kill(signal);
        while (!(await reader.read()).done);
      }
      assert.equal((await child.status).code, 0, await stderr);
      assert.match(await stderr, signal === null ? /^(Consumed.*\n)?$/ : /^Stopping/);
    }
  });

  it("produce refuses a line that is too long, but keeps the lines before it", async () => {
    await fixture.broker.done(["topic", "create", "short", "--config", "max.message.bytes=1000"]);
    const result = await fixture.broker.run(["produce", "short"], `fits\n${"x".repeat(1_001)}\nnever\n`);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /weir: Line 2 is longer than 1000 bytes/);
    assert.match(result.stderr, /Produced 1 record to topic "short"/);
    assert.equal(
      (await fixture.broker.done(["consume", "short", "--from", "earliest", "--exit-at-end"])).stdout,
      "fits\n",
    );
    const keyless = await fixture.broker.run(["produce", "short", "--key-separator", ":"], "a:1\nb\n");
    assert.equal(keyless.code, 1);
    assert.match(keyless.stderr, /weir: Line 2 has no key: it lacks the separator ":"/);
  });

  it("consume refuses a group for one partition, and says that a topic is not there", async () => {
    const group = await fixture.broker.run(["consume", "orders", "--group", "g", "--partition", "0"]);
    assert.equal(group.code, 2);
    assert.match(group.stderr, /^weir: --group and --partition are given together/);
    const missing = await fixture.broker.run(["consume", "missing", "--from", "earliest", "--exit-at-end"]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /"missing"/);
    const partition = await fixture.broker.run(["consume", "endless", "--partition", "7", "--exit-at-end"]);
    assert.equal(partition.code, 1);
    assert.match(partition.stderr, /7/);
  });
});

describe("weir bench", () => {
  beforeAll(fixture.start);
  afterAll(fixture.stop);

  it("bench produce, consume and latency give one JSON line and leave no topic behind", async () => {
    const small = ["--records", "2000", "--size", "50", "--json"];
    for (const kind of ["produce", "consume", "latency"]) {
      const result = await fixture.broker.done(["bench", kind, ...small, "--partitions", "2"]);
      assert.match(result.stdout, /^\{[^\n]+\}\n$/);
      const line = JSON.parse(result.stdout);
      assert.equal(line.bench, kind);
      assert.equal(line.records, 2_000);
      if (kind === "latency") {
        assert.ok(line.p50Ms > 0 && line.p50Ms <= line.p99Ms && line.p99Ms <= line.maxMs);
      } else assert.ok(line.recordsPerSecond > 0);
    }
    assert.equal((await fixture.broker.done(["topic", "list"])).stdout, "");
  });

  it("bench uses a topic that is named, and leaves it", async () => {
    await fixture.broker.done(["topic", "create", "mine"]);
    const words = ["--topic", "mine", "--records", "100", "--acks", "all", "--compression", "zstd"];
    const result = await fixture.broker.done(["bench", "produce", ...words]);
    assert.match(result.stdout, /records per second/);
    const described = JSON.parse((await fixture.broker.done(["topic", "describe", "mine", "--json"])).stdout);
    assert.equal(described.partitions[0].logEndOffset, 100);
  });
});
