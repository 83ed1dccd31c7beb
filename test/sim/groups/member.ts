/**
 * What simulated members of both protocols have in common: a life that may
 * pause and end, requests that time out, a belief in what it owns, positions
 * that begin at the committed offset, grow, and are committed again. A member
 * believes that it owns a partition from the answer that gives it until it gave
 * it up, or was told that it is nobody.
 */
import type { GroupCommand, GroupReply } from "../../../src/model/mod.ts";
import type { SeededRandom } from "../random.ts";
import { Link } from "./link.ts";
import type { GroupPlan } from "./plan.ts";
import type { Site } from "./site.ts";
import { partsOf, type Place, place } from "./wire.ts";

/** Whatever has no answer after so long is given up. */
const ANSWER_MS_MAX = 2_000;
/** Clients wait so long before they try again. */
export const BACKOFF_MS = 100;
const PROGRESS_MAX = 20;

/** A partition in a member's hands. */
interface Holding {
  /** The next offset to commit; -1 until that is known. */
  position: number;
  /** Tells one time of holding it from the next. */
  readonly taking: number;
}

export abstract class Member {
  /** What it calls itself in traces, and as client id. */
  readonly label: string;
  readonly instanceId: string | null;
  memberId = "";
  isAlive = true;
  /** Asked to end: it leaves, or is leaving. */
  isLeaving = false;
  /** What it believes it owns. */
  readonly owned = new Map<Place, Holding>();
  /** The generation or epoch in which it was given what it owns. */
  ownedSince = -1;
  /** What it had since that generation or epoch when the coordinator took it out; noted by the oracle. */
  outSince = -2;
  readonly link: Link;
  protected readonly site: Site;
  protected readonly plan: GroupPlan;
  protected readonly random: SeededRandom;
  #pausedUntilMs = 0;
  #sent = 0;
  #takings = 0;
  #commitIsUnderWay = false;

  constructor(site: Site, plan: GroupPlan, random: SeededRandom, label: string, instanceId: string | null) {
    this.site = site;
    this.plan = plan;
    this.random = random;
    this.label = label;
    this.instanceId = instanceId;
    this.link = new Link(site.world, random.fork(1), site.cluster, site.plan.link);
  }

  get group(): string {
    return this.plan.name;
  }

  /** Topics it wants partitions of, those that are not there too. */
  abstract get wanted(): readonly string[];
  /** True for a member of the classic protocol. */
  abstract get isClassic(): boolean;
  /** The generation or member epoch it is at; negative: none. */
  abstract get epoch(): number;
  /** It is in the group and has nothing left to do. */
  abstract get isSettled(): boolean;
  abstract start(): void;
  /** Leaves, as a client that is closed. */
  abstract leave(): void;
  /** Changes what it is subscribed to. */
  abstract resubscribe(): void;

  /** The process dies: nobody hears of it. */
  crash(): void {
    this.trace("crashes");
    this.isAlive = false;
    this.owned.clear();
  }

  /** Nothing happens in it for a while, as in a long collection of garbage. */
  pause(ms: number): void {
    this.trace(`pauses for ${ms} ms`);
    this.#pausedUntilMs = this.site.world.nowMs + ms;
  }

  protected trace(words: string): void {
    this.site.world.trace(`${this.label} ${words}`);
  }

  protected later(ms: number, action: () => void): void {
    this.site.world.after(ms, () => this.#act(action));
  }

  /**
   * Asks, and hears the answer, or `null` when there is none in time or the broker is not to be had. An answer to
   * what was given up is not heard.
   */
  protected ask<Kind extends GroupReply["kind"]>(
    command: GroupCommand,
    kind: Kind,
    timeoutMs: number,
    hear: (reply: Extract<GroupReply, { kind: Kind }> | null) => void,
  ): void {
    let isOver = false;
    const end = (reply: Extract<GroupReply, { kind: Kind }> | null) => {
      if (isOver) return;
      isOver = true;
      hear(reply);
    };
    const number = ++this.#sent;
    const isSafe = (isAnswered: boolean) =>
      this.isAlive && this.isStillSafe(command, number === this.#sent && !isAnswered);
    this.link.send(command, isSafe, (reply) => {
      if (reply.kind === "failed") this.later(BACKOFF_MS, () => end(null));
      else if (reply.kind === kind) this.#act(() => end(reply as Extract<GroupReply, { kind: Kind }>));
      else throw new Error(`"${command.kind}" is answered by "${reply.kind}"`);
    });
    this.later(timeoutMs, () => end(null));
  }

  /** True when the coordinator must be able to tell that a late copy of `command` is old. */
  protected abstract isStillSafe(command: GroupCommand, isNewest: boolean): boolean;

  /** It owns `places` from now on, and nothing else. */
  protected own(places: Iterable<Place>, since: number): void {
    const wanted = new Set(places);
    for (const name of this.owned.keys()) if (!wanted.has(name)) this.owned.delete(name);
    const fresh = [...wanted].filter((name) => !this.owned.has(name));
    for (const name of fresh) this.owned.set(name, { position: -1, taking: ++this.#takings });
    this.ownedSince = since;
    this.trace(`owns ${[...this.owned.keys()].sort().join(" ")} since ${since}`);
    if (fresh.length > 0) this.#fetch(this.#takings - fresh.length);
  }

  /** It owns nothing any more. */
  protected lose(): void {
    if (this.owned.size > 0) this.trace("owns nothing");
    this.owned.clear();
    this.ownedSince = -1;
  }

  /** Reads on, and commits where it is. */
  commit(): void {
    const known = [...this.owned].filter(([, { position }]) => position >= 0);
    const chosen = known.filter(() => this.random.chance(0.8));
    if (chosen.length === 0 || this.epoch < 0 || this.#commitIsUnderWay) return;
    this.#commitIsUnderWay = true;
    const entries = chosen.map(([name, holding]) => {
      holding.position += this.random.integer(0, PROGRESS_MAX);
      const metadata = this.random.chance(0.2) ? this.label : null;
      return { ...partsOf(name), offset: holding.position, leaderEpoch: -1, metadata };
    });
    const { group, memberId, instanceId, epoch: generation } = this;
    const knowsMemberEpochs = !this.isClassic;
    const command = {
      kind: "commit_offsets",
      group,
      memberId,
      instanceId,
      generation,
      knowsMemberEpochs,
    } as const;
    this.ask({ ...command, retentionMs: -1, entries }, "offsets_committed", ANSWER_MS_MAX, () => {
      this.#commitIsUnderWay = false;
    });
  }

  /** Asks where to begin with what was taken after `taking`; a position is not known until then. */
  #fetch(taking: number): void {
    const last = this.#takings;
    const isMeant = (holding: Holding) =>
      holding.position < 0 && holding.taking > taking && holding.taking <= last;
    const entries = [...this.owned].filter(([, holding]) => isMeant(holding)).map(([name]) => partsOf(name));
    if (entries.length === 0) return;
    const groups = [{ group: this.group, memberId: null, memberEpoch: -1, entries }];
    const command = { kind: "fetch_offsets", requireStable: false, groups } as const;
    this.ask(command, "offsets_fetched", ANSWER_MS_MAX, (reply) => {
      const [answer] = reply?.groups ?? [];
      for (const { topic, partition, offset, fault } of answer?.entries ?? []) {
        const holding = this.owned.get(place(topic, partition));
        if (fault === null && holding !== undefined && isMeant(holding)) {
          holding.position = Math.max(offset, 0);
        }
      }
      // What had no answer is asked for again.
      if ([...this.owned.values()].some(isMeant)) this.later(BACKOFF_MS, () => this.#fetch(taking));
    });
  }

  #act(action: () => void): void {
    if (!this.isAlive) return;
    if (this.site.world.nowMs < this.#pausedUntilMs) {
      this.site.world.at(this.#pausedUntilMs, () => this.#act(action));
    } else action();
  }
}
