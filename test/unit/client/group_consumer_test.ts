import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Consumer, TopicPartition, WeirError } from "weir";
import { pause } from "./deeds.ts";
import {
  committed,
  listener,
  type Member,
  numbers,
  share,
  t,
  take,
  until,
  withMember,
} from "./group_member.ts";

function isCode(code: string): (error: WeirError) => boolean {
  return (error) => error.code === code;
}

describe("Consumer in a group", () => {
  it("joins with all it has to tell, reads what it is dealt, and reports that", async () => {
    const told: string[] = [];
    const options = { ...listener(told), instanceId: "i", rackId: "r", assignor: "range", pattern: /t.*/ };
    await withMember(options, async (member, broker) => {
      await member.ready();
      assert.deepEqual(member.assignments, [t(0), t(1)]);
      const values = await take(member, 20);
      assert.deepEqual(values.filter((value) => value.startsWith("1")), numbers(1, 0, 10));
      const [join, next] = broker.groups.heartbeats;
      const { c: _, ...rest } = join!;
      assert.deepEqual(rest, {
        k: "group_heartbeat",
        group: "g",
        member: member.memberId,
        epoch: 0,
        instance: "i",
        rack: "r",
        assignor: "range",
        rebalanceTimeoutMs: 300_000,
        topics: ["t"],
        pattern: "t.*",
        owned: [],
        waitMsMax: 0,
      });
      assert.deepEqual([next!.epoch, next!.topics, next!.owned], [1, undefined, share(0, 1)]);
      assert.deepEqual(told, ["assigned 0,1"]);
    });
    assert.deepEqual(told, ["assigned 0,1", "revoked 0,1"]);
  });

  it("gives back only what goes, and hands out nothing more of that", async () => {
    const told: string[] = [];
    await withMember(listener(told), async (member, broker) => {
      await take(member, 2);
      broker.groups.assign(share(1, 2));
      await until(() => told.includes("assigned 2"));
      assert.deepEqual(told, ["assigned 0,1", "revoked 0", "assigned 2"]);
      const rest = await take(member, 18);
      assert.ok(rest.every((value) => !value.startsWith("0")), rest.join());
      await until(() => broker.groups.member.owned[0]?.partitions.join() === "1,2");
      const owned = broker.groups.heartbeats.flatMap(({ owned }) => owned?.[0]?.partitions.join() ?? []);
      assert.deepEqual(owned, ["0,1", "1,2"]);
    });
  });

  it("hands out nothing of what goes while the application is told, and the rest all the same", async () => {
    const during: string[] = [];
    const onRevoked = async (partitions: readonly TopicPartition[], consumer: Consumer) => {
      if (partitions.length === 1) during.push(...await take(consumer as Member, 9));
    };
    await withMember({ onRevoked }, async (member, broker) => {
      await take(member, 1);
      broker.groups.assign(share(1));
      await until(() => during.length === 9);
      assert.ok(during.every((value) => value.startsWith("1")), during.join());
    });
  });

  it("drops everything when it is fenced, says so, and joins again", async () => {
    for (const code of ["FENCED_MEMBER_EPOCH", "UNKNOWN_MEMBER_ID"]) {
      const told: string[] = [];
      await withMember(listener(told), async (member, broker) => {
        await take(member, 3);
        broker.groups.refusal = { code };
        broker.groups.wake();
        await until(() => told.length === 3);
        assert.deepEqual(told, ["assigned 0,1", "lost 0,1", "assigned 0,1"]);
        const joins = broker.groups.heartbeats.filter(({ epoch }) => epoch === 0);
        assert.deepEqual(joins.map(({ owned }) => owned), [[], []]);
      });
    }
  });

  it("tells everything again after a lost answer, and keeps what it has", async () => {
    const told: string[] = [];
    await withMember(listener(told), async (member, broker) => {
      await member.ready();
      await until(() => broker.groups.heartbeats.length === 2);
      broker.cut();
      await until(() => broker.groups.heartbeats.length >= 3);
      const { epoch, topics, owned } = broker.groups.heartbeats[2]!;
      assert.deepEqual({ epoch, topics, owned }, { epoch: 1, topics: ["t"], owned: share(0, 1) });
      assert.deepEqual(told, ["assigned 0,1"]);
    });
  });

  it("ends with a fault that joining again cannot mend", async () => {
    await withMember({}, async (member, broker) => {
      await member.ready();
      broker.groups.refusal = { code: "FENCED_INSTANCE_ID" };
      broker.groups.wake();
      await assert.rejects(take(member, 100), isCode("FENCED_INSTANCE_ID"));
      assert.deepEqual(member.assignments, []);
    });
  });

  it("ends with what a callback throws", async () => {
    const onAssigned = () => Promise.reject(new Error("no room"));
    await withMember({ onAssigned }, async (member) => {
      await assert.rejects(take(member, 1), /onAssigned failed: no room/);
    });
  });

  it("subscribe and unsubscribe change what it reads while it runs", async () => {
    const told: string[] = [];
    await withMember(listener(told), async (member, broker) => {
      await take(member, 5);
      await member.unsubscribe();
      assert.deepEqual(member.assignments, []);
      await until(() => broker.groups.member.epoch === 0);
      const count = broker.groups.heartbeats.length;
      await pause(20);
      assert.equal(broker.groups.heartbeats.length, count);
      await member.subscribe({ pattern: "t.*" });
      await until(() => told.length === 3);
      const { epoch, topics, pattern } = broker.groups.heartbeats[count]!;
      assert.deepEqual({ epoch, topics, pattern }, { epoch: 0, topics: [], pattern: "t.*" });
      await member.subscribe({ topics: ["u"] });
      await until(() => broker.groups.heartbeats.some(({ topics }) => topics?.[0] === "u"));
      assert.deepEqual(told, ["assigned 0,1", "revoked 0,1", "assigned 0,1"]);
    });
  });

  it("leaves when the application stays away for too long, and comes back with it", async () => {
    const told: string[] = [];
    await withMember({ ...listener(told), maxPollIntervalMs: 50 }, async (member, broker) => {
      await take(member, 1);
      await until(() => told.includes("lost 0,1"));
      await until(() => broker.groups.heartbeats.at(-1)!.epoch === -1);
      assert.deepEqual(member.assignments, []);
      await take(member, 1);
      assert.deepEqual(told.slice(0, 3), ["assigned 0,1", "lost 0,1", "assigned 0,1"]);
    });
  });

  it("its signal ends it, with a farewell to the group", async () => {
    const controller = new AbortController();
    await withMember({ signal: controller.signal }, async (member, broker) => {
      const loop = take(member, 1_000);
      await until(() => broker.groups.member.owned.length > 0);
      controller.abort();
      await assert.rejects(loop, isCode("ABORTED"));
      await member.close();
      assert.equal(broker.groups.heartbeats.at(-1)!.epoch, -1);
    });
  });

  it("can be closed or unsubscribed with a record in hand, which then is not committed", async () => {
    for (const act of ["close", "unsubscribe"] as const) {
      await withMember({}, async (member, broker) => {
        broker.groups.assign(share(0));
        for await (const record of member) {
          if (record.value === "0:2") break;
        }
        for await (const _ of member) {
          await member[act]();
          break;
        }
        assert.deepEqual([committed(broker, 0), member.assignments], [3, []]);
        if (act === "close") assert.deepEqual(await take(member, 1), []);
      });
    }
  });
});
