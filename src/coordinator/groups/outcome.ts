/**
 * What the machines of groups are given and give. A machine reads a group and
 * never changes it: it makes the group that is to be. The coordinator keeps the
 * records first; only then the new group takes the old one's place, its timers
 * are set, and the answers leave once the records are flushed. When the records
 * cannot be kept nothing of the outcome happens, and the asker is told so.
 *
 *     command, or a timer that is due -> machine -> records -> log -> group, timers -> flush -> answers
 */
import type { GroupReply, GroupSettings, Image } from "../../model/mod.ts";
import type { CompilePattern } from "./consumer/pattern/pattern.ts";
import type { GroupRecord } from "./record.ts";

/** What a decision depends on besides the group and the command. */
export interface GroupContext {
  readonly nowMs: number;
  readonly image: Image;
  readonly settings: GroupSettings;
  /** A random UUID in Kafka's text form: 36 characters. */
  readonly newMemberId: () => string;
  /** `null` while nothing needs it. */
  readonly compilePattern: CompilePattern | null;
}

/** Answers the command that came under `id`, now or long after it came. */
export interface GroupAnswer {
  readonly id: number;
  readonly reply: GroupReply;
}

/** A timer of one group: set to a moment, or called off with `null`. Its `key` is the machine's own. */
export interface TimerChange {
  readonly key: string;
  readonly dueMs: number | null;
}

/** What becomes of a group. */
export interface Outcome<Group> {
  /** The group as it is from now on; `null` when there is none any more: all of its timers are off. */
  readonly group: Group | null;
  readonly records: readonly GroupRecord[];
  readonly answers: readonly GroupAnswer[];
  readonly timers: readonly TimerChange[];
}
