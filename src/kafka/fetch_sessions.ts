/**
 * Fetch sessions (KIP-227): a consumer of many partitions names them once, and
 * from then on only what changes. The cache is bounded; where it is full a new
 * session takes the place of one that was idle, or else is refused, which a
 * client must put up with (it then sends whole requests).
 *
 *     id 0, epoch -1   no session            id 0, epoch 0    a new one, please
 *     id N, epoch -1   ends N                id N, epoch 0    ends N, a new one, please
 *     id N, epoch 1..  goes on with N: the epoch must be the expected one
 */
import type { FetchedEntry } from "../model/mod.ts";

/** Kafka's `max.incremental.fetch.session.cache.slots` and its time until an idle one may go. */
const SESSIONS_MAX = 1_000;
const IDLE_MS = 120_000;
/** Partitions of all sessions together: what bounds their memory. */
const PARTITIONS_MAX = 1_000_000;
const EPOCH_MAX = 2_147_483_647;

/** A partition of a session: what is asked of it, and what the client was told last. */
export interface SessionPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  offset: number;
  bytesMax: number;
  currentLeaderEpoch: number;
  lastFetchedEpoch: number;
  highWatermark: number;
  logStartOffset: number;
}

export class FetchSession {
  readonly id: number;
  /** The client names topics by id. */
  readonly usesIds: boolean;
  /** Partitions in the order they are served; those that just got records go last. */
  readonly partitions = new Map<string, SessionPartition>();
  nextEpoch = 1;
  usedMs: number;

  constructor(id: number, usesIds: boolean, nowMs: number) {
    this.id = id;
    this.usesIds = usesIds;
    this.usedMs = nowMs;
  }

  /** The epoch of the next request is one more; after 2^31 − 1 comes 1. */
  advance(): void {
    this.nextEpoch = this.nextEpoch === EPOCH_MAX ? 1 : this.nextEpoch + 1;
  }

  /** True when the client must be told of `entry`; remembers that it was. */
  isNews(key: string, entry: FetchedEntry): boolean {
    const known = this.partitions.get(key);
    if (known === undefined) return true;
    const isChanged = entry.fault !== null || entry.records.length > 0 || entry.divergingEpoch !== null ||
      entry.highWatermark !== known.highWatermark || entry.logStartOffset !== known.logStartOffset;
    known.highWatermark = entry.fault === null ? entry.highWatermark : -1;
    known.logStartOffset = entry.fault === null ? entry.logStartOffset : -1;
    if (entry.records.length > 0) {
      this.partitions.delete(key);
      this.partitions.set(key, known);
    }
    return isChanged;
  }
}

/** The sessions of all connections: one may be carried on over another connection. */
export class FetchSessions {
  readonly #newId: () => number;
  /** The longest unused first. */
  readonly #sessions = new Map<number, FetchSession>();

  /** `newId` gives random numbers in [1, 2^31). */
  constructor(newId: () => number) {
    this.#newId = newId;
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** The session, which counts as used now; `undefined` when there is none. */
  use(id: number, nowMs: number): FetchSession | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    session.usedMs = nowMs;
    return session;
  }

  end(id: number): void {
    this.#sessions.delete(id);
  }

  /** A new session for `partitionCount` partitions, or `null` when there is no room. */
  create(usesIds: boolean, partitionCount: number, nowMs: number): FetchSession | null {
    if (!this.#makeRoom(partitionCount, nowMs)) return null;
    let id = this.#newId();
    while (this.#sessions.has(id)) id = this.#newId();
    const session = new FetchSession(id, usesIds, nowMs);
    this.#sessions.set(id, session);
    return session;
  }

  #makeRoom(partitionCount: number, nowMs: number): boolean {
    if (this.#sessions.size < SESSIONS_MAX && this.hasRoom(partitionCount)) return true;
    for (const [id, session] of this.#sessions) {
      if (nowMs - session.usedMs < IDLE_MS) return false;
      this.#sessions.delete(id);
      if (this.hasRoom(partitionCount)) return true;
    }
    return false;
  }

  /** True when sessions may hold so many more partitions. */
  hasRoom(partitionCount: number): boolean {
    let held = partitionCount;
    for (const session of this.#sessions.values()) held += session.partitions.size;
    return held <= PARTITIONS_MAX;
  }
}
