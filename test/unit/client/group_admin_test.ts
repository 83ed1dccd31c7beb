import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { connect, type ResetTarget, type Weir, type WeirError } from "weir";
import { encodeBatch } from "../../../src/record/mod.ts";
import type { WireGroup } from "../../../src/native/mod.ts";
import { FakeBroker } from "./fake_broker.ts";

const coordinator = { node: 1, host: "127.0.0.1", port: 9_292 };
const someone = { instanceId: null, clientId: "c", clientHost: "/127.0.0.1" };
/** Version 1, one topic "t" with partitions 0 and 2, no user data. */
const ASSIGNMENT = Uint8Array.from([
  0,
  1,
  0,
  0,
  0,
  1,
  0,
  1,
  116,
  0,
  0,
  0,
  2,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  2,
  255,
  255,
  255,
  255,
]);
/** Version 0, topics "t" and "u", no user data. */
const SUBSCRIPTION = Uint8Array.from([0, 0, 0, 0, 0, 2, 0, 1, 116, 0, 1, 117, 255, 255, 255, 255]);

const CLASSIC: WireGroup = {
  type: "Classic",
  group: "g",
  state: "Stable",
  coordinator,
  protocolType: "consumer",
  protocol: "range",
  generation: 3,
  members: [
    { ...someone, memberId: "one", metadata: SUBSCRIPTION, assignment: ASSIGNMENT },
    { ...someone, memberId: "two", metadata: Uint8Array.of(9), assignment: new Uint8Array(0) },
  ],
};
const t = (partition: number) => ({ topic: "t", partition });

async function withAdmin(
  topics: Record<string, number>,
  body: (admin: Weir["admin"], broker: FakeBroker) => Promise<void>,
): Promise<void> {
  await using broker = new FakeBroker(topics);
  await using weir = await connect(broker.address, { retryBackoffMs: 1, retryBackoffMsMax: 5 });
  await body(weir.admin, broker);
}

/** A batch of records with times `from`, `from + 1`, ... */
function fill(broker: FakeBroker, partition: number, from: number, count: number): void {
  const records = Array.from({ length: count }, (_, index) => ({ timestamp: from + index, value: "v" }));
  broker.append("t", partition, encodeBatch(records));
}

function isCode(code: string): (error: WeirError) => boolean {
  return (error) => error.code === code;
}

describe("GroupAdmin", () => {
  it("describeGroup reads what classic members keep in their bytes, and nothing from bytes that are none", async () => {
    await withAdmin({}, async (admin, broker) => {
      broker.groups.described.set("g", CLASSIC);
      const { members, epoch, assignor, state } = await admin.describeGroup("g");
      assert.deepEqual([epoch, assignor, state], [3, "range", "Stable"]);
      assert.deepEqual(members[0]!.assignment, [t(0), t(2)]);
      assert.deepEqual(members[0]!.subscribedTopics, ["t", "u"]);
      assert.deepEqual([members[1]!.assignment, members[1]!.subscribedTopics], [[], []]);
      await assert.rejects(admin.describeGroup("gone"), isCode("GROUP_ID_NOT_FOUND"));
    });
  });

  it("describeGroup shows members of the new protocol with target and pattern", async () => {
    await withAdmin({}, async (admin, broker) => {
      const member = { ...someone, memberId: "m", rackId: null, memberEpoch: 7, isClassic: false };
      const shown = { subscribedTopics: [], subscribedPattern: "t.*", assignment: [], targetAssignment: [] };
      const target = [{ topic: "t", id: "A".repeat(22), partitions: [0, 1] }];
      broker.groups.described.set("g", {
        type: "Consumer",
        group: "g",
        state: "Reconciling",
        coordinator,
        groupEpoch: 8,
        assignmentEpoch: 7,
        assignor: "uniform",
        members: [{ ...member, ...shown, targetAssignment: target }],
      });
      const found = await admin.describeGroup("g");
      assert.deepEqual([found.epoch, found.assignmentEpoch, found.protocolType], [8, 7, "consumer"]);
      assert.deepEqual(found.members[0]!.targetAssignment, [t(0), t(1)]);
      assert.deepEqual([found.members[0]!.subscribedPattern, found.members[0]!.protocol], [
        "t.*",
        "consumer",
      ]);
    });
  });

  it("groupLag counts records and the age of the first one to go, with its owner", async () => {
    await withAdmin({ t: 5 }, async (admin, broker) => {
      broker.groups.described.set("g", CLASSIC);
      const base = Date.now() - 60_000;
      for (const partition of [0, 1]) fill(broker, partition, base, 10);
      fill(broker, 0, base + 10, 10);
      broker.logStarts.set("t/3", 5);
      fill(broker, 3, base, 10);
      const commit = (offset: number) => ({ offset, leaderEpoch: 0, metadata: "m" });
      broker.groups.committed.set("t/0", commit(14)).set("t/1", commit(10)).set("t/3", commit(2));
      broker.groups.committed.set("gone/0", commit(4));
      const lag = await admin.groupLag("g");
      assert.deepEqual(lag.map(({ topic, partition }) => `${topic}/${partition}`), [
        "gone/0",
        "t/0",
        "t/1",
        "t/2",
        "t/3",
      ]);
      assert.deepEqual(lag.map(({ committed, end, records }) => [committed, end, records]), [
        [4, -1, null],
        [14, 20, 6],
        [10, 10, 0],
        [-1, 0, null],
        [2, 15, 13],
      ]);
      assert.deepEqual(lag.map(({ owner }) => owner?.memberId), [
        undefined,
        "one",
        undefined,
        "one",
        undefined,
      ]);
      const ages = lag.map(({ behindMs }) => behindMs);
      assert.deepEqual([ages[0], ages[2], ages[3]], [null, 0, null]);
      const slackMs = Date.now() - base;
      assert.ok(
        ages[1]! <= slackMs - 14 && ages[1]! >= 59_900 && ages[4]! <= slackMs && ages[4]! > ages[1]!,
        `${ages}`,
      );
    });
  });

  it("resetGroupOffsets goes to each kind of place, within the log, and writes nothing in a dry run", async () => {
    await withAdmin({ t: 2 }, async (admin, broker) => {
      for (const partition of [0, 1]) {
        broker.logStarts.set(`t/${partition}`, 10);
        fill(broker, partition, 1_000, 10);
      }
      broker.groups.committed.set("t/0", { offset: 15, leaderEpoch: -1, metadata: "" });
      const plan = async (to: ResetTarget) => {
        const rows = await admin.resetGroupOffsets("g", { topics: ["t"], to, dryRun: true });
        return rows.map(({ offset }) => offset);
      };
      assert.deepEqual(await plan("earliest"), [10, 10]);
      assert.deepEqual(await plan("latest"), [20, 20]);
      assert.deepEqual(await plan("current"), [15, 20]);
      assert.deepEqual(await plan(3), [10, 10]);
      assert.deepEqual(await plan(17), [17, 17]);
      assert.deepEqual(await plan(new Date(1_004)), [14, 14]);
      assert.deepEqual(await plan("2099-01-01"), [20, 20]);
      await assert.rejects(plan({ shiftBy: 1 }), isCode("INVALID_ARGUMENT"));
      const shifted = await admin.resetGroupOffsets("g", {
        partitions: [t(0)],
        to: { shiftBy: -100 },
        dryRun: true,
      });
      assert.deepEqual(shifted, [{ ...t(0), before: 15, offset: 10 }]);
      assert.equal(broker.groups.committed.get("t/0")!.offset, 15);
      assert.deepEqual(await admin.resetGroupOffsets("g", { to: "earliest" }), [{
        ...t(0),
        before: 15,
        offset: 10,
      }]);
      assert.deepEqual(await admin.groupOffsets("g"), [{
        ...t(0),
        offset: 10,
        leaderEpoch: -1,
        metadata: "",
      }]);
      await assert.rejects(
        admin.resetGroupOffsets("g", { partitions: [t(7)], to: "latest" }),
        isCode("UNKNOWN_TOPIC_OR_PARTITION"),
      );
    });
  });

  it("alterGroupOffsets says that a group has members in its own words", async () => {
    await withAdmin({ t: 1 }, async (admin, broker) => {
      await admin.alterGroupOffsets("g", [{ ...t(0), offset: 3, metadata: "by hand" }]);
      assert.deepEqual(await admin.groupOffsets("g", [t(0)]), [
        { ...t(0), offset: 3, leaderEpoch: -1, metadata: "by hand" },
      ]);
      assert.deepEqual(await admin.deleteGroupOffsets("g", [t(0)]), [{ ...t(0), error: null }]);
      assert.deepEqual(await admin.groupOffsets("g"), []);
      broker.groups.member = { id: "m", epoch: 4, owned: [] };
      await assert.rejects(admin.alterGroupOffsets("g", [{ ...t(0), offset: 3 }]), isCode("NON_EMPTY_GROUP"));
    });
  });
});
