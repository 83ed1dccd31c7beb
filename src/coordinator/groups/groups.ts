/**
 * All groups and their committed offsets. Each command goes to the machine that
 * knows; what it gives is kept in the log first and only then takes effect:
 *
 *     command, or a timer that is due -> machine -> log -> records kept, group, timers -> answers
 *
 * When the log cannot keep the records nothing of the outcome happens: whoever
 * asked is told to come again, whoever waits goes on waiting, and a timer is
 * tried again a little later. The answers may leave once the log is flushed.
 * What concerns no group costs nothing here, however many groups there are.
 * Called by the coordinator.
 */
import {
  assert,
  type CoordinatorInput,
  type DeleteGroupsCommand,
  type Fault,
  fault,
  type GroupCommand,
  type GroupFigures,
  type GroupSettings,
  type Image,
  type Reply,
} from "../../model/mod.ts";
import { checkDeleteGroup } from "./admin/delete.ts";
import { describeGroups } from "./admin/describe.ts";
import { listGroups } from "./admin/list.ts";
import { emptyClassic } from "./classic/mod.ts";
import { bringsPattern, type CompilePattern } from "./consumer/pattern/pattern.ts";
import { decideMember } from "./dispatch.ts";
import { expire, type Group, hasPatterns, resume } from "./group.ts";
import type { GroupLog } from "./group_log.ts";
import { KeptRecords } from "./kept.ts";
import { decideCommit } from "./offsets/commit.ts";
import { decideDeleteOffsets } from "./offsets/delete.ts";
import { fetchOffsets } from "./offsets/fetch.ts";
import { measureGroups } from "./offsets/measure.ts";
import { refuseNames } from "./names.ts";
import type { GroupContext, Outcome, TimerChange } from "./outcome.ts";
import type { GroupRecord } from "./record.ts";
import { refuse, told } from "./refuse.ts";
import { replayRecord } from "./replay.ts";
import { GroupTimers } from "./timers.ts";
import { RETRY_MS, Upkeep } from "./upkeep.ts";

/** When so much later than wanted `expire` is called, the clock was set, or the machine stood still. */
const LATE_MS_MAX = 3_000;

/** The answer to the command that came under `id`. */
export interface CommandAnswer {
  readonly id: number;
  readonly reply: Reply;
}

/** Commands that change one group. */
type OneGroupCommand = Exclude<
  GroupCommand,
  { kind: "fetch_offsets" | "describe_groups" | "list_groups" | "delete_groups" }
>;

export interface GroupsOptions {
  readonly log: GroupLog;
  readonly settings: GroupSettings;
  /** A random UUID in Kafka's text form: 36 characters. */
  readonly newMemberId: () => string;
}

export class Groups {
  readonly #options: GroupsOptions;
  readonly #faultOf: (group: string) => Fault | null;
  readonly #groups = new Map<string, Group>();
  readonly #kept = new KeptRecords();
  readonly #timers = new GroupTimers();
  /** Commands that are not answered yet. */
  readonly #parked = new Set<number>();
  /** To those who came now and those who waited, not yet handed out. */
  readonly #answers: CommandAnswer[] = [];
  readonly #upkeep: Upkeep;
  #compilePattern: CompilePattern | null = null;
  /** Some group that came out of the log has a pattern. */
  #hadPatterns = false;
  /** The latest moment anything was done; -1 before `begin`. */
  #latestMs = -1;

  constructor(options: GroupsOptions) {
    this.#options = options;
    this.#faultOf = (group) => options.log.faultOf(group);
    this.#upkeep = new Upkeep({
      groups: this.#groups,
      kept: this.#kept,
      timers: this.#timers,
      settle: (name, outcome, nowMs) => this.#settle(name, outcome, nowMs),
    });
  }

  /** When `expire` is wanted; NEVER_MS when it is not. */
  get wakeMs(): number {
    return Math.min(this.#timers.earliestMs, this.#upkeep.wakeMs);
  }

  /** Applies the next record of the log; before `begin` alone. */
  replay(record: GroupRecord): void {
    assert(this.#latestMs === -1, "records are replayed before anything is decided");
    this.#kept.apply(record);
    const group = replayRecord(this.#groups.get(record.group) ?? null, record);
    if (group === null) this.#groups.delete(record.group);
    else this.#groups.set(record.group, group);
  }

  /** Every record was replayed: sessions begin. */
  begin(image: Image, nowMs: number): void {
    const context = this.#context(image, nowMs);
    for (const name of this.#kept.offsets.groups()) {
      if (!this.#groups.has(name)) this.#groups.set(name, emptyClassic(name, nowMs));
    }
    for (const [name, group] of this.#groups) {
      this.#hadPatterns ||= hasPatterns(group);
      for (const { key, dueMs } of resume(group, context)) {
        if (dueMs !== null) this.#timers.set(name, key, dueMs);
      }
    }
    this.#upkeep.begin(image, nowMs, this.#options.settings.offsetsCheckIntervalMs);
    this.#latestMs = nowMs;
  }

  /** True when a turn of these inputs may look at patterns, and what knows them is still to come. */
  needPatterns(inputs: readonly CoordinatorInput[]): boolean {
    return this.#compilePattern === null && (this.#hadPatterns || inputs.some(bringsPattern));
  }

  /** Hands over what knows patterns. */
  usePatterns(compilePattern: CompilePattern): void {
    this.#compilePattern = compilePattern;
  }

  /** Takes a command; gives all answers it causes, to itself and to those that waited. */
  decide(id: number, command: GroupCommand, image: Image, nowMs: number): CommandAnswer[] {
    assert(!this.#parked.has(id), "a command comes once");
    this.#followClock(nowMs);
    switch (command.kind) {
      case "fetch_offsets":
        return [{ id, reply: fetchOffsets(command, this.#groups, this.#kept.offsets, this.#faultOf) }];
      case "describe_groups":
        return [{ id, reply: describeGroups(command, this.#groups, this.#options.settings, this.#faultOf) }];
      case "list_groups":
        return [{ id, reply: listGroups(command, this.#groups.values()) }];
      case "delete_groups":
        return [{ id, reply: this.#deleteGroups(command, nowMs) }];
      default:
        return this.#decideOne(id, command, image, nowMs);
    }
  }

  /** Does what is due; gives the answers it causes. */
  expire(image: Image, nowMs: number): CommandAnswer[] {
    this.#followClock(nowMs);
    const context = this.#context(image, nowMs);
    const { order } = this.#timers;
    for (let due = this.#timers.take(nowMs, order); due !== null; due = this.#timers.take(nowMs, order)) {
      const group = this.#groups.get(due.group);
      assert(group !== undefined, "a group that is gone has no timers");
      const failed = this.#settle(due.group, expire(group, due.key, context), nowMs);
      if (failed !== null) this.#timers.set(due.group, due.key, nowMs + RETRY_MS);
    }
    this.#upkeep.run(context);
    return this.#answers.splice(0);
  }

  /**
   * Topics came, grew or went: members that wait are told what that means for them, and nobody is to
   * have offsets of those that are `gone`. The next `expire` makes it so.
   */
  changeTopics(gone: ReadonlySet<string>, nowMs: number): void {
    this.#upkeep.changeTopics(gone, nowMs);
  }

  /** All groups and all they committed, as they are measured. */
  measure(): GroupFigures {
    return measureGroups(this.#groups.values(), this.#kept.offsets, this.#faultOf);
  }

  /** What the log has to hold. */
  get kept(): Pick<KeptRecords, "groups" | "recordsOf"> {
    return this.#kept;
  }

  /** The coordinator stops: whoever still waits is told to ask the next one. */
  stop(): CommandAnswer[] {
    const stopping = fault("COORDINATOR_NOT_AVAILABLE", "The coordinator is stopping, retry in a moment");
    const answers = Array.from(this.#parked, (id): CommandAnswer => (
      { id, reply: { kind: "failed", fault: stopping } }
    ));
    this.#parked.clear();
    return answers;
  }

  /**
   * A clock that is set back must not make anybody wait longer for those who are gone. One that is set
   * forward, or a machine that slept, must not end every session at once: nobody could be heard meanwhile.
   */
  #followClock(nowMs: number): void {
    assert(this.#latestMs >= 0, "records are replayed before anything is decided");
    const byMs = nowMs - this.#latestMs;
    const lateMs = nowMs - Math.max(this.wakeMs, this.#latestMs);
    this.#latestMs = nowMs;
    if (byMs >= 0 && lateMs <= LATE_MS_MAX) return;
    this.#timers.shift(byMs);
    if (byMs < 0) this.#upkeep.shift(byMs);
  }

  #context(image: Image, nowMs: number): GroupContext {
    const { settings, newMemberId } = this.#options;
    return { nowMs, image, settings, newMemberId, compilePattern: this.#compilePattern };
  }

  #decideOne(id: number, command: OneGroupCommand, image: Image, nowMs: number): CommandAnswer[] {
    const refused = refuseNames(command);
    if (refused !== null) return [{ id, reply: refused }];
    const offline = this.#faultOf(command.group);
    if (offline !== null) return [{ id, reply: refuse(command, offline) }];
    const outcome = this.#outcomeOf(id, command, image, nowMs);
    this.#parked.add(id);
    const failed = this.#settle(command.group, outcome, nowMs);
    if (failed === null) return this.#answers.splice(0);
    this.#parked.delete(id);
    return [{ id, reply: refuse(command, failed) }];
  }

  #outcomeOf(id: number, command: OneGroupCommand, image: Image, nowMs: number): Outcome<Group> {
    const group = this.#groups.get(command.group) ?? null;
    const context = this.#context(image, nowMs);
    if (command.kind === "commit_offsets") return decideCommit(group, id, command, context);
    if (command.kind === "delete_offsets") {
      return decideDeleteOffsets(group, id, command, this.#kept.offsets, image);
    }
    return decideMember(group, id, command, context);
  }

  /** Puts an outcome in force: kept, applied, its answers ready; a fault: nothing of it is. */
  #settle(name: string, { group, records, answers, timers }: Outcome<Group>, nowMs: number): Fault | null {
    const { log } = this.#options;
    const isNew = group !== null && !this.#groups.has(name);
    // What a group does later, when a timer is due, must find its log.
    const failed = (isNew || records.length > 0 ? log.prepare(nowMs) : null) ??
      (records.length > 0 ? log.append(name, records, nowMs) : null);
    if (failed !== null) return failed;
    for (const record of records) this.#kept.apply(record);
    for (const { id } of answers) assert(this.#parked.delete(id), "a command is answered once");
    this.#answers.push(...answers);
    if (group === null) this.#drop(name, nowMs);
    else this.#put(name, group, timers);
    return null;
  }

  #put(name: string, group: Group, timers: readonly TimerChange[]): void {
    assert(group.group === name, "an outcome is about the group that was asked");
    // The timers of one protocol mean nothing in the other.
    if (this.#groups.get(name)?.type !== group.type) this.#timers.cancelAll(name);
    this.#groups.set(name, group);
    for (const { key, dueMs } of timers) {
      if (dueMs === null) this.#timers.cancel(name, key);
      else this.#timers.set(name, key, dueMs);
    }
  }

  #drop(name: string, nowMs: number): void {
    this.#timers.cancelAll(name);
    // Offsets without a group are a group without members, now as after a restart.
    if (this.#kept.offsets.has(name)) this.#groups.set(name, emptyClassic(name, nowMs));
    else this.#groups.delete(name);
  }

  #deleteGroups({ groups }: DeleteGroupsCommand, nowMs: number): Reply {
    const deleted = groups.map((name) => {
      const refused = this.#faultOf(name) ?? checkDeleteGroup(name, this.#groups.get(name));
      if (refused !== null) return { group: name, fault: refused };
      const records = this.#kept.tombstonesOf(name);
      const failed = this.#settle(name, { group: null, records, answers: [], timers: [] }, nowMs);
      return { group: name, fault: failed === null ? null : told(failed, "UNKNOWN_SERVER_ERROR") };
    });
    return { kind: "groups_deleted", groups: deleted };
  }
}
