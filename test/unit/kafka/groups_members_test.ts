/** Members of classic groups at the Kafka door: joining, syncing, staying, leaving. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Message } from "../../../src/bytes/mod.ts";
import { type Command, fault, type GroupJoinedReply, type Reply } from "../../../src/model/mod.ts";
import { ask, serve } from "./serve.ts";

const FAILED: Reply = {
  kind: "failed",
  fault: fault("COORDINATOR_NOT_AVAILABLE", "The coordinator is gone"),
};
const UNKNOWN_MEMBER = fault("UNKNOWN_MEMBER_ID", 'Member "m" is not in the group');
const METADATA = new Uint8Array([0, 1, 2]);
const JOINED: GroupJoinedReply = {
  kind: "group_joined",
  fault: null,
  generation: 4,
  protocolType: "consumer",
  protocol: "range",
  leader: "m-1",
  memberId: "m-1",
  skipAssignment: true,
  members: [{ memberId: "m-1", instanceId: "i-1", metadata: METADATA }],
};

const join = (fields: Message = {}): Message => ({
  groupId: "g",
  sessionTimeoutMs: 10_000,
  memberId: "",
  protocolType: "consumer",
  protocols: [{ name: "range", metadata: METADATA }],
  ...fields,
});

describe("joinGroup", () => {
  it("submits who asks, from where, and what it offers", () => {
    const served = serve(() => JOINED);
    ask(served, 11, 9, join({ rebalanceTimeoutMs: 60_000, groupInstanceId: "i-1", reason: "why" }));
    assert.deepEqual(served.commands, [{
      kind: "join_group",
      clientId: "test",
      clientHost: "/127.0.0.1",
      group: "g",
      memberId: "",
      instanceId: "i-1",
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: METADATA }],
      needsMemberId: true,
      knowsSkipAssignment: true,
      reason: "why",
    }]);
  });

  it("copies the metadata, for the frame it came in is gone by the time it is used", () => {
    const served = serve(() => JOINED);
    ask(served, 11, 0, join());
    const [command] = served.commands as Extract<Command, { kind: "join_group" }>[];
    assert.equal(command!.protocols[0]!.metadata.buffer.byteLength, METADATA.length);
  });

  it("takes the session's timeout for the rebalance's in version 0, and knows what old clients do not", () => {
    const flags = [0, 3, 4, 8, 9].map((version) => {
      const served = serve(() => JOINED);
      ask(served, 11, version, join(version === 0 ? {} : { rebalanceTimeoutMs: 60_000 }));
      const [command] = served.commands as Extract<Command, { kind: "join_group" }>[];
      return [command!.rebalanceTimeoutMs, command!.needsMemberId, command!.knowsSkipAssignment];
    });
    assert.deepEqual(flags, [
      [10_000, false, false],
      [60_000, false, false],
      [60_000, true, false],
      [60_000, true, false],
      [60_000, true, true],
    ]);
  });

  it("gives the leader its members", () => {
    assert.deepEqual(ask(serve(() => JOINED), 11, 9, join({ rebalanceTimeoutMs: 1 })), {
      throttleTimeMs: 0,
      errorCode: 0,
      generationId: 4,
      protocolType: "consumer",
      protocolName: "range",
      leader: "m-1",
      skipAssignment: true,
      memberId: "m-1",
      members: [{ memberId: "m-1", groupInstanceId: "i-1", metadata: METADATA }],
    });
  });

  it("tells the member id with an error, and no protocol: null from version 7 on, else empty", () => {
    const sentBack: Reply = {
      ...JOINED,
      fault: fault("MEMBER_ID_REQUIRED", "Join again with the member id given"),
      generation: -1,
      protocolType: null,
      protocol: null,
      leader: "",
      skipAssignment: false,
      members: [],
    };
    for (const [version, protocolName] of [[4, ""], [6, ""], [7, null], [9, null]] as const) {
      const answer = ask(serve(() => sentBack), 11, version, join({ rebalanceTimeoutMs: 1 }));
      assert.deepEqual(
        [answer.errorCode, answer.memberId, answer.generationId, answer.protocolName],
        [79, "m-1", -1, protocolName],
      );
    }
  });

  it("tells the member's own id when the coordinator is gone", () => {
    for (const [version, protocolName] of [[5, ""], [9, null]] as const) {
      const answer = ask(serve(() => FAILED), 11, version, join({ memberId: "mine", rebalanceTimeoutMs: 1 }));
      assert.deepEqual(
        [answer.errorCode, answer.memberId, answer.generationId, answer.protocolName],
        [15, "mine", -1, protocolName],
      );
    }
  });
});

describe("syncGroup", () => {
  const sync = (fields: Message = {}): Message => ({
    groupId: "g",
    generationId: 4,
    memberId: "m-1",
    assignments: [{ memberId: "m-1", assignment: METADATA }],
    ...fields,
  });
  const SYNCED: Reply = {
    kind: "group_synced",
    fault: null,
    protocolType: "consumer",
    protocol: "range",
    assignment: METADATA,
  };

  it("hands in the leader's assignment, copied, and gives the member's", () => {
    const served = serve(() => SYNCED);
    const answer = ask(served, 14, 5, sync({ protocolType: "consumer", protocolName: "range" }));
    assert.deepEqual(served.commands, [{
      kind: "sync_group",
      group: "g",
      generation: 4,
      memberId: "m-1",
      instanceId: null,
      protocolType: "consumer",
      protocol: "range",
      assignments: [{ memberId: "m-1", assignment: METADATA }],
    }]);
    const [command] = served.commands as Extract<Command, { kind: "sync_group" }>[];
    assert.equal(command!.assignments[0]!.assignment.buffer.byteLength, METADATA.length);
    const { errorCode, protocolType, protocolName, assignment } = answer;
    assert.deepEqual([errorCode, protocolType, protocolName, assignment], [0, "consumer", "range", METADATA]);
  });

  it("refuses a member that does not say its protocol from version 5 on, and not before", () => {
    for (const fields of [{}, { protocolType: "consumer" }, { protocolName: "range" }]) {
      const answer = ask(serve(() => SYNCED), 14, 5, sync(fields));
      assert.deepEqual([answer.errorCode, answer.assignment], [23, new Uint8Array(0)]);
    }
    assert.equal(ask(serve(() => SYNCED), 14, 4, sync()).errorCode, 0);
  });

  it("says why it failed, the coordinator's fault or the command's", () => {
    const faulty: Reply = { ...SYNCED, fault: UNKNOWN_MEMBER, assignment: new Uint8Array(0) };
    assert.equal(ask(serve(() => faulty), 14, 0, sync()).errorCode, 25);
    assert.equal(ask(serve(() => FAILED), 14, 3, sync()).errorCode, 15);
  });
});

describe("heartbeat", () => {
  const body = { groupId: "g", generationId: 4, memberId: "m-1" };

  it("submits generation, member and instance", () => {
    const served = serve(() => ({ kind: "group_heartbeat", fault: null }));
    assert.equal(ask(served, 12, 3, { ...body, groupInstanceId: "i-1" }).errorCode, 0);
    assert.deepEqual(served.commands, [
      { kind: "heartbeat_group", group: "g", generation: 4, memberId: "m-1", instanceId: "i-1" },
    ]);
  });

  it("says that the group rebalances, or that the coordinator is gone", () => {
    const rebalances = fault("REBALANCE_IN_PROGRESS", "The group rebalances");
    assert.equal(
      ask(serve(() => ({ kind: "group_heartbeat", fault: rebalances })), 12, 0, body).errorCode,
      27,
    );
    assert.equal(ask(serve(() => FAILED), 12, 4, body).errorCode, 15);
  });
});

describe("leaveGroup", () => {
  const left = (failed: typeof UNKNOWN_MEMBER | null): Reply => ({
    kind: "group_left",
    fault: null,
    members: [
      { memberId: "m-1", instanceId: null, fault: null },
      { memberId: "", instanceId: "i-1", fault: failed },
    ],
  });

  it("lets several leave together, each with its own error, from version 3 on", () => {
    const served = serve(() => left(UNKNOWN_MEMBER));
    const members = [{ memberId: "m-1" }, { memberId: "", groupInstanceId: "i-1", reason: "tired" }];
    const answer = ask(served, 13, 5, { groupId: "g", members });
    assert.deepEqual(served.commands, [{
      kind: "leave_group",
      group: "g",
      members: [{ memberId: "m-1", instanceId: null }, { memberId: "", instanceId: "i-1" }],
    }]);
    assert.equal(answer.errorCode, 0);
    assert.deepEqual(answer.members, [
      { memberId: "m-1", groupInstanceId: null, errorCode: 0 },
      { memberId: "", groupInstanceId: "i-1", errorCode: 25 },
    ]);
  });

  it("makes the one member's error the answer's before version 3", () => {
    const served = serve(() => ({
      kind: "group_left",
      fault: null,
      members: [{ memberId: "m", instanceId: null, fault: UNKNOWN_MEMBER }],
    }));
    assert.equal(ask(served, 13, 2, { groupId: "g", memberId: "m" }).errorCode, 25);
    assert.deepEqual(served.commands, [
      { kind: "leave_group", group: "g", members: [{ memberId: "m", instanceId: null }] },
    ]);
  });

  it("says what is wrong with the group, in every version", () => {
    const invalid: Reply = {
      kind: "group_left",
      fault: fault("INVALID_GROUP_ID", 'Group "" has no name'),
      members: [],
    };
    for (const version of [0, 3, 5]) {
      const body = version < 3 ? { groupId: "", memberId: "m" } : { groupId: "", members: [] };
      assert.equal(ask(serve(() => invalid), 13, version, body).errorCode, 24);
      assert.equal(ask(serve(() => FAILED), 13, version, body).errorCode, 15);
    }
  });
});
