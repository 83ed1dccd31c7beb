/** Members of the new protocol at the Kafka door: one request by which they join, stay, report and leave. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { fault, type Reply } from "../../../src/model/mod.ts";
import { TOPIC_ID } from "../../fuzz/kafka_messages.ts";
import { ask, serve } from "./serve.ts";

const FAILED: Reply = {
  kind: "failed",
  fault: fault("COORDINATOR_NOT_AVAILABLE", "The coordinator is gone"),
};

describe("consumerGroupHeartbeat", () => {
  const partitions = [{ topicId: TOPIC_ID, partitions: [0, 2] }];
  const told: Reply = {
    kind: "consumer_heartbeat",
    fault: null,
    memberId: "m-1",
    memberEpoch: 7,
    heartbeatIntervalMs: 5_000,
    assignment: partitions,
  };

  it("submits what is said, null where nothing changed, and does not wait", () => {
    const served = serve(() => told);
    ask(served, 68, 1, { groupId: "g", memberId: "m-1", memberEpoch: 6 });
    const client = { clientId: "test", clientHost: "/127.0.0.1" };
    const unchanged = {
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: -1,
      subscribedTopics: null,
      subscribedPattern: null,
      serverAssignor: null,
      ownedPartitions: null,
    };
    const member = { group: "g", memberId: "m-1", memberEpoch: 6 };
    assert.deepEqual(served.commands, [
      { kind: "consumer_heartbeat", ...client, ...member, ...unchanged, waitMsMax: 0 },
    ]);
    ask(served, 68, 1, {
      ...{ groupId: "g", memberId: "m-1", memberEpoch: 0, rebalanceTimeoutMs: 300_000 },
      ...{ subscribedTopicNames: ["orders"], subscribedTopicRegex: "o.*", serverAssignor: "range" },
      ...{ instanceId: "i-1", rackId: "r-1", topicPartitions: partitions },
    });
    assert.deepEqual(served.commands[1], {
      kind: "consumer_heartbeat",
      ...client,
      ...member,
      memberEpoch: 0,
      instanceId: "i-1",
      rackId: "r-1",
      rebalanceTimeoutMs: 300_000,
      subscribedTopics: ["orders"],
      subscribedPattern: "o.*",
      serverAssignor: "range",
      ownedPartitions: partitions,
      waitMsMax: 0,
    });
  });

  it("gives the assignment, or null where it did not change", () => {
    const body = { groupId: "g", memberId: "m-1", memberEpoch: 6 };
    assert.deepEqual(ask(serve(() => told), 68, 0, body), {
      throttleTimeMs: 0,
      errorCode: 0,
      errorMessage: null,
      memberId: "m-1",
      memberEpoch: 7,
      heartbeatIntervalMs: 5_000,
      assignment: { topicPartitions: partitions },
    });
    assert.equal(ask(serve(() => ({ ...told, assignment: null })), 68, 1, body).assignment, null);
    const nothing = ask(serve(() => ({ ...told, assignment: [] })), 68, 1, body);
    assert.deepEqual(nothing.assignment, { topicPartitions: [] });
  });

  it("says what is wrong in words, and nothing of the member", () => {
    const fenced: Reply = {
      ...told,
      fault: fault("FENCED_MEMBER_EPOCH", "Epoch 6 is not 7"),
      assignment: null,
    };
    const answer = ask(serve(() => fenced), 68, 1, { groupId: "g", memberId: "m-1", memberEpoch: 6 });
    const { errorCode, errorMessage, memberId, memberEpoch } = answer;
    assert.deepEqual([errorCode, errorMessage, memberId, memberEpoch], [110, "Epoch 6 is not 7", null, 0]);
    assert.equal(
      ask(serve(() => FAILED), 68, 0, { groupId: "g", memberId: "", memberEpoch: 0 }).errorCode,
      15,
    );
  });

  it("gives members their ids in version 0 alone", () => {
    const served = serve(() => told);
    const body = { groupId: "g", memberId: "", memberEpoch: 0 };
    assert.equal(ask(served, 68, 1, body).errorCode, 42);
    assert.equal(served.commands.length, 0);
    assert.equal(ask(served, 68, 0, body).memberId, "m-1");
  });
});
