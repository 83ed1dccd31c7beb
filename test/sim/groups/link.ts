/**
 * The way between one member and the coordinator. Requests arrive in the order in
 * which they were sent, as on one connection, late, twice or never; now and then
 * a copy turns up long after, as from a connection that was given up. What comes
 * late is dropped when even Kafka would take it for something new: the member
 * says so by `isStillSafe`.
 */
import type { GroupCommand, Reply } from "../../../src/model/mod.ts";
import type { SeededRandom } from "../random.ts";
import type { World } from "../world.ts";
import type { Cluster } from "./cluster.ts";
import type { Link as LinkPlan } from "./plan.ts";

/** Longest time a late copy is under way. */
const LATE_MS_MAX = 6_000;

export class Link {
  /** Nothing is lost, doubled or late any more. */
  isCalm = false;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #cluster: Cluster;
  readonly #plan: LinkPlan;
  #arrivedMs = 0;
  #cuts = 0;

  constructor(world: World, random: SeededRandom, cluster: Cluster, plan: LinkPlan) {
    this.#world = world;
    this.#random = random;
    this.#cluster = cluster;
    this.#plan = plan;
  }

  /** Loses everything under way, in both directions. */
  cut(): void {
    this.#cuts++;
  }

  /** Sends; `answer` may come later, or never. */
  send(
    command: GroupCommand,
    isStillSafe: (isAnswered: boolean) => boolean,
    answer: (reply: Reply) => void,
  ): void {
    const { lossShare, doubleShare, lateShare } = this.#plan;
    let isAnswered = false;
    if (this.#happens(lateShare)) {
      const lateMs = this.#random.fraction() * LATE_MS_MAX;
      this.#world.after(lateMs, () => {
        if (this.isCalm || !isStillSafe(isAnswered)) return;
        this.#world.trace(`late: ${command.kind} of "${"memberId" in command ? command.memberId : ""}"`);
        this.#cluster.ask(command, () => {});
      });
    }
    if (this.#happens(lossShare)) return;
    const isDouble = this.#happens(doubleShare) && mayComeTwice(command);
    this.#arrive(() => {
      this.#cluster.ask(command, (reply) => {
        isAnswered = true;
        this.#goBack(reply, answer);
      });
      if (isDouble) this.#cluster.ask(command, () => {});
    });
  }

  #arrive(action: () => void): void {
    const cuts = this.#cuts;
    this.#arrivedMs = Math.max(this.#arrivedMs, this.#world.nowMs + this.#delayMs());
    this.#world.at(this.#arrivedMs, () => this.#cuts === cuts && action());
  }

  #goBack(reply: Reply, answer: (reply: Reply) => void): void {
    if (this.#happens(this.#plan.lossShare)) return;
    const cuts = this.#cuts;
    this.#world.after(this.#delayMs(), () => this.#cuts === cuts && answer(reply));
  }

  #happens(share: number): boolean {
    return !this.isCalm && this.#random.chance(share);
  }

  #delayMs(): number {
    return this.#random.fraction() * (this.isCalm ? 1 : this.#plan.delayMsMax);
  }
}

/** A second join of a static member takes the first one's place, and leaves its client nobody. */
function mayComeTwice(command: GroupCommand): boolean {
  return command.kind !== "join_group" || command.instanceId === null;
}
