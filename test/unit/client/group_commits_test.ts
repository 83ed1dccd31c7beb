import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { connect, type WeirError } from "weir";
import { pause } from "./deeds.ts";
import { FakeBroker } from "./fake_broker.ts";
import {
  committed,
  fill,
  listener,
  type Member,
  numbers,
  type Options,
  share,
  t,
  take,
  until,
  withMember,
} from "./group_member.ts";

function isCode(code: string): (error: WeirError) => boolean {
  return (error) => error.code === code;
}

describe("Commits of a consumer", () => {
  it("begins where the group has committed, otherwise where from says", async () => {
    await using broker = new FakeBroker({ t: 2 });
    for (const partition of [0, 1]) fill(broker, partition, 0, 10);
    broker.groups.committed.set("t/0", { offset: 7, leaderEpoch: -1, metadata: "" });
    broker.groups.assign(share(0, 1));
    await using weir = await connect(broker.address);
    await using member = weir.consumer({ group: "g", topics: ["t"], until: "end", value: "string" });
    assert.deepEqual(await Array.fromAsync(member, ({ value }) => value), numbers(0, 7, 10));
  });

  it("begins with latest at the end of what was there, and at the start of what was made since", async () => {
    await withMember({ from: "latest" }, async (member, broker) => {
      await member.ready();
      broker.addTopic("t", 4);
      fill(broker, 3, 0, 10);
      broker.groups.assign(share(0, 2, 3));
      await until(() => member.assignments.length === 3);
      assert.deepEqual(await take(member, 10), numbers(3, 0, 10));
      fill(broker, 2, 10, 1);
      assert.deepEqual(await take(member, 1), ["2:10"]);
    });
  });

  it("waits to give back what the application is busy with, and commits it first", async () => {
    const told: string[] = [];
    await withMember({ ...listener(told), topics: ["t"] }, async (member, broker) => {
      const loop = member.records();
      const { value: first } = await loop.next();
      const { partition } = first!;
      broker.groups.assign(share(1 - partition));
      await pause(30);
      assert.deepEqual(told, ["assigned 0,1"]);
      await member.commit(first!);
      const { value: second } = await loop.next();
      assert.equal(second!.partition, 1 - partition);
      await until(() => told.length === 2);
      assert.deepEqual([told[1], committed(broker, partition)], [`revoked ${partition}`, 1]);
      await assert.rejects(member.commit(first!), isCode("NOT_ASSIGNED"));
    });
  });

  it("onRevoked may commit, and the heartbeat that gives back comes after it; heartbeats go on meanwhile", async () => {
    let owned: unknown;
    const options: Options = {
      autoCommit: false,
      async onRevoked(partitions) {
        await pause(40);
        owned = held?.groups.member.owned;
        await consumer!.commit(partitions.map((where) => ({ ...where, offset: 5, metadata: "bye" })));
      },
    };
    let held: FakeBroker | null = null;
    let consumer: Member | null = null;
    await withMember(options, async (member, broker) => {
      [held, consumer] = [broker, member];
      broker.groups.heartbeatIntervalMs = 10;
      await member.ready();
      await until(() => broker.groups.member.owned.length > 0);
      broker.groups.assign(share(1));
      await until(() => broker.groups.member.owned[0]!.partitions.length === 1);
      assert.deepEqual(owned, share(0, 1));
      assert.deepEqual(broker.groups.committed.get("t/0"), { offset: 5, leaderEpoch: -1, metadata: "bye" });
      assert.ok(broker.groups.heartbeats.filter(({ waitMsMax }) => waitMsMax === 0).length > 2);
    });
  });

  it("commits by the clock what the application is done with, the record in hand not", async () => {
    await withMember({ autoCommitIntervalMs: 5, topics: ["t"] }, async (member, broker) => {
      broker.groups.assign(share(0));
      const loop = member.records();
      for (let count = 0; count < 3; count++) await loop.next();
      await until(() => committed(broker, 0) === 2);
      await pause(20);
      assert.equal(committed(broker, 0), 2);
      await loop.return!();
      await until(() => committed(broker, 0) === 3);
    });
  });

  it("commits at close what was read, and leaves", async () => {
    await using broker = new FakeBroker({ t: 1 });
    fill(broker, 0, 0, 10);
    broker.groups.assign(share(0));
    await using weir = await connect(broker.address);
    for (const [manual, expected] of [[false, 4], [true, 4]] as const) {
      const member = weir.consumer({
        group: "g",
        topics: ["t"],
        from: "earliest",
        value: "string",
        autoCommit: !manual,
      });
      await take(member, 4);
      await member.close();
      assert.equal(committed(broker, 0), expected);
      assert.equal(broker.groups.heartbeats.at(-1)!.epoch, -1);
      assert.equal(broker.groups.member.epoch, 0);
    }
  });

  it("close waits for commits under way before it leaves", async () => {
    await withMember({ autoCommit: false }, async (member, broker) => {
      await take(member, 3);
      broker.script = ({ k }) => k === "commit_offsets" ? pause(30).then(() => undefined) : undefined;
      const under = member.commit();
      await Promise.all([under, member.close()]);
      assert.equal((committed(broker, 0) ?? 0) + (committed(broker, 1) ?? 0), 3);
      assert.equal(broker.requests.at(-1)!.epoch, -1);
    });
  });

  it("commit takes a record, a batch, offsets, or nothing for all that was handed out", async () => {
    await withMember({ autoCommit: false }, async (member, broker) => {
      broker.groups.assign(share(0));
      await until(() => member.assignments.length === 1);
      for await (const record of member) {
        await member.commit(record);
        break;
      }
      assert.equal(committed(broker, 0), 1);
      for await (const batch of member.batches()) {
        await member.commit(batch);
        break;
      }
      assert.equal(committed(broker, 0), 10);
      await member.commit({ ...t(0), offset: 3, metadata: "back" });
      assert.deepEqual(await member.committed(), [{ ...t(0), offset: 3, leaderEpoch: -1, metadata: "back" }]);
      member.seek(t(0), 6);
      await take(member, 2);
      await member.commit();
      assert.equal(committed(broker, 0), 8);
      await assert.rejects(member.commit({ ...t(2), offset: 3 }), isCode("NOT_ASSIGNED"));
    });
  });

  it("commit is repeated with the epoch that has just come", async () => {
    await withMember({ autoCommit: false }, async (member, broker) => {
      await take(member, 1);
      let stale = 0;
      broker.script = ({ k, entries }) => {
        if (k !== "commit_offsets" || stale++ > 2) return undefined;
        const e = { code: "STALE_MEMBER_EPOCH", message: "as the test wants", retriable: false };
        return { reply: { entries: entries.map((entry: object) => ({ ...entry, e })) } };
      };
      await member.commit();
      assert.equal(stale, 4);
    });
  });

  it("reads assignments from the group's offsets, and commits, without being a member", async () => {
    await using broker = new FakeBroker({ t: 2 });
    fill(broker, 0, 0, 10);
    broker.groups.committed.set("t/0", { offset: 6, leaderEpoch: -1, metadata: "" });
    await using weir = await connect(broker.address);
    await using consumer = weir.consumer({ group: "g", assignments: [t(0)], value: "string", until: "end" });
    assert.deepEqual(await Array.fromAsync(consumer, ({ value }) => value), numbers(0, 6, 10));
    await consumer.close();
    assert.equal(committed(broker, 0), 10);
    assert.deepEqual(broker.groups.heartbeats, []);
    await assert.rejects(consumer.unsubscribe(), /must have a group it is a member of/);
  });
});
