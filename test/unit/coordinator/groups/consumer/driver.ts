/**
 * Drives the machines of the consumer protocol as the coordinator does: one group,
 * its timers, an image that changes, answers by the id of the command. Checks at
 * every step that the group given was not changed and that the records alone give
 * the same durable group.
 */
import assert from "node:assert/strict";
import {
  applyConsumerRecord,
  type ConsumerGroup,
  decideConsumer,
  expireConsumer,
  refreshConsumer,
  resumeConsumer,
  upgradeClassic,
} from "../../../../../src/coordinator/groups/consumer/mod.ts";
import {
  type ClassicGroup,
  classicOf,
  decideClassic,
  expireClassic,
} from "../../../../../src/coordinator/groups/classic/mod.ts";
import { compilePattern } from "../../../../../src/coordinator/groups/consumer/pattern/re2.ts";
import type { ClassicCommand } from "../../../../../src/coordinator/groups/consumer/classic_members/refused.ts";
import type { GroupContext, Outcome } from "../../../../../src/coordinator/groups/outcome.ts";
import type { GroupRecord } from "../../../../../src/coordinator/groups/record.ts";
import {
  applyEvent,
  type ConsumerHeartbeatCommand,
  type ConsumerHeartbeatReply,
  type GroupReply,
  type GroupSettings,
  type Image,
  IMAGE_EMPTY,
} from "../../../../../src/model/mod.ts";
import { GROUP_SETTINGS } from "../settings.ts";

/** The id a topic has in these tests. */
export function topicId(name: string): string {
  return `id-${name}`.padEnd(22, "_");
}

/** A heartbeat of a member that joins `t`, changed as the test wants. */
export function heartbeat(changes: Partial<ConsumerHeartbeatCommand> = {}): ConsumerHeartbeatCommand {
  return {
    kind: "consumer_heartbeat",
    group: "g",
    memberId: "a",
    memberEpoch: 0,
    instanceId: null,
    rackId: null,
    clientId: "client",
    clientHost: "/127.0.0.1",
    rebalanceTimeoutMs: 60_000,
    subscribedTopics: ["t"],
    subscribedPattern: null,
    serverAssignor: null,
    ownedPartitions: [],
    waitMsMax: 0,
    ...changes,
  };
}

/** A heartbeat that says nothing but that the member is there. */
export function steady(
  memberId: string,
  memberEpoch: number,
  changes: Partial<ConsumerHeartbeatCommand> = {},
) {
  return heartbeat({
    memberId,
    memberEpoch,
    rebalanceTimeoutMs: -1,
    subscribedTopics: null,
    ownedPartitions: null,
    ...changes,
  });
}

/** What is durable of a group. */
export function durable(group: ConsumerGroup | null) {
  if (group === null) return null;
  const { epoch, metadataHash, assignmentEpoch, members, targets, patterns } = group;
  return { epoch, metadataHash, assignmentEpoch, members, targets, patterns };
}

export class Driver {
  group: ConsumerGroup | null = null;
  /** The group when it is a classic one; then `group` is `null`. */
  classic: ClassicGroup | null = null;
  /** Made of records alone. */
  replayed: ConsumerGroup | null = null;
  replayedClassic: ClassicGroup | null = null;
  image: Image = IMAGE_EMPTY;
  nowMs = 1_000_000;
  settings: GroupSettings;
  readonly timers = new Map<string, number>();
  readonly answers = new Map<number, GroupReply>();
  readonly records: GroupRecord[] = [];
  #ids = 0;
  #memberIds = 0;

  constructor(topics: Record<string, number> = { t: 3 }, settings: Partial<GroupSettings> = {}) {
    this.settings = { ...GROUP_SETTINGS, ...settings };
    for (const [name, partitions] of Object.entries(topics)) this.createTopic(name, partitions);
  }

  get context(): GroupContext {
    const { nowMs, image, settings } = this;
    return { nowMs, image, settings, newMemberId: () => `made-${++this.#memberIds}`, compilePattern };
  }

  createTopic(name: string, count: number): void {
    const topic = {
      name,
      id: topicId(name),
      internal: false,
      partitions: partitions(0, count),
      settings: {},
    };
    this.image = applyEvent(this.image, { kind: "topic_created", topic });
  }

  addPartitions(topic: string, count: number): void {
    const present = this.image.topics.get(topic)!.partitions.length;
    this.image = applyEvent(this.image, {
      kind: "partitions_added",
      topic,
      partitions: partitions(present, present + count),
    });
  }

  deleteTopic(topic: string): void {
    this.image = applyEvent(this.image, { kind: "topic_deleted", topic });
  }

  /** Sends a command; its id. */
  send(command: ConsumerHeartbeatCommand | ClassicCommand): number {
    const id = ++this.#ids;
    this.#take(() => this.#decide(id, command));
    return id;
  }

  #decide(
    id: number,
    command: ConsumerHeartbeatCommand | ClassicCommand,
  ): Outcome<ConsumerGroup | ClassicGroup> {
    const { group, classic, context } = this;
    const isClassic = command.kind !== "consumer_heartbeat";
    if (group !== null || classic === null && !isClassic) return decideConsumer(group, id, command, context);
    return isClassic
      ? decideClassic(classic, id, command, context)
      : upgradeClassic(classic!, id, command, context);
  }

  /** Sends a heartbeat that is answered at once; the answer. */
  ask(command: ConsumerHeartbeatCommand): ConsumerHeartbeatReply {
    const reply = this.answer(this.send(command));
    assert.ok(reply !== null, "the heartbeat is answered at once");
    return reply;
  }

  /** The answer that came under an id so far. */
  answer(id: number): ConsumerHeartbeatReply | null {
    const reply = this.answers.get(id);
    if (reply === undefined) return null;
    assert.ok(reply.kind === "consumer_heartbeat");
    return reply;
  }

  refresh(): void {
    this.#take(() => refreshConsumer(this.group!, this.context));
  }

  /** Lets time pass, and timers with it, in their order. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const [key, dueMs] = [...this.timers].reduce(
        (first, timer) => timer[1] < first[1] ? timer : first,
        ["", Infinity] as [string, number],
      );
      if (dueMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.timers.delete(key);
      this.#take(() =>
        this.classic === null
          ? expireConsumer(this.group!, key, this.context)
          : expireClassic(this.classic, key, this.context)
      );
    }
    this.nowMs = endMs;
  }

  /** The broker starts anew: what is volatile is gone. */
  restart(): void {
    this.group = this.replayed;
    this.timers.clear();
    if (this.group === null) return;
    for (const { key, dueMs } of resumeConsumer(this.group, this.context)) this.timers.set(key, dueMs!);
  }

  #take(decide: () => Outcome<ConsumerGroup | ClassicGroup>): void {
    const before = structuredClone([this.group, this.classic]);
    const outcome = decide();
    assert.deepEqual([this.group, this.classic], before, "a decision changes nothing");
    for (const record of outcome.records) this.#replay(record);
    this.records.push(...outcome.records);
    this.group = outcome.group?.type === "consumer" ? outcome.group : null;
    this.classic = outcome.group?.type === "classic" ? outcome.group : null;
    if (this.replayed !== null || outcome.records.length > 0) {
      assert.deepEqual(durable(this.replayed), durable(this.group), "records give the same group");
    }
    for (const { key, dueMs } of outcome.timers) {
      if (dueMs === null) this.timers.delete(key);
      else this.timers.set(key, dueMs);
    }
    for (const { id, reply } of outcome.answers) {
      assert.ok(!this.answers.has(id), "a command is answered once");
      this.answers.set(id, reply);
    }
  }

  #replay(record: GroupRecord): void {
    assert.ok(record.kind !== "offset");
    if (record.kind !== "classic_group") this.replayed = applyConsumerRecord(this.replayed, record);
    else this.replayedClassic = record.value === null ? null : classicOf(record.group, record.value);
  }
}

function partitions(from: number, to: number) {
  return Array.from({ length: to - from }, (_, index) => ({
    partition: from + index,
    leader: 1,
    leaderEpoch: 0,
    replicas: [1],
    inSyncReplicas: [1],
  }));
}

/** `partitions` of `t`, as heartbeats speak of them. */
export function owned(...partitions: number[]) {
  return partitions.length === 0 ? [] : [{ topicId: topicId("t"), partitions }];
}

/** A group of the member `a` that has all three partitions of `t`, at epoch 1. */
export function alone(settings: Partial<GroupSettings> = {}): Driver {
  const driver = new Driver({ t: 3 }, settings);
  driver.ask(heartbeat());
  driver.ask(steady("a", 1, { ownedPartitions: owned(0, 1, 2) }));
  return driver;
}
