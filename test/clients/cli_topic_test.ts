/** `weir topic` as a person meets it: real processes, a real broker, words and exit statuses. */
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { BrokerFixture } from "./weir_process.ts";

const fixture = new BrokerFixture();

describe("weir topic", () => {
  beforeAll(fixture.start);
  afterAll(fixture.stop);

  it("broker prints the ready line of the manual and nothing before it", () => {
    assert.match(
      fixture.broker.readyLine,
      /^weir ready kafka=127\.0\.0\.1:\d+ native=127\.0\.0\.1:\d+ http=off data=\S+\/data in \d+ ms$/,
    );
  });

  it("topic create, list, describe, alter, add-partitions and delete do what they say", async () => {
    const created = await fixture.broker.done(["topic", "create", "orders", "--partitions", "2"]);
    assert.equal(created.stdout, "");
    assert.equal(created.stderr, 'Created topic "orders"\n');
    await fixture.broker.done(["topic", "create", "audit", "--config", "retention.ms=60000"]);
    assert.equal((await fixture.broker.done(["topic", "list"])).stdout, "audit\norders\n");
    assert.equal((await fixture.broker.done(["topic", "list", "--json"])).stdout, '["audit","orders"]\n');

    const text = (await fixture.broker.done(["topic", "describe", "audit"])).stdout;
    assert.match(text, /^audit: 1 partition, 0 B, id \S{22}\n\npartition +leader +start +end/);
    assert.match(text, /\n {8}0 {7}\d {6}0 {4}0 /);
    assert.match(text, /\n\* retention\.ms +60000 +topic \(default 604800000\)\n/);
    assert.match(text, /\n {2}cleanup\.policy +delete +default\n/);

    await fixture.broker.done([
      "topic",
      "alter",
      "audit",
      "--reset",
      "retention.ms",
      "--config",
      "segment.bytes=2000000",
    ]);
    const altered = JSON.parse((await fixture.broker.done(["topic", "describe", "audit", "--json"])).stdout);
    const value = (name: string) =>
      altered.settings.find((setting: { name: string }) => setting.name === name).value;
    assert.equal(value("retention.ms"), "604800000");
    assert.equal(value("segment.bytes"), "2000000");

    const grown = await fixture.broker.done(["topic", "add-partitions", "orders", "--partitions", "5"]);
    assert.equal(grown.stderr, 'Topic "orders" has 5 partitions now\n');
    const described = JSON.parse(
      (await fixture.broker.done(["topic", "describe", "orders", "--json"])).stdout,
    );
    assert.equal(described.partitions.length, 5);

    assert.equal((await fixture.broker.done(["topic", "delete", "audit"])).stderr, 'Deleted topic "audit"\n');
    assert.equal((await fixture.broker.done(["topic", "list"])).stdout, "orders\n");
  });

  it("topic trim moves the start of a partition", async () => {
    await fixture.broker.done(["topic", "create", "trimmed"]);
    await fixture.broker.done(["produce", "trimmed"], "a\nb\nc\n");
    const trimmed = await fixture.broker.done([
      "topic",
      "trim",
      "trimmed",
      "--partition",
      "0",
      "--before",
      "2",
    ]);
    assert.equal(trimmed.stderr, 'Partition 0 of topic "trimmed" begins at offset 2 now\n');
    const left = await fixture.broker.done(["consume", "trimmed", "--from-beginning", "--exit-at-end"]);
    assert.equal(left.stdout, "c\n");
    const all = await fixture.broker.done([
      ..."topic trim trimmed --partition 0 --before latest --json".split(" "),
    ]);
    assert.deepEqual(JSON.parse(all.stdout), { topic: "trimmed", partition: 0, logStartOffset: 3 });
  });

  it("topic commands refuse what the broker refuses, with its words and status 1", async () => {
    const cases: [string[], RegExp][] = [
      [["topic", "create", "orders"], /"orders".*exists/],
      [["topic", "create", "bad/name"], /bad\/name/],
      [["topic", "create", "x", "--config", "retention.ms=soon"], /retention\.ms.*"soon"/],
      [["topic", "create", "x", "--config", "retention.mss=1"], /retention\.mss.*retention\.ms/],
      [["topic", "describe", "missing"], /"missing"/],
      [["topic", "delete", "missing"], /"missing"/],
      [["topic", "add-partitions", "orders", "--partitions", "1"], /"orders"/],
      [["topic", "trim", "orders", "--partition", "0", "--before", "99"], /99/],
    ];
    for (const [words, message] of cases) {
      const result = await fixture.broker.run(words);
      assert.equal(result.code, 1, `${words.join(" ")}: ${result.stderr}`);
      assert.match(result.stderr, message);
      assert.match(result.stderr, /^weir: [^\n]+\n$/);
      assert.equal(result.stdout, "");
    }
  });
});
