/**
 * A member of the classic protocol, as Kafka's own consumer behaves: join, sync
 * (the leader assigns), heartbeat, join again when told so. An eager one gives
 * everything up before it joins again; a cooperative one keeps what it has and
 * gives up what its new assignment lacks.
 */
import type { FaultCode, GroupCommand, GroupJoinedReply } from "../../../src/model/mod.ts";
import type { SeededRandom } from "../random.ts";
import { BACKOFF_MS, Member } from "./member.ts";
import type { GroupPlan } from "./plan.ts";
import { assignCooperatively, type Assignee, assignRanges } from "./range.ts";
import { count, partitionsOf, type Site, topicsOf } from "./site.ts";
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from "./wire.ts";

const SYNC_MS_MAX = 6_000;
const BEAT_MS_MAX = 1_500;
/** A client that hears one of these ends with an error. */
const FATAL: readonly FaultCode[] = [
  "FENCED_INSTANCE_ID",
  "GROUP_MAX_SIZE_REACHED",
  "INCONSISTENT_GROUP_PROTOCOL",
];
const COOPERATIVE = "cooperative-sticky";

type Stage = "joining" | "syncing" | "stable";

export class ClassicMember extends Member {
  readonly isClassic = true;
  readonly #offers: readonly string[];
  readonly #sessionTimeoutMs: number;
  readonly #rebalanceTimeoutMs: number;
  readonly #beatMs: number;
  readonly #needsMemberId: boolean;
  readonly #metadataVersion: number;
  #topics: readonly string[];
  /** What it was subscribed to when it last joined. */
  #joinedFor: readonly string[] = [];
  #stage: Stage = "joining";
  #generation = -1;
  #protocol: string | null = null;
  /** Partition counts its last assignment was made for, of a leader. */
  #assignedFor: string | null = null;
  /**
   * It came back as the static leader and left the assignment as it was: like Kafka's clients it then does not know
   * of partitions that were added while it was away (KIP-814). Once all is calm somebody has it look.
   */
  #hasSkipped = false;

  constructor(
    site: Site,
    plan: GroupPlan,
    random: SeededRandom,
    label: string,
    instanceId: string | null,
    kind: "eager" | "cooperative",
  ) {
    super(site, plan, random, label, instanceId);
    // Where both kinds meet, the cooperative ones offer what eager ones know, and are eager until those are gone.
    const meets = plan.kinds.includes("eager") && plan.kinds.includes("cooperative");
    this.#offers = kind === "eager" ? ["range"] : meets ? [COOPERATIVE, "range"] : [COOPERATIVE];
    this.#sessionTimeoutMs = random.integer(1_000, 3_000);
    this.#rebalanceTimeoutMs = random.integer(1_000, 4_000);
    this.#beatMs = random.integer(100, 400);
    this.#needsMemberId = instanceId === null && random.chance(0.7);
    this.#metadataVersion = kind === "eager" ? random.integer(0, 2) : 2;
    this.#topics = drawTopics(random);
  }

  get wanted(): readonly string[] {
    return this.#topics;
  }

  get epoch(): number {
    return this.#generation;
  }

  get isSettled(): boolean {
    return this.#stage === "stable" && this.memberId !== "";
  }

  get #isEager(): boolean {
    return this.#offers.includes("range");
  }

  start(): void {
    this.#join();
  }

  resubscribe(): void {
    this.#topics = drawTopics(this.random);
    this.trace(`subscribes to ${this.#topics}`);
    if (this.#stage === "stable") this.#joinAgain();
  }

  leave(): void {
    if (!this.isAlive || this.isLeaving) return;
    this.isLeaving = true;
    this.trace("leaves");
    this.commit();
    this.lose();
    const members = [{ memberId: this.memberId, instanceId: this.instanceId }];
    const command = { kind: "leave_group", group: this.group, members } as const;
    if (this.memberId === "") return this.crash();
    this.ask(command, "group_left", BEAT_MS_MAX, () => this.crash());
  }

  protected isStillSafe(command: GroupCommand, isNewest: boolean): boolean {
    if (isNewest) return true;
    // In a group of the new protocol a join says what the member owns, and an old epoch may commit what it still has.
    const isMixed = this.plan.kinds.includes("consumer");
    if (isMixed && (command.kind === "join_group" || command.kind === "commit_offsets")) return false;
    if (command.kind === "commit_offsets") return command.generation < this.ownedSince;
    return (command.kind !== "join_group" && command.kind !== "leave_group") || this.instanceId === null;
  }

  #joinAgain(): void {
    if (this.#isEager) {
      this.commit();
      this.lose();
    }
    this.#join();
  }

  #join(): void {
    if (this.isLeaving) return;
    this.#stage = "joining";
    this.#joinedFor = this.#topics;
    count(this.site, "joins");
    const { group, memberId, instanceId, label: clientId } = this;
    const subscription = { topics: this.#topics, owned: [...this.owned.keys()], generation: this.ownedSince };
    const metadata = encodeSubscription(subscription, this.#metadataVersion);
    const command = {
      kind: "join_group",
      ...{ group, memberId, instanceId, clientId, clientHost: "/sim" },
      sessionTimeoutMs: this.#sessionTimeoutMs,
      rebalanceTimeoutMs: this.#rebalanceTimeoutMs,
      protocolType: "consumer",
      protocols: this.#offers.map((name) => ({ name, metadata: metadata.slice() })),
      needsMemberId: this.#needsMemberId,
      knowsSkipAssignment: true,
      reason: null,
    } as const;
    // Clients wait for a join longer than the others may take.
    this.ask(command, "group_joined", this.#rebalanceTimeoutMs + 5_000, (reply) => {
      if (reply === null) return this.later(BACKOFF_MS, () => this.#join());
      if (reply.fault !== null) return this.#refused(reply.fault.code, reply.memberId);
      this.#joined(reply);
    });
  }

  #joined(reply: GroupJoinedReply): void {
    this.memberId = reply.memberId;
    this.#generation = reply.generation;
    this.#protocol = reply.protocol;
    this.trace(`joined ${reply.generation} as ${reply.memberId}, leader ${reply.leader}`);
    const isLeader = reply.leader === reply.memberId;
    this.#assignedFor = isLeader ? this.#counts() : null;
    this.#hasSkipped = isLeader && reply.skipAssignment;
    this.#sync(isLeader && !reply.skipAssignment ? this.#assign(reply) : []);
  }

  #assign({ members, protocol }: GroupJoinedReply): { memberId: string; assignment: Uint8Array }[] {
    const assignees: Assignee[] = members.map(({ memberId, instanceId, metadata }) => {
      return { memberId, instanceId, subscription: decodeSubscription(metadata) };
    });
    const assign = protocol === COOPERATIVE ? assignCooperatively : assignRanges;
    const assigned = assign(assignees, (topic) => partitionsOf(this.site, topic));
    return [...assigned].map(([memberId, places]) => ({ memberId, assignment: encodeAssignment(places) }));
  }

  #sync(assignments: readonly { memberId: string; assignment: Uint8Array }[]): void {
    this.#stage = "syncing";
    const { group, memberId, instanceId } = this;
    const generation = this.#generation;
    const command = {
      kind: "sync_group",
      ...{ group, generation, memberId, instanceId, assignments },
      protocolType: "consumer",
      protocol: this.#protocol,
    } as const;
    this.ask(command, "group_synced", SYNC_MS_MAX, (reply) => {
      if (reply === null) return this.#sync(assignments);
      if (reply.fault !== null) return this.#refused(reply.fault.code, memberId);
      this.#synced(decodeAssignment(reply.assignment));
    });
  }

  #synced(assigned: readonly string[]): void {
    count(this.site, "syncs");
    this.#stage = "stable";
    const given = new Set(assigned);
    const revoked = [...this.owned.keys()].filter((name) => !given.has(name));
    // Where it was taken out and let in again it may come too late, and nothing tells: so it is with Kafka, too.
    if (revoked.length > 0 && !this.plan.kinds.includes("consumer")) this.commit();
    this.own(assigned, this.#generation);
    if (this.#joinedFor !== this.#topics) return this.#joinAgain();
    if (revoked.length > 0) return this.#join();
    this.#beatLater();
  }

  #beatLater(): void {
    const generation = this.#generation;
    this.later(this.#beatMs, () => {
      if (this.#stage === "stable" && this.#generation === generation) this.#beat();
    });
  }

  #beat(): void {
    if (this.isLeaving) return;
    if (this.#assignedFor !== null && this.#assignedFor !== this.#counts()) return this.#joinAgain();
    if (this.#hasSkipped && this.site.isCalm) return this.#joinAgain();
    if (this.random.chance(0.4)) this.commit();
    const { group, memberId, instanceId } = this;
    const generation = this.#generation;
    const command = { kind: "heartbeat_group", group, generation, memberId, instanceId } as const;
    this.ask(command, "group_heartbeat", BEAT_MS_MAX, (reply) => {
      if (this.#stage !== "stable" || this.#generation !== generation) return;
      if (reply === null || reply.fault === null) return this.#beatLater();
      this.#refused(reply.fault.code, memberId);
    });
  }

  /** What a client does on a fault of join, sync or heartbeat. */
  #refused(code: FaultCode, memberId: string): void {
    if (this.isLeaving) return;
    this.trace(`is told ${code}`);
    count(this.site, code);
    if (FATAL.includes(code)) return this.crash();
    if (code === "REBALANCE_IN_PROGRESS") return this.#joinAgain();
    if (code === "MEMBER_ID_REQUIRED") this.memberId = memberId;
    else if (code === "UNKNOWN_MEMBER_ID" || code === "ILLEGAL_GENERATION") this.#forget(code);
    else return this.later(BACKOFF_MS, () => this.#join());
    this.#join();
  }

  #forget(code: FaultCode): void {
    this.lose();
    this.#generation = -1;
    if (code === "UNKNOWN_MEMBER_ID") this.memberId = "";
  }

  /** The partitions of all topics the group may want, as the leader's metadata show them. */
  #counts(): string {
    return topicsOf(this.site).map((topic) => `${topic}:${partitionsOf(this.site, topic)}`).join(" ");
  }
}

/** Topics are named topic0, topic1 and so on; some are made only later. */
export function drawTopics(random: SeededRandom): string[] {
  const topics = ["topic0", "topic1", "topic2"].filter(() => random.chance(0.6));
  return topics.length === 0 ? ["topic0"] : topics;
}
