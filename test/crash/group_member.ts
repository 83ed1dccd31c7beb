/**
 * A member of a group of the new protocol that outlives brokers: it goes on under
 * the same id and epoch after each crash, revokes before it says so, and commits
 * all the time. Over a bare link, so that what it asks is exactly what the ledger
 * knows.
 */
import { Link } from "../../src/client/link.ts";
import { WeirError } from "../../src/client/mod.ts";
import { encodeFrame, type Message, type NativeReplies } from "../../src/native/mod.ts";
import type { GroupLedger } from "./group_ledger.ts";

const TIMEOUT_MS = 5_000;
const PAUSE_MS_MAX = 15;
/** After these a member is nobody: it gives everything up and joins again. */
const OUT = ["FENCED_MEMBER_EPOCH", "UNKNOWN_MEMBER_ID", "STALE_MEMBER_EPOCH"];

export class CrashMember {
  readonly #group: string;
  readonly #topic: string;
  readonly #ledger: GroupLedger;
  readonly #random: () => number;
  readonly #member = crypto.randomUUID();
  readonly #owned = new Set<number>();
  #epoch = 0;
  #saysAll = true;
  /** The last heartbeat had no answer: the broker may be an epoch further. */
  #isUnsure = false;

  constructor(group: string, topic: string, ledger: GroupLedger, random: () => number) {
    this.#group = group;
    this.#topic = topic;
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Heartbeats and commits until the broker is gone, or until it has left if `leaves`: then true. */
  async liveUntilGone(address: string, leaves: boolean): Promise<boolean> {
    const [host, port] = address.split(":") as [string, string];
    try {
      const link = await Link.open({ host, port: Number(port), clientId: "crash" }, TIMEOUT_MS, () => {});
      const turns = leaves ? 5 + Math.floor(this.#random() * 20) : Infinity;
      for (let turn = 0; turn < turns; turn++) {
        await this.#beat(link);
        if (this.#random() < 0.7) await this.#commit(link);
        await new Promise((resolve) => setTimeout(resolve, this.#random() * PAUSE_MS_MAX));
      }
      await this.#leave(link);
      link.end(new WeirError("CLOSED", "The member has left"));
      return true;
    } catch (error) {
      if (!(error instanceof WeirError) || !isEnd(error)) throw error;
      this.#saysAll = true;
      return false;
    }
  }

  async #beat(link: Link): Promise<void> {
    const joins = this.#epoch === 0;
    const owned = [{ topic: this.#topic, partitions: [...this.#owned] }];
    const all = { topics: [this.#topic], rebalanceTimeoutMs: 30_000, owned: joins ? [] : owned };
    const wasUnsure = this.#isUnsure;
    this.#isUnsure = true;
    if (joins) this.#ledger.epochs.delete(this.#member);
    const request = { member: this.#member, epoch: this.#epoch, ...(joins || this.#saysAll ? all : {}) };
    try {
      const reply = await this.#ask(link, "group_heartbeat", request);
      this.#isUnsure = false;
      this.#saysAll = false;
      this.#hear(reply as unknown as NativeReplies["group_heartbeat"]);
    } catch (error) {
      if (!(error instanceof WeirError) || !OUT.includes(error.code)) throw error;
      this.#isUnsure = false;
      if (!wasUnsure) {
        this.#ledger.broken.push(`${this.#group}: member ${this.#member} is told ${error.code}`);
      }
      this.#giveUp();
    }
  }

  #hear({ epoch, assignment }: NativeReplies["group_heartbeat"]): void {
    this.#epoch = epoch;
    this.#ledger.epochs.set(this.#member, epoch);
    if (assignment === undefined) return;
    const given = new Set(assignment.flatMap(({ partitions }) => partitions));
    for (const partition of this.#owned) {
      if (given.has(partition)) continue;
      this.#owned.delete(partition);
      this.#ledger.release(partition, this.#member);
      this.#saysAll = true;
    }
    for (const partition of given) {
      if (this.#owned.has(partition)) continue;
      this.#owned.add(partition);
      this.#ledger.take(partition, this.#member);
      this.#saysAll = true;
    }
  }

  async #commit(link: Link): Promise<void> {
    const entries = [...this.#owned].map((partition) => {
      return { topic: this.#topic, partition, offset: this.#ledger.ask(partition) };
    });
    if (entries.length === 0) return;
    const request = { member: this.#member, epoch: this.#epoch, entries };
    const reply = await this.#ask(link, "commit_offsets", request);
    const answers = (reply as unknown as NativeReplies["commit_offsets"]).entries;
    for (const [index, { partition, e }] of answers.entries()) {
      if (e === undefined) this.#ledger.acknowledge(partition, entries[index]!.offset);
    }
  }

  async #leave(link: Link): Promise<void> {
    this.#giveUp();
    this.#ledger.epochs.delete(this.#member);
    await this.#ask(link, "group_heartbeat", { member: this.#member, epoch: -1 });
    this.#ledger.left.add(this.#member);
  }

  #giveUp(): void {
    for (const partition of this.#owned) this.#ledger.release(partition, this.#member);
    this.#owned.clear();
    this.#ledger.epochs.delete(this.#member);
    this.#epoch = 0;
    this.#saysAll = true;
  }

  #ask(link: Link, k: string, fields: Message): Promise<Message> {
    const encode = (c: number) => encodeFrame({ k, c, group: this.#group, ...fields });
    return link.exchange(k, encode, Date.now() + TIMEOUT_MS);
  }
}

/** The broker was killed, or is about to be; or it has just begun. */
function isEnd({ code, retriable }: WeirError): boolean {
  return retriable || code === "NETWORK_EXCEPTION" || code === "CLOSED";
}
