/**
 * Consumer groups of the TypeScript client against a real broker: partitions shared, moved and carried on
 * with, whoever comes, leaves, is killed or speaks another protocol.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { connect, type Weir, type WeirError } from "weir";
import { startBroker } from "weir/broker";
import { Member, missing, produce, settled, until } from "./group_crew.ts";

const PROGRAM = new URL("group_member_program.ts", import.meta.url).pathname;

async function withTopic(
  body: (weir: Weir, address: string) => Promise<void>,
  settings: Record<string, string> = {},
): Promise<void> {
  await using broker = await startBroker({ memory: true, settings });
  await using weir = await connect(broker.native);
  await weir.admin.createTopic("t", { partitions: 3 });
  await body(weir, broker.native);
}

function isCode(code: string): (error: WeirError) => boolean {
  return (error) => error.code === code;
}

describe("native groups", () => {
  it("share three partitions among one, two, three and five members, and take them back as members go", async () => {
    await withTopic(async (weir) => {
      const members: Member[] = [];
      let written = 0;
      for (const [count, shares] of [[1, [3]], [2, [2, 1]], [3, [1, 1, 1]], [5, [1, 1, 1, 0, 0]]] as const) {
        while (members.length < count) members.push(new Member(weir, { group: "g", topics: ["t"] }));
        assert.deepEqual(await settled(weir, "g", count, 3), shares);
        await produce(weir, "t", written, 30);
        written += 30;
        await until(() => missing(members, written).length === 0);
      }
      const busy = members.filter(({ owned }) => owned.length > 0);
      for (const member of busy.slice(0, 2)) await member.close();
      assert.deepEqual(await settled(weir, "g", 3, 3), [1, 1, 1]);
      await produce(weir, "t", written, 30);
      await until(() => missing(members, written + 30).length === 0);
      for (const member of members) await member.close();
      assert.equal(members.flatMap(({ values }) => values).length, written + 30, "each record once");
      assert.deepEqual(members.flatMap(({ strays }) => strays), []);
      const lag = await weir.admin.groupLag("g");
      assert.deepEqual(lag.map(({ committed, records, owner }) => [committed, records, owner]), [
        [50, 0, null],
        [50, 0, null],
        [50, 0, null],
      ]);
      await weir.admin.deleteGroup("g");
      await assert.rejects(weir.admin.describeGroup("g"), isCode("GROUP_ID_NOT_FOUND"));
    });
  });

  it("keep reading what stays while a member joins: only what moves is revoked", async () => {
    await withTopic(async (weir) => {
      await using first = new Member(weir, { group: "g", topics: ["t"] });
      await settled(weir, "g", 1, 3);
      await using second = new Member(weir, { group: "g", topics: ["t"] });
      await settled(weir, "g", 2, 3);
      await until(() => first.owned.length + second.owned.length === 3);
      assert.deepEqual(first.told.length, 2);
      assert.match(first.told[1]!, /^revoked \d$/);
      assert.deepEqual(second.told.filter((words) => words !== "assigned "), [
        `assigned ${second.owned.join()}`,
      ]);
    });
  });

  it("carry on from the commit when a member is killed, and lose nothing", async () => {
    const settings = {
      "group.consumer.session.timeout.ms": "1500",
      "group.consumer.heartbeat.interval.ms": "300",
    };
    await withTopic(async (weir, native) => {
      await produce(weir, "t", 0, 300);
      await using survivor = new Member(weir, { group: "g", topics: ["t"] });
      const process = new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--allow-all", PROGRAM, native, "g", "t"],
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const heard = listen(process.stdout);
      await settled(weir, "g", 2, 3);
      await produce(weir, "t", 300, 300);
      await until(() => heard.lines.filter((line) => /^\d+$/.test(line)).length > 10);
      process.kill("SIGKILL");
      await process.status;
      await heard.ended;
      await produce(weir, "t", 600, 300);
      assert.deepEqual(await settled(weir, "g", 1, 3), [3]);
      const read = () => new Set([...survivor.values, ...heard.lines]);
      await until(() =>
        Array.from({ length: 900 }, (_, index) => String(index)).every((value) => read().has(value))
      );
    }, settings);
  });

  it("read one topic independently of each other", async () => {
    await withTopic(async (weir) => {
      await using one = new Member(weir, { group: "one", topics: ["t"] });
      await using two = new Member(weir, { group: "two", pattern: "t|u.*" });
      await produce(weir, "t", 0, 30);
      for (const member of [one, two]) await until(() => missing([member], 30).length === 0);
      await weir.admin.createTopic("u1", { partitions: 1 });
      await until(() => two.consumer.assignments.some(({ topic }) => topic === "u1"));
      const groups = (await weir.admin.listGroups({ states: ["stable"] })).map(({ group }) => group);
      assert.deepEqual(groups, ["one", "two"]);
    });
  });

  it("find their commits, and a member its place, after the broker was stopped and started again", async () => {
    const data = await Deno.makeTempDir();
    try {
      let broker = await startBroker({ data });
      const { native: address } = broker;
      await using weir = await connect(address, { retryBackoffMsMax: 100 });
      await weir.admin.createTopic("t", { partitions: 3 });
      await produce(weir, "t", 0, 30);
      await using member = new Member(weir, { group: "g", topics: ["t"], autoCommit: false });
      await until(() => member.values.length === 30);
      await member.consumer.commit(
        member.consumer.assignments.map((where) => ({ ...where, offset: 7, metadata: "x" })),
      );
      const before = await weir.admin.groupOffsets("g");
      const id = member.consumer.memberId;
      await broker.stop();
      broker = await startBroker({ data, settings: { "native.listener": address } });
      assert.deepEqual(await weir.admin.groupOffsets("g"), before);
      assert.deepEqual(before.map(({ offset, metadata }) => [offset, metadata]), [[7, "x"], [7, "x"], [
        7,
        "x",
      ]]);
      await produce(weir, "t", 30, 30);
      await until(() => member.values.length === 60);
      const [same] = (await weir.admin.describeGroup("g")).members;
      assert.deepEqual([same?.memberId, same?.assignment.length], [id, 3]);
      assert.deepEqual(member.told, ["assigned 0,1,2"]);
      await member.consumer.commit();
      await member.close();
      assert.deepEqual((await weir.admin.groupLag("g")).map(({ records }) => records), [0, 0, 0]);
      await broker.stop();
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });

  it("let onRevoked commit what was not committed before", async () => {
    await withTopic(async (weir) => {
      await produce(weir, "t", 0, 30);
      const commits: number[] = [];
      const first = new Member(weir, {
        group: "g",
        topics: ["t"],
        autoCommit: false,
        async onRevoked(partitions, consumer) {
          commits.push(...partitions.map(({ partition }) => partition));
          await consumer.commit(partitions.map((where) => ({ ...where, offset: consumer.position(where)! })));
        },
      });
      await until(() => first.values.length === 30);
      await using second = new Member(weir, { group: "g", topics: ["t"] });
      await settled(weir, "g", 2, 3);
      await produce(weir, "t", 30, 30);
      await until(() => missing([first, second], 60).length === 0);
      assert.deepEqual(commits, second.owned);
      assert.ok(second.values.every((value) => Number(value) >= 30), "what was committed is not read again");
      await first.close();
      assert.deepEqual(commits.toSorted(), [0, 1, 2]);
    });
  });

  it("seek, pause and resume within a member's share", async () => {
    await withTopic(async (weir) => {
      await produce(weir, "t", 0, 30);
      await using member = new Member(weir, { group: "g", topics: ["t"] });
      await until(() => member.values.length === 30);
      const [zero, one] = [{ topic: "t", partition: 0 }, { topic: "t", partition: 1 }];
      member.consumer.pause([one]);
      member.consumer.seek(zero, 8);
      await produce(weir, "t", 30, 30);
      await until(() => member.values.length === 52);
      assert.deepEqual(member.values.slice(30).filter((value) => Number(value) % 3 === 1), []);
      member.consumer.resume();
      await until(() => member.values.length === 62);
      assert.deepEqual((await member.consumer.lag()).map(({ records }) => records), [0, 0, 0]);
    });
  });

  it("are moved from outside only while they have no members", async () => {
    await withTopic(async (weir) => {
      await produce(weir, "t", 0, 30);
      const member = new Member(weir, { group: "g", topics: ["t"] });
      await until(() => member.values.length === 30);
      const reset = { topics: ["t"], to: "earliest" } as const;
      await assert.rejects(weir.admin.resetGroupOffsets("g", reset), isCode("NON_EMPTY_GROUP"));
      await assert.rejects(weir.admin.deleteGroup("g"), isCode("NON_EMPTY_GROUP"));
      await member.close();
      const rows = await weir.admin.resetGroupOffsets("g", { ...reset, to: 4 });
      assert.deepEqual(rows.map(({ before, offset }) => [before, offset]), [[10, 4], [10, 4], [10, 4]]);
      const forgotten = await weir.admin.deleteGroupOffsets("g", [{ topic: "t", partition: 2 }]);
      assert.deepEqual(forgotten, [{ topic: "t", partition: 2, error: null }]);
      await using again = weir.consumer({
        group: "g",
        topics: ["t"],
        from: "latest",
        until: "end",
        value: "string",
      });
      assert.equal((await Array.fromAsync(again)).length, 12);
    });
  });

  it("a static member comes back to its partitions without anybody noticing", async () => {
    await withTopic(async (weir) => {
      const options = { group: "g", topics: ["t"] };
      await using other = new Member(weir, options);
      const first = new Member(weir, { ...options, instanceId: "one" });
      await settled(weir, "g", 2, 3);
      await until(() => first.owned.length + other.owned.length === 3);
      const { owned } = first;
      await first.close();
      await using again = new Member(weir, { ...options, instanceId: "one" });
      await until(() => again.owned.length === owned.length);
      assert.deepEqual(again.owned, owned);
      assert.equal(other.told.filter((words) => words.startsWith("revoked")).length, 1);
    });
  });
});

function listen(
  stream: ReadableStream<Uint8Array>,
): { readonly lines: string[]; readonly ended: Promise<void> } {
  const lines: string[] = [];
  let rest = "";
  const read = async () => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      lines.push(...parts);
    }
  };
  return { lines, ended: read() };
}
