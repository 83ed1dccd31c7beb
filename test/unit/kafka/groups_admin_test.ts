/** What an operator asks of groups at the Kafka door: described, listed, deleted; and the feature that tells of them. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Message } from "../../../src/bytes/mod.ts";
import { type Command, fault, type GroupDescription, type Reply } from "../../../src/model/mod.ts";
import { AdminSession, ORDERS_ID } from "./admin_session.ts";
import { ask, serve } from "./serve.ts";

const FAILED: Reply = {
  kind: "failed",
  fault: fault("COORDINATOR_NOT_AVAILABLE", "The coordinator is gone"),
};
const UNSAID = -2_147_483_648;
/** READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS by their numbers. */
const OPERATIONS = [3, 6, 8, 10, 11].reduce((bits, operation) => bits | 1 << operation, 0);
const BYTES = new Uint8Array([7]);
const CLIENT = { clientId: "c", clientHost: "/127.0.0.1" };

const CLASSIC: GroupDescription = {
  type: "Classic",
  group: "classic",
  fault: null,
  state: "Stable",
  protocolType: "consumer",
  protocol: "range",
  generation: 3,
  members: [{ memberId: "m-1", instanceId: "i-1", ...CLIENT, metadata: BYTES, assignment: BYTES }],
};
const CONSUMER: GroupDescription = {
  type: "Consumer",
  group: "consumer",
  fault: null,
  state: "Reconciling",
  groupEpoch: 5,
  assignmentEpoch: 4,
  assignor: "uniform",
  members: [{
    memberId: "m-2",
    instanceId: null,
    rackId: "r",
    memberEpoch: 4,
    ...CLIENT,
    subscribedTopics: ["orders"],
    subscribedPattern: "o.*",
    assignment: [{ topicId: ORDERS_ID, partitions: [0] }],
    targetAssignment: [
      { topicId: "AAAAAAAAAAAAAAAAAAAAAg", partitions: [0] },
      { topicId: ORDERS_ID, partitions: [0, 1] },
    ],
    isClassic: true,
  }],
};
const DEAD: GroupDescription = {
  type: "Classic",
  group: "dead",
  fault: fault("GROUP_ID_NOT_FOUND", 'There is no group "dead"'),
  state: "Dead",
  protocolType: "",
  protocol: "",
  generation: -1,
  members: [],
};
const DESCRIBED: Reply = { kind: "groups_described", groups: [CLASSIC, CONSUMER, DEAD] };
const NAMES = ["classic", "consumer", "dead"];
const groupsOf = (answer: Message) => answer.groups as Message[];

describe("describeGroups", () => {
  it("describes classic groups with their members", () => {
    const session = new AdminSession(() => DESCRIBED);
    const [group] = groupsOf(session.ask(15, 6, { groups: NAMES, includeAuthorizedOperations: true }));
    assert.deepEqual(session.commands, [{ kind: "describe_groups", groups: NAMES }]);
    assert.deepEqual(group, {
      errorCode: 0,
      errorMessage: null,
      groupId: "classic",
      groupState: "Stable",
      protocolType: "consumer",
      protocolData: "range",
      members: [{
        memberId: "m-1",
        groupInstanceId: "i-1",
        ...CLIENT,
        memberMetadata: BYTES,
        memberAssignment: BYTES,
      }],
      authorizedOperations: OPERATIONS,
    });
  });

  it("tells groups of the new protocol and groups that are not there as dead, in words from version 6 on", () => {
    const shown = (version: number) =>
      groupsOf(new AdminSession(() => DESCRIBED).ask(15, version, { groups: NAMES })).map((group) => {
        const { errorCode, errorMessage, groupState, members } = group;
        return [errorCode, errorMessage, groupState, (members as Message[]).length];
      });
    assert.deepEqual(shown(6), [
      [0, null, "Stable", 1],
      [69, 'Group "consumer" is not a classic group', "Dead", 0],
      [69, 'There is no group "dead"', "Dead", 0],
    ]);
    for (const version of [0, 5]) {
      assert.deepEqual(shown(version), [[0, null, "Stable", 1], [0, null, "Dead", 0], [0, null, "Dead", 0]]);
    }
  });

  it("says what may be done with a group on demand, and not of one that is not described", () => {
    const operations = (version: number, isAsked: boolean) => {
      const session = new AdminSession(() => DESCRIBED);
      const body = { groups: NAMES, includeAuthorizedOperations: isAsked };
      return groupsOf(session.ask(15, version, body)).map(({ authorizedOperations }) => authorizedOperations);
    };
    assert.deepEqual(operations(3, false), [UNSAID, UNSAID, UNSAID]);
    assert.deepEqual(operations(6, true), [OPERATIONS, UNSAID, UNSAID]);
  });

  it("says of every group when the coordinator is gone", () => {
    const answer = new AdminSession(() => FAILED).ask(15, 0, { groups: NAMES });
    assert.deepEqual(groupsOf(answer).map(({ groupId, errorCode }) => [groupId, errorCode]), [
      ["classic", 15],
      ["consumer", 15],
      ["dead", 15],
    ]);
  });
});

describe("consumerGroupDescribe", () => {
  it("describes groups of the new protocol, without topics that are gone", () => {
    const session = new AdminSession(() => DESCRIBED);
    const answer = session.ask(69, 1, { groupIds: NAMES, includeAuthorizedOperations: true });
    assert.deepEqual(groupsOf(answer)[1], {
      errorCode: 0,
      errorMessage: null,
      groupId: "consumer",
      groupState: "Reconciling",
      groupEpoch: 5,
      assignmentEpoch: 4,
      assignorName: "uniform",
      members: [{
        memberId: "m-2",
        instanceId: null,
        rackId: "r",
        memberEpoch: 4,
        ...CLIENT,
        subscribedTopicNames: ["orders"],
        subscribedTopicRegex: "o.*",
        assignment: { topicPartitions: [{ topicId: ORDERS_ID, topicName: "orders", partitions: [0] }] },
        targetAssignment: {
          topicPartitions: [{ topicId: ORDERS_ID, topicName: "orders", partitions: [0, 1] }],
        },
        memberType: 0,
      }],
      authorizedOperations: OPERATIONS,
    });
  });

  it("finds neither classic groups nor those that are not there", () => {
    const answer = new AdminSession(() => DESCRIBED).ask(69, 0, { groupIds: NAMES });
    const shown = groupsOf(answer).map(({ groupId, errorCode, errorMessage, authorizedOperations }) => {
      return [groupId, errorCode, errorMessage, authorizedOperations];
    });
    assert.deepEqual(shown, [
      ["classic", 69, 'Group "classic" is not a consumer group', UNSAID],
      ["consumer", 0, null, UNSAID],
      ["dead", 69, 'There is no group "dead"', UNSAID],
    ]);
    const failed = new AdminSession(() => FAILED).ask(69, 0, { groupIds: NAMES });
    assert.deepEqual(groupsOf(failed).map(({ errorCode }) => errorCode), [15, 15, 15]);
  });
});

describe("listGroups", () => {
  const listed: Reply = {
    kind: "groups_listed",
    groups: [{ group: "g", type: "Consumer", state: "Stable", protocolType: "consumer" }],
  };

  it("submits both filters and tells states and types to those who know of them", () => {
    const session = new AdminSession(() => listed);
    const full = session.ask(16, 5, { statesFilter: ["stable"], typesFilter: ["Consumer"] });
    assert.deepEqual(session.commands, [{ kind: "list_groups", states: ["stable"], types: ["Consumer"] }]);
    const group = { groupId: "g", protocolType: "consumer", groupState: "Stable", groupType: "Consumer" };
    assert.deepEqual(groupsOf(full), [group]);
    assert.deepEqual(groupsOf(session.ask(16, 4, {})), [{ ...group, groupType: "" }]);
    assert.deepEqual(groupsOf(session.ask(16, 0, {})), [{ ...group, groupState: "", groupType: "" }]);
  });

  it("says when the coordinator is gone", () => {
    const answer = new AdminSession(() => FAILED).ask(16, 5, {});
    assert.deepEqual([answer.errorCode, answer.groups], [15, []]);
  });
});

describe("deleteGroups", () => {
  it("answers each group once, whatever it is named", () => {
    const session = new AdminSession((command) => ({
      kind: "groups_deleted",
      groups: (command as Extract<Command, { kind: "delete_groups" }>).groups.map((group) => {
        return { group, fault: group === "busy" ? fault("NON_EMPTY_GROUP", "Members") : null };
      }),
    }));
    const answer = session.ask(42, 2, { groupsNames: ["g", "busy", "g"] });
    assert.deepEqual(answer.results, [{ groupId: "g", errorCode: 0 }, { groupId: "busy", errorCode: 68 }]);
    const failed = new AdminSession(() => FAILED).ask(42, 0, { groupsNames: ["g"] });
    assert.deepEqual(failed.results, [{ groupId: "g", errorCode: 15 }]);
  });
});

describe("apiVersions", () => {
  it("tells by group.version that the new protocol is on; what is supported at level 0 only from version 4 on", () => {
    const names = (version: number) => {
      const served = serve(() => assert.fail("no command was expected"));
      const body = { clientSoftwareName: "a", clientSoftwareVersion: "1" };
      const answer = ask(served, 18, version, body);
      const supported = answer.supportedFeatures as Message[];
      const finalized = (answer.finalizedFeatures as Message[]).find(({ name }) => name === "group.version");
      return [supported.map(({ name }) => name), finalized!.maxVersionLevel];
    };
    assert.deepEqual(names(3), [["metadata.version"], 1]);
    assert.deepEqual(names(4), [["metadata.version", "group.version"], 1]);
  });
});
