/** Words of classic consumers, and what they are told, for tests of groups that have both kinds of members. */
import assert from "node:assert/strict";
import { Reader, Writer } from "../../../../../src/bytes/mod.ts";
import type {
  GroupHeartbeatReply,
  GroupJoinedReply,
  GroupLeftReply,
  GroupProtocol,
  GroupSyncedReply,
  JoinGroupCommand,
} from "../../../../../src/model/mod.ts";
import type { Driver } from "./driver.ts";

/** A subscription of version 1: topics, no user data, and what is owned of `t`. */
export function subscription(topics: readonly string[], owned: readonly number[] = []): Uint8Array {
  const writer = new Writer(64);
  writer.writeInt16(1);
  writer.writeArrayCount(topics.length);
  for (const topic of topics) writer.writeString(topic);
  writer.writeBytes(null);
  writer.writeArrayCount(owned.length === 0 ? 0 : 1);
  if (owned.length > 0) writePartitions(writer, owned);
  return writer.bytes().slice();
}

/** An assignment of version 1 of partitions of `t`. */
export function assignment(partitions: readonly number[]): Uint8Array {
  const writer = new Writer(64);
  writer.writeInt16(1);
  writer.writeArrayCount(1);
  writePartitions(writer, partitions);
  writer.writeBytes(null);
  return writer.bytes().slice();
}

function writePartitions(writer: Writer, partitions: readonly number[]): void {
  writer.writeString("t");
  writer.writeArrayCount(partitions.length);
  for (const partition of partitions) writer.writeInt32(partition);
}

/** Partitions of `t` in assignment bytes; empty bytes are none. */
export function assignedOf(bytes: Uint8Array): number[] {
  const reader = new Reader(bytes);
  assert.equal(reader.readInt16(), 1);
  if (reader.readArrayCount() === 0) return [];
  assert.equal(reader.readString(), "t");
  return Array.from({ length: reader.readArrayCount() }, () => reader.readInt32());
}

/** Partitions of `t` that a subscription says are owned. */
export function ownedOf(bytes: Uint8Array): number[] {
  const reader = new Reader(bytes);
  reader.readInt16();
  for (let count = reader.readArrayCount(); count > 0; count--) reader.readString();
  reader.readNullableBytes();
  if (reader.readArrayCount() === 0) return [];
  reader.readString();
  return Array.from({ length: reader.readArrayCount() }, () => reader.readInt32());
}

/** A classic consumer at a driver, as its client library would be. */
export class ClassicClient {
  readonly #driver: Driver;
  memberId: string;
  generation = -1;
  protocols: readonly GroupProtocol[];

  constructor(driver: Driver, memberId: string, topics: readonly string[] = ["t"]) {
    this.#driver = driver;
    this.memberId = memberId;
    this.protocols = [{ name: "range", metadata: subscription(topics) }];
  }

  command(changes: Partial<JoinGroupCommand> = {}): JoinGroupCommand {
    return {
      kind: "join_group",
      group: "g",
      memberId: this.memberId,
      instanceId: null,
      clientId: "classic",
      clientHost: "/127.0.0.1",
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: "consumer",
      protocols: this.protocols,
      needsMemberId: false,
      knowsSkipAssignment: false,
      reason: null,
      ...changes,
    };
  }

  /** Joins, `owned` in hand, and takes over the id and the generation it is told. */
  join(owned: readonly number[] = [], changes: Partial<JoinGroupCommand> = {}): GroupJoinedReply {
    this.protocols = [{ name: "range", metadata: subscription(["t"], owned) }];
    return this.joined(this.#driver.send(this.command(changes)));
  }

  /** The answer to a JoinGroup that was sent. */
  joined(id: number): GroupJoinedReply {
    const reply = this.#driver.answers.get(id);
    assert.ok(reply?.kind === "group_joined");
    if (reply.fault === null) [this.memberId, this.generation] = [reply.memberId, reply.generation];
    return reply;
  }

  sync(): GroupSyncedReply {
    const { memberId, generation } = this;
    const reply = this.#driver.answers.get(this.#driver.send({
      kind: "sync_group",
      group: "g",
      memberId,
      generation,
      instanceId: null,
      protocolType: "consumer",
      protocol: "range",
      assignments: [],
    }));
    assert.ok(reply?.kind === "group_synced");
    return reply;
  }

  beat(): GroupHeartbeatReply["fault"] {
    const { memberId, generation } = this;
    const id = this.#driver.send({
      kind: "heartbeat_group",
      group: "g",
      memberId,
      generation,
      instanceId: null,
    });
    const reply = this.#driver.answers.get(id);
    assert.ok(reply?.kind === "group_heartbeat");
    return reply.fault;
  }

  leave(): GroupLeftReply {
    const { memberId } = this;
    const id = this.#driver.send({
      kind: "leave_group",
      group: "g",
      members: [{ memberId, instanceId: null }],
    });
    const reply = this.#driver.answers.get(id);
    assert.ok(reply?.kind === "group_left");
    return reply;
  }
}
