/**
 * A member as a client is: one heartbeat at a time, answers that may be lost, and
 * what it owns by its own view. It says what it owns only when it has taken all it
 * was given, and everything of itself after an answer was lost.
 */
import type { ConsumerHeartbeatCommand, ConsumerHeartbeatReply } from "../../../../../src/model/mod.ts";
import { canonical, type Partitions } from "../../../../../src/coordinator/groups/consumer/partitions.ts";
import { heartbeat } from "./driver.ts";

export class Client {
  memberId: string;
  readonly instanceId: string | null;
  isUp = false;
  epoch = 0;
  owned: Partitions = [];
  /** Told, and not yet taken. */
  told: Partitions | null = null;
  /** The heartbeat that is on its way, or its answer. */
  sentId: number | null = null;
  /** An answer was lost. */
  isUnsure = false;
  subscribedTopics: readonly string[];
  /** What was sent at which epoch, for those who repeat it late. */
  readonly sent: ConsumerHeartbeatCommand[] = [];
  readonly #waitMsMax: number;

  constructor(
    memberId: string,
    instanceId: string | null,
    subscribedTopics: readonly string[],
    waitMsMax: number,
  ) {
    this.memberId = memberId;
    this.instanceId = instanceId;
    this.subscribedTopics = subscribedTopics;
    this.#waitMsMax = waitMsMax;
  }

  /** The next heartbeat. */
  next(): ConsumerHeartbeatCommand {
    if (this.isUnsure && this.told !== null) this.take();
    const isFull = this.epoch === 0 || this.isUnsure;
    const { memberId, instanceId, epoch: memberEpoch, subscribedTopics, told, owned } = this;
    const command = heartbeat({
      memberId,
      instanceId,
      memberEpoch,
      rebalanceTimeoutMs: isFull ? 60_000 : -1,
      subscribedTopics: isFull ? subscribedTopics : null,
      ownedPartitions: told === null ? owned : null,
      waitMsMax: this.#waitMsMax,
    });
    this.sent.push(command);
    this.isUnsure = false;
    return command;
  }

  /** A heartbeat that leaves. */
  farewell(memberEpoch: number): ConsumerHeartbeatCommand {
    const { memberId, instanceId } = this;
    this.forget();
    this.isUp = false;
    return heartbeat({ memberId, instanceId, memberEpoch, ownedPartitions: null });
  }

  receive(reply: ConsumerHeartbeatReply): void {
    this.sentId = null;
    if (reply.fault !== null) return this.forget();
    this.epoch = reply.memberEpoch;
    if (reply.assignment !== null) this.told = reply.assignment;
  }

  lose(): void {
    this.sentId = null;
    this.isUnsure = true;
  }

  /** Gives up and takes over what it was told. */
  take(): void {
    if (this.told !== null) this.owned = canonical(this.told);
    this.told = null;
  }

  /** Owns nothing any more and begins from the start. */
  forget(): void {
    this.epoch = 0;
    this.owned = [];
    this.told = null;
    this.sentId = null;
    this.isUnsure = false;
  }
}
