/**
 * Groups by Kafka's frames, raw, against a whole broker: a member's life in every
 * version of every request, static members, and bad input of every kind, which gets
 * Kafka's error codes and changes nothing. `KAFKA_BROKER` names a broker to be asked
 * instead (HOST:PORT): Apache Kafka answers the same.
 */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import type { Message } from "../../src/bytes/mod.ts";
import { findApi } from "../../src/kafka/registry.ts";
import { openWays } from "./drivers.ts";
import { KafkaWire } from "./wire.ts";

const [COMMIT, FETCH, JOIN, HEARTBEAT, LEAVE, SYNC, DESCRIBE, LIST] = [8, 9, 11, 12, 13, 14, 15, 16];
const [DELETE_GROUPS, HEARTBEAT_NEW, DESCRIBE_NEW] = [42, 68, 69];
const ROUNDS = 11;
/** Version 0 of a subscription to "t": version, topics, no user data. */
const SUBSCRIPTION = Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 1, 116, 255, 255, 255, 255);
const ASSIGNMENT = Uint8Array.of(0, 0, 0, 0, 0, 0, 255, 255, 255, 255);

/** A topic and a group of their own, on one connection. */
class Play {
  readonly wire: KafkaWire;
  readonly name: string;
  topicId = "";

  constructor(wire: KafkaWire, name: string) {
    this.wire = wire;
    this.name = name;
  }

  /** Asks in the version of this round, as far as the API has it. */
  async ask(key: number, round: number, body: Message): Promise<Message> {
    const [lowest, highest] = findApi(key)!.versions;
    const answer = await this.wire.ask(key, Math.min(highest, Math.max(lowest, round)), body);
    assert.ok(answer !== null, `API ${key} in round ${round} is answered`);
    return answer;
  }

  /** Joins as the only member, twice where the first answer is the member id. */
  async join(round: number, fields: Message = {}): Promise<Message> {
    const member = { memberId: "", protocolType: "consumer", groupInstanceId: null, ...fields };
    const timeouts = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000 };
    const protocols = [{ name: "range", metadata: SUBSCRIPTION }];
    const body = { groupId: this.name, ...timeouts, protocols, ...member };
    const first = await this.ask(JOIN!, round, body);
    if (first.errorCode !== 79) return first;
    return await this.ask(JOIN!, round, { ...body, memberId: first.memberId });
  }

  sync(round: number, memberId: unknown, generationId: unknown, fields: Message = {}): Promise<Message> {
    const assignments = [{ memberId, assignment: ASSIGNMENT }];
    const protocol = { protocolType: "consumer", protocolName: "range" };
    const body = { groupId: this.name, memberId, generationId, ...protocol, assignments, ...fields };
    return this.ask(SYNC!, round, body);
  }

  heartbeat(round: number, memberId: unknown, generationId: unknown, groupInstanceId: unknown = null) {
    return this.ask(HEARTBEAT!, round, { groupId: this.name, memberId, generationId, groupInstanceId });
  }

  async commit(round: number, offset: number, fields: Message = {}): Promise<unknown> {
    const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: "w" }];
    const topics = [{ name: this.name, topicId: this.topicId, partitions }];
    const answer = await this.ask(COMMIT!, round, { groupId: this.name, topics, ...fields });
    return (answer.topics as { partitions: Message[] }[])[0]!.partitions[0]!.errorCode;
  }

  async committed(round: number): Promise<unknown> {
    const topics = [{ name: this.name, topicId: this.topicId, partitionIndexes: [0] }];
    const groups = [{ groupId: this.name, topics }];
    const answer = await this.ask(FETCH!, round, { groupId: this.name, topics, groups });
    const group = (answer.groups as Message[] | undefined)?.[0] ?? answer;
    const [{ committedOffset, errorCode }] = (group.topics as { partitions: [Message] }[])[0]!
      .partitions as unknown as [Message];
    assert.equal(errorCode, 0);
    return committedOffset;
  }

  async state(): Promise<unknown> {
    const answer = await this.ask(DESCRIBE!, 5, { groups: [this.name] });
    return (answer.groups as Message[])[0]!.groupState;
  }
}

describe("groups, Kafka's frames", () => {
  let address = Deno.env.get("KAFKA_BROKER") ?? "";
  let stop = () => Promise.resolve();
  const suffix = Math.random().toString(36).slice(2, 8);
  let count = 0;
  beforeAll(async () => {
    if (address !== "") return;
    const ways = await openWays({ "group.initial.rebalance.delay.ms": "0" });
    address = ways.kafka;
    stop = async () => await ways[Symbol.asyncDispose]();
  });
  afterAll(() => stop());

  async function stage(run: (play: Play) => Promise<void>): Promise<void> {
    const wire = await KafkaWire.open(address);
    const play = new Play(wire, `frames-${suffix}-${++count}`);
    const topics = [{ name: play.name, numPartitions: 2, replicationFactor: 1 }];
    const made = await play.ask(19, 7, { topics, timeoutMs: 5_000 });
    play.topicId = (made.topics as Message[])[0]!.topicId as string;
    await run(play).finally(() => wire.close());
  }

  for (let round = 0; round < ROUNDS; round++) {
    it(`live a whole life by version ${round} of each request, or the nearest there is`, () =>
      stage(async (play) => {
        const joined = await play.join(round);
        const { memberId, generationId, leader, members } = joined;
        assert.deepEqual([joined.errorCode, generationId, leader], [0, 1, memberId]);
        assert.deepEqual((members as Message[]).map(({ metadata }) => metadata), [SUBSCRIPTION]);
        const synced = await play.sync(round, memberId, generationId);
        assert.deepEqual([synced.errorCode, synced.assignment], [0, ASSIGNMENT]);
        assert.equal((await play.heartbeat(round, memberId, generationId)).errorCode, 0);
        const member = { memberId, generationIdOrMemberEpoch: generationId };
        assert.equal(await play.commit(round, 7, member), 0);
        assert.equal(await play.committed(round), 7);
        const described = await play.ask(DESCRIBE!, round, { groups: [play.name] });
        const [group] = described.groups as Message[];
        assert.deepEqual([group!.groupState, group!.protocolData], ["Stable", "range"]);
        const [shown] = group!.members as Message[];
        assert.deepEqual([shown!.memberId, shown!.clientId, shown!.clientHost], [
          memberId,
          "conformance",
          "/127.0.0.1",
        ]);
        assert.deepEqual([shown!.memberMetadata, shown!.memberAssignment], [SUBSCRIPTION, ASSIGNMENT]);
        const listed = await play.ask(LIST!, round, { statesFilter: ["Stable"], typesFilter: ["classic"] });
        assert.ok((listed.groups as Message[]).some(({ groupId }) => groupId === play.name));
        const busy = await play.ask(DELETE_GROUPS!, round, { groupsNames: [play.name] });
        assert.equal((busy.results as Message[])[0]!.errorCode, 68);
        const left = await play.ask(LEAVE!, round, { groupId: play.name, memberId, members: [{ memberId }] });
        assert.equal(left.errorCode, 0);
        assert.equal(await play.state(), "Empty");
        const gone = await play.ask(DELETE_GROUPS!, round, { groupsNames: [play.name] });
        assert.equal((gone.results as Message[])[0]!.errorCode, 0);
        assert.equal(await play.committed(round), -1);
      }));
  }

  it("refuse what is wrong with a member, a generation or a protocol, and stay as they were", () =>
    stage(async (play) => {
      const { memberId, generationId } = await play.join(9);
      await play.sync(5, memberId, generationId);
      const codes = [
        (await play.heartbeat(4, "stranger", generationId)).errorCode,
        (await play.heartbeat(4, memberId, 99)).errorCode,
        (await play.sync(5, "stranger", generationId)).errorCode,
        (await play.sync(5, memberId, 99)).errorCode,
        (await play.sync(5, memberId, generationId, { protocolName: "other" })).errorCode,
        (await play.sync(5, memberId, generationId, { protocolType: null })).errorCode,
        await play.commit(8, 1, { memberId: "stranger", generationIdOrMemberEpoch: generationId }),
        await play.commit(8, 1, { memberId, generationIdOrMemberEpoch: 99 }),
        await play.commit(8, 1),
        (await play.join(9, { memberId: "stranger" })).errorCode,
        (await play.join(9, { protocolType: "connect" })).errorCode,
        (await play.join(9, { protocols: [{ name: "other", metadata: SUBSCRIPTION }] })).errorCode,
        (await play.join(9, { protocols: [] })).errorCode,
        (await play.join(9, { sessionTimeoutMs: 5 })).errorCode,
        (await play.join(9, { sessionTimeoutMs: 2_000_000_000 })).errorCode,
        (await play.join(9, { groupId: "" })).errorCode,
        (await play.heartbeat(4, memberId, generationId)).errorCode,
      ];
      assert.deepEqual(codes, [25, 22, 25, 22, 23, 23, 25, 22, 25, 25, 23, 23, 23, 26, 26, 24, 0]);
      assert.equal(await play.state(), "Stable");
      assert.equal(await play.committed(8), -1);
    }));

  // Apache Kafka 4.3 never answers a join whose subscription it cannot read.
  const whereItIsAnswered = Deno.env.has("KAFKA_BROKER") ? it.ignore : it;
  whereItIsAnswered(
    "keep whatever bytes members subscribe with and leaders assign",
    () =>
      stage(async (play) => {
        const nonsense = new Uint8Array(100_000).fill(0xff);
        const { memberId, generationId } = await play.join(9, {
          protocols: [{ name: "range", metadata: nonsense }],
        });
        const assignments = [{ memberId, assignment: nonsense }];
        const synced = await play.sync(5, memberId, generationId, { assignments });
        assert.deepEqual([synced.errorCode, synced.assignment], [0, nonsense]);
        const empty = await play.sync(5, memberId, generationId, { assignments: [] });
        assert.deepEqual(empty.assignment, nonsense);
        assert.equal(await play.state(), "Stable");
      }),
  );

  it("fence a static member whose place another one took, and keep its place", () =>
    stage(async (play) => {
      const groupInstanceId = "one";
      const old = await play.join(9, { groupInstanceId });
      await play.sync(5, old.memberId, 1, { groupInstanceId });
      const now = await play.join(9, { groupInstanceId });
      assert.deepEqual([now.errorCode, now.generationId, now.skipAssignment], [0, 1, true]);
      assert.notEqual(now.memberId, old.memberId);
      const fenced = [
        (await play.heartbeat(4, old.memberId, 1, groupInstanceId)).errorCode,
        (await play.sync(5, old.memberId, 1, { groupInstanceId })).errorCode,
        (await play.join(9, { memberId: old.memberId, groupInstanceId })).errorCode,
        await play.commit(8, 1, { memberId: old.memberId, generationIdOrMemberEpoch: 1, groupInstanceId }),
      ];
      assert.deepEqual(fenced, [82, 82, 82, 82]);
      assert.equal((await play.heartbeat(4, now.memberId, 1, groupInstanceId)).errorCode, 0);
      const members = [{ memberId: "", groupInstanceId }, { memberId: "", groupInstanceId: "two" }];
      const left = await play.ask(LEAVE!, 5, { groupId: play.name, members });
      assert.deepEqual((left.members as Message[]).map(({ errorCode }) => errorCode), [0, 25]);
      assert.equal(await play.state(), "Empty");
    }));

  it("tell a member that another one came, and both when all have joined", () =>
    stage(async (play) => {
      const first = await play.join(9);
      await play.sync(5, first.memberId, 1);
      const other = new Play(await KafkaWire.open(address), play.name);
      const joining = other.join(9);
      let told: unknown = 0;
      while (told === 0) told = (await play.heartbeat(4, first.memberId, 1)).errorCode;
      assert.equal(told, 27);
      const again = await play.join(9, { memberId: first.memberId });
      const second = await joining;
      assert.deepEqual([again.generationId, second.generationId], [2, 2]);
      assert.equal((again.members as Message[]).length, 2, "the leader stays the leader");
      assert.deepEqual([second.leader, second.members], [first.memberId, []]);
      const waiting = other.sync(5, second.memberId, 2, { assignments: [] });
      const assignments = [{ memberId: second.memberId, assignment: ASSIGNMENT }];
      assert.deepEqual(
        (await play.sync(5, first.memberId, 2, { assignments })).assignment,
        new Uint8Array(0),
      );
      assert.deepEqual((await waiting).assignment, ASSIGNMENT);
      other.wire.close();
    }));

  it("of the new protocol are described by its own request, and as dead by the old one", () =>
    stage(async (play) => {
      for (const version of [0, 1]) {
        const memberId = version === 0 ? "" : "mine";
        const member = { groupId: play.name, memberId, memberEpoch: 0, rebalanceTimeoutMs: 60_000 };
        const body = { ...member, subscribedTopicNames: [play.name], topicPartitions: [] };
        const joined = await play.ask(HEARTBEAT_NEW!, version, body);
        assert.equal(joined.errorCode, 0);
        assert.match(joined.memberId as string, version === 0 ? /^.{22,36}$/ : /^mine$/);
      }
      const described = await play.ask(DESCRIBE_NEW!, 1, { groupIds: [play.name, "nobody"] });
      const groupOf = (name: string) =>
        (described.groups as Message[]).find(({ groupId }) => groupId === name)!;
      const [group, nobody] = [groupOf(play.name), groupOf("nobody")];
      assert.deepEqual([group.errorCode, group.assignorName, nobody.errorCode], [0, "uniform", 69]);
      const members = group.members as { targetAssignment: { topicPartitions: Message[] } }[];
      assert.equal(members.length, 2);
      for (
        const { topicName } of members.flatMap(({ targetAssignment }) => targetAssignment.topicPartitions)
      ) {
        assert.equal(topicName, play.name);
      }
      assert.equal(await play.state(), "Dead");
      const other = await play.ask(DESCRIBE!, 6, { groups: [play.name] });
      assert.equal((other.groups as Message[])[0]!.errorCode, 69);
      const listed = await play.ask(LIST!, 5, { statesFilter: [], typesFilter: ["consumer"] });
      assert.ok((listed.groups as Message[]).some(({ groupId }) => groupId === play.name));
    }));
});
