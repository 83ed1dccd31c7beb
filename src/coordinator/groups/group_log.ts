/**
 * Where the records of groups are kept: `__consumer_offsets`, as far as the
 * machines of groups know it. `journal/` writes it; the coordinator stands
 * between, which makes the topic before its first record.
 */
import type { Fault } from "../../model/mod.ts";
import type { GroupRecord } from "./record.ts";

export interface GroupLog {
  /** Why the group cannot be served, or `null`: the log its records are in is damaged. */
  faultOf(group: string): Fault | null;
  /** Makes the topic if it is not there. A fault: it cannot be made now. */
  prepare(nowMs: number): Fault | null;
  /** Appends all of the group's records or, with a fault, none. Seen by nobody before they are flushed. */
  append(group: string, records: readonly GroupRecord[], nowMs: number): Fault | null;
}
