/** `weir group` and `weir consume --group` as a person meets them: processes, a real broker, words and exit statuses. */
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { BrokerFixture, spawnWeir } from "./weir_process.ts";

const fixture = new BrokerFixture();

const lines = (text: string) => text.trimEnd().split("\n");
const run = (line: string, input?: string) => fixture.broker.run(line.split(" "), input);
const done = (line: string, input?: string) => fixture.broker.done(line.split(" "), input);

async function described(group: string) {
  return JSON.parse((await done(`group describe ${group} --json`)).stdout);
}

/** A running `weir consume --group`, after its first line. */
async function member(line: string) {
  const words = ["consume", ...line.split(" "), "--server", fixture.broker.server];
  const child = spawnWeir(words);
  const stderr = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: first } = await reader.read();
  return {
    first,
    /** Asks it to end; gives its status and words. */
    async stop(): Promise<{ code: number; stderr: string }> {
      child.kill("SIGINT");
      while (!(await reader.read()).done);
      return { code: (await child.status).code, stderr: await stderr };
    },
  };
}

describe("weir group", () => {
  beforeAll(async () => {
    await fixture.start();
    await done("topic create orders --partitions 3");
    await done("produce orders --partition 0", "a\nb\nc\nd\ne\n");
    await done("produce orders --partition 2", "x\ny\n");
  });
  afterAll(fixture.stop);

  it("group list says that there are none, in words or as an empty array", async () => {
    const none = await done("group list");
    assert.deepEqual([none.stdout, none.stderr], ["", "There are no groups\n"]);
    assert.equal((await done("group list --json")).stdout, "[]\n");
  });

  it("consume --group goes on where the group is, commits what it printed and no more, and leaves", async () => {
    const first = await done("consume orders --group readers --from earliest --max 4");
    assert.equal(lines(first.stdout).length, 4);
    assert.equal(first.stderr, "Consumed 4 records\n");
    const { state, members, partitions } = await described("readers");
    assert.deepEqual([state, members], ["Empty", []]);
    const committed = partitions.reduce(
      (sum: number, { committed }: { committed: number }) => sum + Math.max(0, committed),
      0,
    );
    assert.equal(committed, 4);
    const rest = await done("consume orders --group readers --exit-at-end");
    assert.deepEqual(lines(first.stdout + rest.stdout).sort(), ["a", "b", "c", "d", "e", "x", "y"]);
    const nothing = await done("consume orders --group readers --from earliest --exit-at-end");
    assert.deepEqual([nothing.stdout, nothing.stderr], ["", "Consumed 0 records\n"]);
  });

  it("group list and describe show groups, members and lag, for people and for programs", async () => {
    const reader = await member("orders --group watched --from earliest");
    assert.ok(reader.first);
    const text = (await done("group describe watched")).stdout;
    assert.match(text, /^watched: \w+, 1 member, /);
    assert.match(text, /\nconsumer protocol, epoch \d+, assignor \w+, coordinator \S+:\d+ \(broker 1\)\n/);
    assert.match(text, /\ntopic +partition +committed +end +lag +seconds +member +host +client\n/);
    assert.match(text, /\norders +0 +\S+ +5 +\S+ +\S+ +\S+ +127\.0\.0\.1 +\S+\n/);
    assert.match(
      text,
      /\nmember +instance +partitions +host +client +owns\n\S+ +- +3 +127\.0\.0\.1 +\S+ +orders 0-2\n/,
    );
    const detail = await described("watched");
    assert.equal(detail.members[0].assignment.length, 3);
    assert.equal(detail.partitions[0].owner, detail.members[0].memberId);
    assert.match(
      (await done("group list")).stdout,
      /^group +state +protocol\n(.*\n)*watched +\w+ +consumer\n/,
    );
    const stopped = await reader.stop();
    assert.equal(stopped.code, 0);
    assert.match(stopped.stderr, /Consumed 7 records\n$/);
    const left = await described("watched");
    assert.deepEqual([left.state, left.members], ["Empty", []]);
    assert.deepEqual(left.partitions.map(({ records }: { records: number }) => records), [0, 0, 0]);
    assert.match((await done("group list --state empty")).stdout, /\nwatched +Empty +consumer\n/);
    assert.equal((await done("group list --state dead")).stderr, "There are no such groups\n");
  });

  it("group reset shows and sets where a group goes on, and makes a group that is not there", async () => {
    const reset = "group reset moved --topic orders";
    const dry = await done(`${reset} --to latest --dry-run`);
    assert.equal(dry.stderr, 'Would reset 3 partitions of group "moved"\n');
    assert.equal((await run("group describe moved")).code, 1);
    const latest = await done(`${reset} --to latest`);
    assert.equal(latest.stderr, 'Reset 3 partitions of group "moved"\n');
    assert.deepEqual(lines(latest.stdout).map((line) => line.split(/ +/)), [
      ["topic", "partition", "before", "now"],
      ["orders", "0", "-", "5"],
      ["orders", "1", "-", "0"],
      ["orders", "2", "-", "2"],
    ]);
    const one = await done(`${reset} --partition 0 --to 3 --json`);
    assert.deepEqual(JSON.parse(one.stdout), [{ topic: "orders", partition: 0, before: 5, offset: 3 }]);
    assert.equal((await done("consume orders --group moved --exit-at-end")).stdout, "d\ne\n");
    const past = await done(`${reset} --to 2020-01-31T12:00:00Z --json`);
    assert.deepEqual(JSON.parse(past.stdout).map(({ offset }: { offset: number }) => offset), [0, 0, 0]);
    const lag = (await described("moved")).partitions[0];
    assert.deepEqual([lag.committed, lag.end, lag.records], [0, 5, 5]);
    assert.ok(lag.behindMs > 0);
  });

  it("group reset and delete leave a group with members alone, and say so", async () => {
    const reader = await member("orders --group busy --from earliest");
    for (const line of ["group reset busy --topic orders --to earliest", "group delete busy"]) {
      const refused = await run(line);
      assert.equal(refused.code, 1, line);
      assert.match(refused.stderr, /^weir: .*"busy".*\n$/);
      assert.equal(refused.stdout, "");
    }
    assert.equal((await reader.stop()).code, 0);
    assert.equal((await done("group delete busy")).stderr, 'Deleted group "busy"\n');
    assert.equal((await run("group describe busy")).code, 1);
  });

  it("two members share the partitions, and one gets them all when the other leaves", async () => {
    const one = await member("orders --group shared --from earliest");
    const two = spawnWeir(["consume", "orders", "--group", "shared", "--server", fixture.broker.server]);
    const stderr = new Response(two.stderr).text();
    const stdout = new Response(two.stdout).text();
    const owned = await until(
      "shared",
      (counts) => counts.length === 2 && counts.every((count) => count > 0),
    );
    assert.equal(owned[0]! + owned[1]!, 3);
    assert.equal((await one.stop()).code, 0);
    await until("shared", (counts) => counts.length === 1 && counts[0] === 3);
    two.kill("SIGTERM");
    assert.equal((await two.status).code, 0, await stderr);
    assert.equal(await stdout, "");
  });

  it("topic list shows the broker's own topic of groups, but not with --exclude-internal", async () => {
    assert.equal((await done("topic list")).stdout, "__consumer_offsets\norders\n");
    assert.equal((await done("topic list --exclude-internal")).stdout, "orders\n");
  });

  it("group commands refuse what is not there and what makes no sense", async () => {
    const cases: [string, number, RegExp][] = [
      ["group describe missing", 1, /^weir: .*"missing"/],
      ["group delete missing moved", 1, /^Deleted group "moved"\nweir: .*"missing"/],
      ["group reset g --topic missing --to earliest", 1, /"missing"/],
      ["group reset g --topic orders --partition 9 --to earliest", 1, /"orders", partition 9/],
      ["group reset g --to earliest", 2, /^weir: --topic TOPIC is missing/],
      ["group reset g --topic orders", 2, /^weir: --to WHERE is missing/],
      [
        "group reset g --topic orders --to soon",
        2,
        /--to must be earliest, latest, an offset or a time.*"soon"/,
      ],
      [
        "group reset g --topic orders --partition x --to latest",
        2,
        /--partition must be a whole number.*"x"/,
      ],
      ["group list --state asleep", 2, /--state must be one of PreparingRebalance, .*"asleep"/],
      ["group describe", 2, /GROUP is missing/],
    ];
    for (const [line, code, words] of cases) {
      const refused = await run(line);
      assert.equal(refused.code, code, `${line}: ${refused.stderr}`);
      assert.match(refused.stderr, words, line);
      assert.equal(refused.stdout, "", line);
    }
  });
});

/** Asks until the members of a group own what is wanted: partitions per member. */
async function until(group: string, isWanted: (counts: number[]) => boolean): Promise<number[]> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const { members } = await described(group);
    const counts = members.map(({ assignment }: { assignment: unknown[] }) => assignment.length);
    if (isWanted(counts)) return counts;
  }
  throw new assert.AssertionError({ message: `Group "${group}" did not get there` });
}
