/**
 * One consumer group on the fake broker: what is committed, and one member whose assignment the test sets.
 * Heartbeats wait as the real coordinator's do, until the assignment changes, a later heartbeat comes, or
 * their time is up. Not a coordinator: nothing is balanced here.
 */
import type { WireAssignment, WireGroup } from "../../../src/native/mod.ts";
import { type Request, wireError } from "./fake_broker.ts";

/** See the file's head. */
export class FakeGroups {
  /** What is committed, by "topic/partition". */
  readonly committed = new Map<string, { offset: number; leaderEpoch: number; metadata: string }>();
  /** What describe_groups knows, by name. */
  readonly described = new Map<string, WireGroup>();
  /** The member as it is: epoch 0 while there is none. */
  member = { id: "", epoch: 0, owned: [] as WireAssignment[] };
  /** Heartbeats as they came, the one that waits included. */
  readonly heartbeats: Request[] = [];
  heartbeatIntervalMs = 1_000;
  /** The next heartbeat, or the one that waits, is refused so. */
  refusal: { readonly code: string; readonly retriable?: boolean } | null = null;
  #target: WireAssignment[] = [];
  #told = false;
  #parked: ((news: boolean) => void) | null = null;

  /** What the member is to own from now on. */
  assign(target: WireAssignment[]): void {
    this.#target = target;
    this.#told = false;
    if (this.member.epoch > 0) this.member.epoch += 1;
    this.wake();
  }

  /** Has the heartbeat that waits answered. */
  wake(): void {
    this.#parked?.(true);
  }

  /** The answer to a request on groups; `null` for any other. */
  answer(request: Request): Record<string, unknown> | Promise<Record<string, unknown>> | null {
    switch (request.k) {
      case "group_heartbeat":
        return this.#heartbeat(request);
      case "commit_offsets":
        return this.#commit(request);
      case "committed_offsets":
        return { entries: this.#fetch(request.entries) };
      case "delete_offsets":
        for (const entry of request.entries) this.committed.delete(keyOf(entry));
        return { entries: request.entries };
      case "describe_groups":
        return { groups: request.groups.map((group: string) => this.#describe(group)) };
      default:
        return null;
    }
  }

  async #heartbeat(request: Request): Promise<Record<string, unknown>> {
    this.heartbeats.push(request);
    this.wake();
    const { member } = this;
    if (request.epoch === 0) {
      this.member = { id: request.member, epoch: 1, owned: [] };
      this.#told = false;
    } else if (request.epoch < 0) {
      this.member = { id: "", epoch: 0, owned: [] };
      return { member: request.member, epoch: request.epoch, heartbeatIntervalMs: this.heartbeatIntervalMs };
    } else if (request.member !== member.id) {
      return { e: wireError("UNKNOWN_MEMBER_ID") };
    }
    if (request.owned) this.member.owned = request.owned;
    if (request.owned && request.topics) this.#told = false;
    if (this.#told && this.refusal === null && request.waitMsMax > 0) await this.#park(request.waitMsMax);
    return this.#tell();
  }

  #tell(): Record<string, unknown> {
    const { refusal, member: { id: member, epoch }, heartbeatIntervalMs } = this;
    if (refusal !== null) {
      this.refusal = null;
      return { e: wireError(refusal.code, refusal.retriable) };
    }
    const news = this.#told ? {} : { assignment: this.#target };
    this.#told = true;
    return { member, epoch, heartbeatIntervalMs, ...news };
  }

  #park(waitMsMax: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#parked?.(false), waitMsMax);
      this.#parked = (news) => {
        clearTimeout(timer);
        this.#parked = null;
        resolve(news);
      };
    });
  }

  #commit({ member, epoch, entries }: Request): Record<string, unknown> {
    const refused = !member && this.member.epoch > 0
      ? wireError("UNKNOWN_MEMBER_ID")
      : member && epoch !== this.member.epoch
      ? wireError("STALE_MEMBER_EPOCH")
      : null;
    return {
      entries: entries.map(({ offset, leaderEpoch = -1, metadata = "", ...where }: Request) => {
        if (refused !== null) return { ...where, e: refused };
        this.committed.set(keyOf(where), { offset, leaderEpoch, metadata });
        return where;
      }),
    };
  }

  #fetch(entries: Request[] | null): unknown[] {
    const all = [...this.committed.keys()].map((key) => {
      const [topic, partition] = key.split("/");
      return { topic, partition: Number(partition) };
    });
    const nothing = { offset: -1, leaderEpoch: -1, metadata: "" };
    return (entries ?? all).map((where) => ({ ...where, ...this.committed.get(keyOf(where)) ?? nothing }));
  }

  #describe(group: string): unknown {
    const found = this.described.get(group);
    if (found !== undefined) return found;
    const nothing = { type: "Classic", protocolType: "", protocol: "", generation: -1, members: [] };
    return { group, state: "Dead", ...nothing, e: wireError("GROUP_ID_NOT_FOUND") };
  }
}

function keyOf({ topic, partition }: Request): string {
  return `${topic}/${partition}`;
}
