/**
 * A classic consumer that goes through join, sync and heartbeat one step at a time,
 * eager (it gives up everything before it joins) or cooperative (it gives up what it
 * is not given any more, and joins again). As a leader it assigns.
 */
import assert from "node:assert/strict";
import type { GroupJoinedReply, GroupReply } from "../../../../../src/model/mod.ts";
import { assignedOf, assignment, ClassicClient, ownedOf, subscription } from "./classic_client.ts";
import type { Driver } from "./driver.ts";

export class ChaoticClassic {
  readonly #driver: Driver;
  readonly #client: ClassicClient;
  readonly #isEager: boolean;
  isUp = false;
  owned: number[] = [];
  #mustJoin = true;
  #joinId: number | null = null;
  #syncId: number | null = null;
  /** How many partitions it assigned as a leader; 0: it does not lead. */
  #assignedCount = 0;

  constructor(driver: Driver, isEager: boolean) {
    this.#driver = driver;
    this.#client = new ClassicClient(driver, "");
    this.#isEager = isEager;
  }

  get memberId(): string {
    return this.#client.memberId;
  }

  step(): void {
    this.isUp = true;
    if (this.#joinId !== null) return this.#receiveJoin(this.#joinId);
    if (this.#syncId !== null) return this.#receiveSync(this.#syncId);
    if (this.#mustJoin) return this.#join();
    // Classic leaders watch the topics themselves.
    if (this.#assignedCount > 0 && this.#assignedCount !== this.#partitionCount()) return this.#join();
    const fault = this.#client.beat();
    if (fault !== null) this.#refused(fault.code);
  }

  /** The answer it waits for, if it waits, never comes. */
  lose(): void {
    if (this.#joinId === null && this.#syncId === null) return;
    [this.#joinId, this.#syncId, this.#mustJoin] = [null, null, true];
  }

  leave(): void {
    if (this.isUp && this.memberId !== "") this.#client.leave();
    this.crash();
  }

  crash(): void {
    this.isUp = false;
    this.#client.memberId = "";
    this.drop();
  }

  /** It owns nothing any more and joins anew. */
  drop(): void {
    this.owned = [];
    this.lose();
    this.#mustJoin = true;
  }

  #partitionCount(): number {
    return this.#driver.image.topics.get("t")!.partitions.length;
  }

  #join(): void {
    if (this.#isEager) this.owned = [];
    this.#client.protocols = [{
      name: this.#isEager ? "range" : "cooperative-sticky",
      metadata: subscription(["t"], this.owned),
    }];
    this.#joinId = this.#driver.send(this.#client.command());
    this.#receiveJoin(this.#joinId);
  }

  #receiveJoin(id: number): void {
    if (!this.#driver.answers.has(id)) return;
    const reply = this.#client.joined(id);
    this.#joinId = null;
    if (reply.fault !== null) return this.#refused(reply.fault.code);
    this.#mustJoin = false;
    this.#assignedCount = 0;
    const { memberId, generation } = this.#client;
    this.#syncId = this.#driver.send({
      kind: "sync_group",
      group: "g",
      generation,
      memberId,
      instanceId: null,
      protocolType: null,
      protocol: null,
      assignments: reply.leader === memberId ? this.#assign(reply) : [],
    });
    this.#receiveSync(this.#syncId);
  }

  /** Round the members; cooperative leaders leave out what somebody else still owns. */
  #assign({ members }: GroupJoinedReply) {
    const count = this.#assignedCount = this.#partitionCount();
    const owners = new Map(members.flatMap(({ memberId, metadata }) => (
      ownedOf(metadata).map((partition) => [partition, memberId] as const)
    )));
    return members.map(({ memberId }, index) => {
      const given = Array.from({ length: count }, (_, partition) => partition)
        .filter((partition) => partition % members.length === index)
        .filter((partition) => (owners.get(partition) ?? memberId) === memberId);
      return { memberId, assignment: assignment(given) };
    });
  }

  #receiveSync(id: number): void {
    const reply: GroupReply | undefined = this.#driver.answers.get(id);
    if (reply === undefined) return;
    assert.ok(reply.kind === "group_synced");
    this.#syncId = null;
    if (reply.fault !== null) return this.#refused(reply.fault.code);
    const given = reply.assignment.length === 0 ? [] : assignedOf(reply.assignment);
    if (!this.#isEager && this.owned.some((partition) => !given.includes(partition))) this.#mustJoin = true;
    this.owned = given;
  }

  #refused(code: string): void {
    this.#mustJoin = true;
    if (code === "REBALANCE_IN_PROGRESS") return;
    if (code === "UNKNOWN_MEMBER_ID") this.#client.memberId = "";
    this.owned = [];
  }
}
