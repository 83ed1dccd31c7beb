/**
 * A member of a consumer group and nothing else: heartbeats over the native
 * protocol, without a fetch, so that what is measured is the group. It owns what
 * it is given at once and says so with the next heartbeat.
 */
import { frameOf, type LoadConnection } from "../macro/load.ts";
import { decodeFrame, FRAME_HEAD_BYTES } from "../../src/native/mod.ts";

interface Assigned {
  readonly topic: string;
  readonly id: string;
  readonly partitions: number[];
}

/** What a heartbeat is answered by; `assignment` is missing when the member knows it. */
interface Answer {
  readonly e?: { readonly code: string; readonly message: string };
  readonly member: string;
  readonly epoch: number;
  readonly heartbeatIntervalMs: number;
  readonly assignment?: readonly Assigned[];
}

export class BenchMember {
  /** How many partitions it owns. */
  owned = 0;
  /** The broker has heard that. */
  isHeard = false;
  epoch = 0;
  /** Milliseconds after which the broker wants to hear of it. */
  intervalMs = 0;
  readonly #group: string;
  readonly #topics: readonly string[];
  readonly #waitMsMax: number;
  #member: string = crypto.randomUUID();
  #assignment: readonly Assigned[] = [];

  /** True when its heartbeats are long polls. */
  get polls(): boolean {
    return this.#waitMsMax > 0;
  }

  /** `waitMsMax` above 0: its heartbeats are long polls, and want a connection of their own. */
  constructor(group: string, topics: readonly string[], waitMsMax: number) {
    this.#group = group;
    this.#topics = topics;
    this.#waitMsMax = waitMsMax;
  }

  /** One heartbeat and its answer. Throws when it is refused. */
  async beat(connection: LoadConnection): Promise<void> {
    const isFirst = this.epoch === 0;
    const saysOwned = isFirst || !this.isHeard;
    await connection.send(frameOf({
      k: "group_heartbeat",
      c: 1,
      group: this.#group,
      member: this.#member,
      epoch: this.epoch,
      ...(isFirst ? { topics: [...this.#topics], rebalanceTimeoutMs: 60_000 } : {}),
      ...(saysOwned ? { owned: this.#assignment } : {}),
      // What reports is answered at once: its answer says that the broker heard.
      ...(this.polls && !saysOwned ? { waitMsMax: this.#waitMsMax } : {}),
    }));
    const frame = await connection.next();
    this.#take(decodeFrame(frame, FRAME_HEAD_BYTES, frame.length) as unknown as Answer, saysOwned);
  }

  #take({ e, member, epoch, heartbeatIntervalMs, assignment }: Answer, saidOwned: boolean): void {
    if (e !== undefined) throw new Error(`A heartbeat is refused: ${e.code}: ${e.message}`);
    this.#member = member;
    this.epoch = epoch;
    this.intervalMs = heartbeatIntervalMs;
    if (saidOwned) this.isHeard = true;
    if (assignment === undefined) return;
    this.isHeard = false;
    this.#assignment = assignment;
    this.owned = assignment.reduce((sum, { partitions }) => sum + partitions.length, 0);
  }
}

/** Milliseconds pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
