/**
 * A member of the new protocol (KIP-848): one heartbeat that joins, reports and
 * leaves; what it is to own comes with the answers. It gives partitions up after
 * a while of its own, and says so with the next heartbeat; what it is given it
 * owns at once. With `waitMsMax` its heartbeats are long polls.
 */
import type { FaultCode, GroupCommand, TopicPartitions } from "../../../src/model/mod.ts";
import type { ConsumerHeartbeatReply } from "../../../src/model/mod.ts";
import type { SeededRandom } from "../random.ts";
import { drawTopics } from "./classic_member.ts";
import { BACKOFF_MS, Member } from "./member.ts";
import type { GroupPlan } from "./plan.ts";
import { count, type Site, topicsOf } from "./site.ts";
import { byTopic, type Place, place } from "./wire.ts";

const ANSWER_MS_MAX = 1_500;
/** A client that hears one of these ends with an error. */
const FATAL: readonly FaultCode[] = ["GROUP_MAX_SIZE_REACHED", "GROUP_ID_NOT_FOUND", "FENCED_INSTANCE_ID"];
/** Whoever finds its instance id in use asks so often, then ends with an error. */
const UNRELEASED_MAX = 50;
const PATTERNS = ["topic.*", "topic[01]", ".*2|topic1"];

export class ConsumerMember extends Member {
  readonly isClassic = false;
  readonly #rebalanceTimeoutMs: number;
  readonly #beatMs: number;
  readonly #waitMsMax: number;
  #topics: readonly string[];
  #pattern: string | null;
  #epoch = 0;
  readonly #epochs: number[] = [];
  #target: readonly Place[] | null = null;
  #isRevoking = false;
  /** The next heartbeat says everything: the last one's answer did not come. */
  #isFull = true;
  #reported = "";
  #beats = 0;
  #unreleased = 0;

  constructor(
    site: Site,
    plan: GroupPlan,
    random: SeededRandom,
    label: string,
    instanceId: string | null,
  ) {
    super(site, plan, random, label, instanceId);
    this.#rebalanceTimeoutMs = random.integer(1_000, 4_000);
    this.#beatMs = random.integer(100, 400);
    this.#waitMsMax = random.chance(0.7) ? plan.waitMsMax : 0;
    this.#topics = random.chance(plan.patternShare) ? [] : drawTopics(random);
    this.#pattern = this.#topics.length === 0 ? random.pick(PATTERNS) : null;
    // Since version 1 the client makes the id.
    if (random.chance(0.7)) this.memberId = `${random.id()}-${label}`;
  }

  get wanted(): readonly string[] {
    if (this.#pattern === null) return this.#topics;
    const matches = new RegExp(`^(?:${this.#pattern})$`);
    return topicsOf(this.site).filter((topic) => matches.test(topic) || this.#topics.includes(topic));
  }

  get epoch(): number {
    return this.#epoch > 0 ? this.#epoch : -1;
  }

  get isSettled(): boolean {
    return this.#epoch > 0 && !this.#isRevoking && this.#reported === this.#report();
  }

  start(): void {
    this.#beat();
  }

  resubscribe(): void {
    this.#topics = drawTopics(this.random);
    this.#pattern = this.random.chance(this.plan.patternShare) ? this.random.pick(PATTERNS) : null;
    this.trace(`subscribes to ${this.#topics} ${this.#pattern}`);
    this.#isFull = true;
    if (this.#epoch > 0) this.#beat();
  }

  leave(): void {
    if (!this.isAlive || this.isLeaving) return;
    this.isLeaving = true;
    this.trace("leaves");
    if (this.epoch < 0) return this.crash();
    this.commit();
    this.lose();
    const forAWhile = this.instanceId !== null && this.random.chance(0.5);
    const command = { ...this.#command(false), memberEpoch: forAWhile ? -2 : -1, ownedPartitions: [] };
    this.ask(command, "consumer_heartbeat", ANSWER_MS_MAX, () => this.crash());
  }

  /** A heartbeat that says what it owned must be two epochs old: the last but one is taken for a retry. */
  protected isStillSafe(command: GroupCommand, isNewest: boolean): boolean {
    if (command.kind === "fetch_offsets") return true;
    if (command.kind === "commit_offsets") return isNewest || this.#hasLost(command);
    if (command.kind !== "consumer_heartbeat" || command.memberEpoch <= 0) return isNewest;
    const { memberEpoch } = command;
    return isNewest || command.ownedPartitions === null && command.subscribedTopics === null ||
      this.#epochs.filter((epoch) => epoch > memberEpoch).length >= 2;
  }

  /** The coordinator knows that the member has given up all that the commit is about. */
  #hasLost({ generation, entries }: Extract<GroupCommand, { kind: "commit_offsets" }>): boolean {
    const isLost = entries.every(({ topic, partition }) => !this.owned.has(place(topic, partition)));
    return isLost && this.isSettled && generation < this.#epoch;
  }

  #beat(): void {
    if (this.isLeaving) return;
    const number = ++this.#beats;
    const isFull = this.#isFull || this.#epoch === 0;
    const report = this.#report();
    count(this.site, "heartbeats");
    const command = this.#command(isFull || report !== this.#reported);
    this.#isFull = false;
    this.ask(command, "consumer_heartbeat", this.#waitMsMax + ANSWER_MS_MAX, (reply) => {
      if (number !== this.#beats) return;
      if (reply === null) return this.#missed();
      if (reply.fault !== null) return this.#refused(reply.fault.code);
      this.#reported = report;
      this.#heard(reply);
    });
  }

  #command(saysAll: boolean): Extract<GroupCommand, { kind: "consumer_heartbeat" }> {
    const { group, memberId, instanceId, label: clientId } = this;
    return {
      kind: "consumer_heartbeat",
      ...{ group, memberId, instanceId, clientId, clientHost: "/sim" },
      memberEpoch: this.#epoch,
      rackId: null,
      rebalanceTimeoutMs: saysAll ? this.#rebalanceTimeoutMs : -1,
      subscribedTopics: saysAll ? this.#topics : null,
      subscribedPattern: saysAll ? this.#pattern ?? "" : null,
      serverAssignor: null,
      ownedPartitions: saysAll ? this.#epoch === 0 ? [] : this.#ownedById() : null,
      waitMsMax: this.#waitMsMax,
    };
  }

  #missed(): void {
    this.#isFull = true;
    this.#beatAfter(BACKOFF_MS);
  }

  #beatAfter(ms: number): void {
    const beats = this.#beats;
    this.later(ms, () => beats === this.#beats && this.#beat());
  }

  #refused(code: FaultCode): void {
    this.trace(`is told ${code}`);
    count(this.site, code);
    if (FATAL.includes(code) || (code === "UNRELEASED_INSTANCE_ID" && ++this.#unreleased > UNRELEASED_MAX)) {
      return this.crash();
    }
    if (code === "FENCED_MEMBER_EPOCH" || code === "UNKNOWN_MEMBER_ID") {
      this.lose();
      this.#target = null;
      this.#epoch = 0;
    }
    this.#missed();
  }

  #heard({ memberId, memberEpoch, heartbeatIntervalMs, assignment }: ConsumerHeartbeatReply): void {
    this.memberId = memberId;
    if (memberEpoch !== this.#epoch) {
      this.#epochs.push(memberEpoch);
      this.trace(`is at epoch ${memberEpoch} as ${memberId}`);
    }
    this.#epoch = memberEpoch;
    if (assignment !== null) this.#target = this.#placesOf(assignment);
    this.#reconcile();
    if (this.random.chance(0.4)) this.commit();
    const isNews = this.#reported !== this.#report();
    if (isNews) this.#beatAfter(1);
    else this.#beatAfter(this.#waitMsMax > 0 ? 1 : Math.min(this.#beatMs, heartbeatIntervalMs));
  }

  /** Goes from what it owns to what it is to own. */
  #reconcile(): void {
    if (this.#target === null || this.#isRevoking) return;
    const target = new Set(this.#target);
    const isToRevoke = [...this.owned.keys()].some((name) => !target.has(name));
    if (!isToRevoke) return this.#take();
    this.#isRevoking = true;
    this.later(this.random.fraction() * this.plan.revokeMsMax, () => {
      this.#isRevoking = false;
      if (this.#target === null || this.isLeaving) return;
      count(this.site, "revocations");
      this.commit();
      this.#take();
      // A long poll that is under way would keep the news for too long.
      this.#beat();
    });
  }

  #take(): void {
    if (this.#target!.join(" ") !== this.#report()) this.own(this.#target!, this.#epoch);
  }

  #report(): string {
    return [...this.owned.keys()].sort().join(" ");
  }

  #ownedById(): TopicPartitions[] {
    const { topics } = this.site.cluster.image;
    return [...byTopic(this.owned.keys())].flatMap(([topic, partitions]) => {
      const topicId = topics.get(topic)?.id;
      return topicId === undefined ? [] : [{ topicId, partitions }];
    });
  }

  #placesOf(assignment: readonly TopicPartitions[]): Place[] {
    const { topicNamesById } = this.site.cluster.image;
    return assignment.flatMap(({ topicId, partitions }) => {
      const topic = topicNamesById.get(topicId);
      return topic === undefined ? [] : partitions.map((partition) => place(topic, partition));
    }).sort();
  }
}
