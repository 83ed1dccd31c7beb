/**
 * A member's talk with its group's coordinator, on a connection of its own: it
 * joins, and from then on always has a heartbeat waiting at the coordinator, which
 * answers when there is news. After a lost answer, a fence or a change everything
 * is told anew. Fenced, it drops what it had and joins again.
 *
 *     out --join--> in --heartbeat, heartbeat, ...--> in
 *      ^             |
 *      '-- fenced, away too long, nothing subscribed, closed
 */
import type { NativeReplies } from "../native/mod.ts";
import { farewellMs } from "./commits.ts";
import { type Connection, retry } from "./connection.ts";
import { asWeirError, ignore, WeirError } from "./error.ts";
import type { MemberSettings, Subscription } from "./group_options.ts";
import type { GroupShare } from "./group_share.ts";
import { backoffMs, newId, nowMs, pause } from "./runtime.ts";

/** The session of somebody else with the same instance id is waited for so long, before the join fails. */
const INSTANCE_PATIENCE_MS = 60_000;
/** Where the coordinator does not say: until the first answer, and at least, if one comes at once with no news. */
const INTERVAL_MS_DEFAULT = 5_000;
const REST_MS = 100;

/** See the file's head. */
export class Membership {
  readonly memberId = newId();
  /** 0 while out of the group. */
  epoch = 0;
  readonly #connection: Connection;
  readonly #shared: Connection;
  readonly #settings: MemberSettings;
  readonly #share: GroupShare;
  #subscription: Subscription | null;
  #intervalMs = INTERVAL_MS_DEFAULT;
  #failures = 0;
  #joiningSinceMs = nowMs();
  #stopped = false;
  /** Stays out until this resolves. */
  #away: Promise<void> | null = null;
  /** Everything has to be told: the coordinator may not know, or the answer was lost. */
  #tellsAll = true;
  #toldOwned = "";
  #interrupted = false;
  #wake = new AbortController();

  constructor(
    connections: { readonly own: Connection; readonly shared: Connection },
    settings: MemberSettings,
    subscription: Subscription,
    share: GroupShare,
  ) {
    this.#connection = connections.own;
    this.#shared = connections.shared;
    this.#settings = settings;
    this.#subscription = subscription;
    this.#share = share;
  }

  /** Runs until stopped. Throws what cannot be mended by joining again. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#once();
        this.#failures = 0;
      } catch (error) {
        if (!this.#stopped) await this.#recover(asWeirError(error, "PROTOCOL", "Heartbeat"));
      }
    }
  }

  /** Ends {@linkcode run}; the member is still in the group. */
  stop(): void {
    this.#stopped = true;
    this.#interrupt();
    this.#connection.close();
  }

  /** Reads something else from now on, or with `null` nothing: then the member leaves. */
  subscribe(subscription: Subscription | null): void {
    this.#subscription = subscription;
    this.#interrupt();
  }

  /** Leaves at once and stays out until `back` resolves: the application is too slow. */
  stepOut(back: Promise<void>): void {
    this.#away = back;
    this.#interrupt();
  }

  /** Tells the coordinator that the member goes, for a while if it is a static one. Never throws. */
  async leave(): Promise<void> {
    const { group, instanceId } = this.#settings;
    if (this.epoch <= 0) return;
    this.epoch = 0;
    this.#tellsAll = true;
    const body = { group, member: this.memberId, ...(instanceId === null ? {} : { instance: instanceId }) };
    const epoch = instanceId === null ? -1 : -2;
    const options = { timeoutMs: farewellMs(this.#shared) };
    const ask = () => this.#shared.request("group_heartbeat", { ...body, epoch }, options);
    await retry(this.#shared.settings, ask, options, "Leaving the group").catch(ignore);
  }

  async #once(): Promise<void> {
    if (this.#away !== null) return await this.#stayAway(this.#away);
    if (this.#subscription === null) return await this.#unsubscribed();
    const { work } = this.#share;
    if (work !== null && this.epoch > 0) await this.#rest(this.#intervalMs, work);
    if (this.#stopped || this.#interrupted) return this.#resume();
    const startedMs = nowMs();
    const epoch = this.epoch;
    const waitMsMax = this.#share.work === null && epoch > 0 ? this.#intervalMs : 0;
    const reply = await this.#beat(waitMsMax);
    if (this.#stopped) return;
    this.#take(reply);
    const isNews = reply.assignment !== undefined || reply.epoch !== epoch;
    if (!isNews && waitMsMax > 0 && nowMs() - startedMs < REST_MS) await this.#rest(REST_MS);
  }

  #take({ epoch, heartbeatIntervalMs, assignment }: NativeReplies["group_heartbeat"]): void {
    this.epoch = epoch;
    this.#intervalMs = Math.max(1, heartbeatIntervalMs);
    this.#share.joined = true;
    if (assignment !== undefined) this.#share.follow(assignment);
  }

  /** One heartbeat. What it tells counts as told when the answer has come. */
  async #beat(waitMsMax: number): Promise<NativeReplies["group_heartbeat"]> {
    const { group, instanceId, rackId, assignor, rebalanceTimeoutMs } = this.#settings;
    const owned = this.#share.owned();
    const ownedText = JSON.stringify(owned);
    const all = this.#tellsAll;
    const { topics, pattern } = this.#subscription!;
    const body = {
      group,
      member: this.memberId,
      epoch: this.epoch,
      ...(instanceId === null ? {} : { instance: instanceId }),
      ...(all && rackId !== null ? { rack: rackId } : {}),
      ...(all && assignor !== null ? { assignor } : {}),
      ...(all ? { rebalanceTimeoutMs, topics: [...topics], pattern } : {}),
      ...(all || ownedText !== this.#toldOwned ? { owned } : {}),
      waitMsMax,
    };
    this.#tellsAll = true;
    const timeoutMs = this.#connection.settings.requestTimeoutMs + waitMsMax;
    const reply = await this.#connection.request("group_heartbeat", body, { timeoutMs });
    this.#tellsAll = this.#interrupted;
    this.#toldOwned = ownedText;
    return reply;
  }

  async #recover(error: WeirError): Promise<void> {
    if (this.#interrupted) return this.#resume();
    this.#tellsAll = true;
    this.#failures += 1;
    if (error.code === "FENCED_MEMBER_EPOCH" || error.code === "UNKNOWN_MEMBER_ID") {
      this.#goOut();
      await this.#share.lose();
    } else if (error.code === "UNRELEASED_INSTANCE_ID" && this.#mayWaitForInstance()) {
      this.epoch = 0;
    } else if (!error.retriable) {
      this.#stopped = true;
      this.epoch = 0;
      await this.#share.lose();
      throw error;
    }
    const { retryBackoffMs, retryBackoffMsMax } = this.#connection.settings;
    await this.#rest(backoffMs(this.#failures, retryBackoffMs, retryBackoffMsMax));
  }

  #mayWaitForInstance(): boolean {
    return nowMs() - this.#joiningSinceMs < INSTANCE_PATIENCE_MS;
  }

  async #stayAway(back: Promise<void>): Promise<void> {
    this.#resume();
    const leaving = this.leave();
    this.#goOut();
    await this.#share.lose();
    await leaving;
    await this.#rest(Infinity, back);
    if (this.#away === back) this.#away = null;
  }

  async #unsubscribed(): Promise<void> {
    this.#resume();
    await this.#share.giveUp();
    await this.leave();
    this.#goOut();
    if (this.#subscription === null && !this.#stopped) await this.#rest(Infinity);
  }

  #goOut(): void {
    this.epoch = 0;
    this.#joiningSinceMs = nowMs();
    this.#share.joined = false;
  }

  /** Something changed that the coordinator, or this loop, has to know now. */
  #interrupt(): void {
    this.#interrupted = true;
    this.#tellsAll = true;
    this.#wake.abort();
    this.#connection.recycle();
  }

  #resume(): void {
    this.#interrupted = false;
    this.#wake = new AbortController();
  }

  /** Waits `delayMs`, or until `work` is done, or until interrupted. */
  async #rest(delayMs: number, work?: Promise<void>): Promise<void> {
    const over = new AbortController();
    const end = () => over.abort();
    this.#wake.signal.addEventListener("abort", end, { once: true });
    if (this.#wake.signal.aborted || this.#interrupted) over.abort();
    work?.then(end, end);
    const delay = Math.min(delayMs, 2_147_483_647);
    await pause(delay, over.signal, "Waiting").catch(ignore);
    this.#wake.signal.removeEventListener("abort", end);
  }
}
