/**
 * What happens to groups though no member says anything and no timer of theirs is
 * due: topics change, topics go and take their offsets along, offsets have been
 * kept long enough. Only this looks at all groups, and only when there is reason
 * to. Called by `groups.ts`, which puts the outcomes in force.
 */
import type { Fault, Image } from "../../model/mod.ts";
import { refreshConsumer } from "./consumer/mod.ts";
import { type Group, stateOf } from "./group.ts";
import type { KeptRecords } from "./kept.ts";
import { expiredOffsets } from "./offsets/expire.ts";
import { type DoomedOffsets, doomedOffsets, doomedTombstones } from "./offsets/forget.ts";
import type { GroupContext, Outcome } from "./outcome.ts";
import { type GroupTimers, NEVER_MS } from "./timers.ts";

/** What could not be kept is tried again so much later. */
export const RETRY_MS = 1_000;

/** The groups as they stand, and the way to change them. */
export interface UpkeepOptions {
  readonly groups: ReadonlyMap<string, Group>;
  readonly kept: KeptRecords;
  readonly timers: GroupTimers;
  /** Puts an outcome in force, its answers too; a fault: nothing of it is. */
  readonly settle: (group: string, outcome: Outcome<Group>, nowMs: number) => Fault | null;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  /** Offsets of topics that are gone. */
  #doomed: DoomedOffsets[] = [];
  /** Topics changed since the groups last looked at them. */
  #isChanged = false;
  #forgetAtMs = NEVER_MS;
  #retentionAtMs = NEVER_MS;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** When `run` is wanted though nothing happened. */
  get wakeMs(): number {
    return Math.min(this.#forgetAtMs, this.#retentionAtMs);
  }

  /** Every record was replayed. */
  begin(image: Image, nowMs: number, checkIntervalMs: number): void {
    // A broker may die after it deleted a topic and before the log says so.
    this.#doom((topic) => !image.topics.has(topic), nowMs);
    this.#retentionAtMs = nowMs + checkIntervalMs;
  }

  /** The clock was set by `byMs`. */
  shift(byMs: number): void {
    if (this.#forgetAtMs < NEVER_MS) this.#forgetAtMs += byMs;
    this.#retentionAtMs += byMs;
  }

  /** Topics came, grew or went; nobody is to have offsets of those that are `gone`. */
  changeTopics(gone: ReadonlySet<string>, nowMs: number): void {
    this.#isChanged = true;
    if (gone.size > 0) this.#doom((topic) => gone.has(topic), nowMs);
  }

  /** Does what is due. */
  run(context: GroupContext): void {
    if (this.#isChanged) this.#refresh(context);
    if (this.#forgetAtMs <= context.nowMs) this.#forget(context.nowMs);
    if (this.#retentionAtMs <= context.nowMs) this.#expireOffsets(context);
  }

  /** Groups of the new protocol follow the topics; what cannot be kept now comes with a heartbeat. */
  #refresh(context: GroupContext): void {
    this.#isChanged = false;
    const { groups, settle } = this.#options;
    for (const [name, group] of [...groups]) {
      if (group.type === "consumer") settle(name, refreshConsumer(group, context), context.nowMs);
    }
  }

  #doom(isGone: (topic: string) => boolean, nowMs: number): void {
    const doomed = doomedOffsets(this.#options.kept.offsets, isGone);
    this.#doomed.push(...doomed);
    if (doomed.length > 0) this.#forgetAtMs = nowMs;
  }

  #forget(nowMs: number): void {
    const { groups, kept, settle } = this.#options;
    this.#doomed = this.#doomed.filter((doomed) => {
      const records = doomedTombstones(doomed, kept.offsets);
      const group = groups.get(doomed.group);
      if (records.length === 0 || group === undefined) return false;
      return settle(doomed.group, { group, records, answers: [], timers: [] }, nowMs) !== null;
    });
    this.#forgetAtMs = this.#doomed.length === 0 ? NEVER_MS : nowMs + RETRY_MS;
  }

  /** What cannot be kept is left for the next time. */
  #expireOffsets(context: GroupContext): void {
    const { groups, kept, settle } = this.#options;
    const { nowMs, settings } = context;
    this.#retentionAtMs = nowMs + settings.offsetsCheckIntervalMs;
    for (const [name, group] of [...groups]) {
      const expired = expiredOffsets(group, kept.offsets, context);
      const isOver = this.#isOver(group, expired.length);
      if (!isOver && expired.length === 0) continue;
      const left = isOver ? { group: null, records: kept.tombstonesOf(name) } : { group, records: expired };
      settle(name, { ...left, answers: [], timers: [] }, nowMs);
    }
  }

  /** True for a group without members, without anybody who is about to join, and all of whose offsets go. */
  #isOver(group: Group, expiredCount: number): boolean {
    const { kept, timers } = this.#options;
    if (stateOf(group) !== "Empty" || timers.has(group.group)) return false;
    let left = -expiredCount;
    for (const _entry of kept.offsets.entries(group.group)) left++;
    return left === 0;
  }
}
