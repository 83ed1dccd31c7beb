/** A coordinator on a disk, a clock that the test moves, and everybody's answers: for what goes through all of groups. */
import assert from "node:assert/strict";
import { compilePattern } from "../../../../src/coordinator/groups/consumer/pattern/re2.ts";
import { type Coordinator, openCoordinator } from "../../../../src/coordinator/mod.ts";
import type {
  CommitOffsetsCommand,
  CoordinatorCommand,
  CoordinatorOutput,
  CoordinatorSettings,
  GroupLogPosition,
  GroupSettings,
  JoinGroupCommand,
  OffsetToCommit,
  Reply,
} from "../../../../src/model/mod.ts";
import { type Disk, MemoryDisk } from "../../../../src/storage/mod.ts";
import { create, newId, NOW_MS, SETTINGS } from "../world.ts";

type ReplyOf<Kind extends Reply["kind"]> = Extract<Reply, { kind: Kind }>;

/** Small, so that logs are made shorter while the tests run. */
const SHORTEN_BYTES_MIN = 2_000;
/** More turns than any test waits for. */
const TURNS_MAX = 10_000;

export class CoordinatorWorld {
  readonly disk: Disk;
  readonly outputs: CoordinatorOutput[] = [];
  readonly replies = new Map<number, Reply>();
  nowMs = NOW_MS;
  coordinator: Coordinator;
  readonly #settings: CoordinatorSettings;
  /** What the checkpoint files say, by partition. */
  readonly #positions = new Map<number, GroupLogPosition>();
  #nextId = 0;

  constructor(groups: Partial<GroupSettings> = {}, disk: Disk = new MemoryDisk()) {
    this.#settings = { ...SETTINGS, groups: { ...SETTINGS.groups, ...groups } };
    this.disk = disk;
    disk.makeDirectory("data");
    disk.syncDirectory("");
    this.coordinator = this.#open();
  }

  /** One turn for all of the commands; gives their ids. */
  send(...commands: CoordinatorCommand[]): number[] {
    const inputs = commands.map((command) => ({ kind: "decide" as const, id: this.#nextId++, command }));
    this.#take(this.coordinator.turn(inputs, this.nowMs));
    return inputs.map(({ id }) => id);
  }

  /** Sends one command that is answered at once with a reply of that kind. */
  ask<Kind extends Reply["kind"]>(kind: Kind, command: CoordinatorCommand): ReplyOf<Kind> {
    const [id] = this.send(command);
    const reply = this.replies.get(id!);
    assert(reply?.kind === kind, `a reply "${kind}" is wanted, not ${JSON.stringify(reply)}`);
    return reply as ReplyOf<Kind>;
  }

  /** Lets time pass, and does what comes due on the way, when it is due. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let turns = 0; this.coordinator.wakeMs <= untilMs; turns++) {
      assert(turns < TURNS_MAX, "what is due comes to an end");
      this.nowMs = Math.max(this.nowMs, this.coordinator.wakeMs);
      this.#take(this.coordinator.turn([], this.nowMs));
    }
    this.nowMs = untilMs;
  }

  /** Another coordinator on the same disk, the first one gone without a word. */
  restart(): void {
    this.coordinator = this.#open();
  }

  createTopics(...names: string[]): void {
    for (const name of names) this.ask("topics_changed", create(name));
  }

  /** Commits one offset of partition 0 for nobody; gives the fault's code, or "". */
  commit(group: string, topic: string, offset: number, more: Partial<CommitOffsetsCommand> = {}): string {
    const reply = this.ask("offsets_committed", commitOf(group, [toCommit(topic, 0, offset)], more));
    return reply.entries[0]!.fault?.code ?? "";
  }

  /** Every committed offset of a group as "topic-partition@offset", sorted. */
  committed(group: string): string[] {
    const groups = [{ group, memberId: null, memberEpoch: -1, entries: null }];
    const reply = this.ask("offsets_fetched", { kind: "fetch_offsets", requireStable: true, groups });
    return reply.groups[0]!.entries.map(({ topic, partition, offset }) => `${topic}-${partition}@${offset}`)
      .sort();
  }

  /** Groups as "name type state", sorted. */
  listed(states: readonly string[] = [], types: readonly string[] = []): string[] {
    const { groups } = this.ask("groups_listed", { kind: "list_groups", states, types });
    return groups.map(({ group, type, state }) => `${group} ${type} ${state}`).sort();
  }

  /** A member that joins alone, is assigned and is in a stable group then; gives its id. */
  joinAlone(group: string, join: Partial<JoinGroupCommand> = {}): { memberId: string; generation: number } {
    const [id] = this.send(joinOf(group, join));
    this.pass(0);
    const joined = this.replies.get(id!);
    assert(joined?.kind === "group_joined" && joined.fault === null, JSON.stringify(joined));
    const { memberId, generation } = joined;
    const assignments = [{ memberId, assignment: new Uint8Array([1]) }];
    const synced = this.ask("group_synced", {
      kind: "sync_group",
      group,
      generation,
      memberId,
      instanceId: null,
      protocolType: null,
      protocol: null,
      assignments,
    });
    assert.equal(synced.fault, null);
    return { memberId, generation };
  }

  leave(group: string, memberId: string): void {
    const members = [{ memberId, instanceId: null }];
    assert.equal(this.ask("group_left", { kind: "leave_group", group, members }).fault, null);
  }

  #open(): Coordinator {
    const journal = { disk: this.disk, dataDirectory: "data", clean: false, recoveryPoint: 0 };
    const positions = [...this.#positions.values()];
    const groupLogs = { positions, shortenBytesMin: SHORTEN_BYTES_MIN };
    const opened = openCoordinator({ journal, groupLogs, settings: this.#settings, newId }, this.nowMs);
    assert(opened.coordinator !== null, JSON.stringify(opened.output));
    opened.coordinator.usePatterns(compilePattern);
    return opened.coordinator;
  }

  #take(outputs: readonly CoordinatorOutput[]): void {
    this.outputs.push(...outputs);
    for (const output of outputs) {
      if (output.kind === "flushed") {
        for (const position of output.groupLogs) this.#positions.set(position.partition, position);
      }
      if (output.kind !== "decided") continue;
      assert(!this.replies.has(output.id), "a command is answered once");
      this.replies.set(output.id, output.reply);
    }
  }
}

export function toCommit(topic: string, partition: number, offset: number, metadata = ""): OffsetToCommit {
  return { topic, partition, offset, leaderEpoch: 0, metadata };
}

/** A commit of somebody who is no member. */
export function commitOf(
  group: string,
  entries: readonly OffsetToCommit[],
  more: Partial<CommitOffsetsCommand> = {},
): CommitOffsetsCommand {
  return {
    kind: "commit_offsets",
    group,
    memberId: "",
    instanceId: null,
    generation: -1,
    retentionMs: -1,
    knowsMemberEpochs: false,
    entries,
    ...more,
  };
}

/** A consumer of the classic protocol that subscribes to "orders". */
export function joinOf(group: string, more: Partial<JoinGroupCommand> = {}): JoinGroupCommand {
  return {
    kind: "join_group",
    group,
    clientId: "client",
    clientHost: "/127.0.0.1",
    memberId: "",
    instanceId: null,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 20_000,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: subscriptionTo("orders") }],
    needsMemberId: false,
    knowsSkipAssignment: false,
    reason: null,
    ...more,
  };
}

/** ConsumerProtocolSubscription version 0: the topics, no user data. */
export function subscriptionTo(...topics: string[]): Uint8Array {
  const bytes = [0, 0, 0, 0, 0, topics.length];
  for (const topic of topics) bytes.push(0, topic.length, ...new TextEncoder().encode(topic));
  return new Uint8Array([...bytes, 255, 255, 255, 255]);
}
