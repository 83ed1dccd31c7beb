/**
 * The partitions a group's coordinator deals out to this consumer: its membership
 * and its share, and a watch on the application, which must come for records now
 * and then: a member that stays away leaves, and comes back with it.
 */
import type { Assignment, ConsumerParts } from "./assignment.ts";
import { Commits, type Committer } from "./commits.ts";
import type { Connection } from "./connection.ts";
import { GroupShare } from "./group_share.ts";
import { type MemberSettings, memberSettings, type Subscription, subscriptionOf } from "./group_options.ts";
import { Membership } from "./membership.ts";
import { nowMs, startTimer, stopTimer, type Timer } from "./runtime.ts";

/** How often the watch looks, as a part of what it watches for. */
const LOOKS = 10;
const LOOK_MS_MAX = 30_000;

/** See the file's head. */
export class GroupPartitions implements Assignment {
  readonly #parts: ConsumerParts;
  readonly #settings: MemberSettings;
  readonly #share: GroupShare;
  readonly #membership: Membership;
  #running: Promise<void> | null = null;
  #timer: Timer | null = null;
  #pulls = 0;
  #seenMs = nowMs();
  #isAway = false;
  #closed = false;

  constructor(own: Connection, parts: ConsumerParts, commits: Commits, group: string) {
    this.#parts = parts;
    this.#settings = memberSettings(group, parts.options);
    this.#share = new GroupShare(parts, commits, group);
    const connections = { own, shared: parts.shared };
    const subscription = subscriptionOf(parts.options);
    this.#membership = new Membership(connections, this.#settings, subscription, this.#share);
  }

  /** Who commits. */
  get committer(): Committer {
    const { memberId: member, epoch } = this.#membership;
    const { instanceId } = this.#settings;
    return { member, epoch, ...(instanceId === null ? {} : { instance: instanceId }) };
  }

  get settled(): boolean {
    return this.#share.joined && this.#share.work === null;
  }

  start(): Promise<void> {
    this.#watch();
    this.#running = this.#share.look().then(() => this.#membership.run()).catch((error) => {
      this.#parts.fail(error);
    });
    return this.#share.started;
  }

  onRound(): void {}

  /** Reads something else from now on, or with `null` nothing: resolves when everything was given back. */
  async subscribe(subscription: Subscription | null): Promise<void> {
    this.#membership.subscribe(subscription);
    if (subscription === null) await this.#share.giveUp();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    stopTimer(this.#timer);
    this.#membership.stop();
    await this.#share.giveUp(true);
    this.#share.end();
    await this.#membership.leave();
    await this.#running;
  }

  #watch(): void {
    const delayMs = Math.min(LOOK_MS_MAX, this.#settings.maxPollIntervalMs / LOOKS);
    this.#timer = startTimer(delayMs, () => {
      this.#look();
      if (!this.#closed) this.#watch();
    });
  }

  #look(): void {
    const { turns } = this.#parts;
    if (turns.waiting > 0 || turns.pulls !== this.#pulls) {
      this.#pulls = turns.pulls;
      this.#seenMs = nowMs();
    } else if (!this.#isAway && nowMs() - this.#seenMs >= this.#settings.maxPollIntervalMs) {
      this.#isAway = true;
      this.#membership.stepOut(
        turns.released().then(() => {
          this.#isAway = false;
        }),
      );
    }
  }
}
