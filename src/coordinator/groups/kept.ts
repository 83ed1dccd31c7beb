/**
 * What the log holds of groups, by group and key: the last value of each, and
 * nothing that a tombstone took away. What a group's tombstones are made of, and
 * what is written again when its log is made shorter. Changed by applying
 * records alone, live and on replay.
 */
import { assert } from "../../model/mod.ts";
import { OffsetStore } from "./offsets/store.ts";
import type { GroupRecord } from "./record.ts";

export class KeptRecords {
  /** Committed offsets. */
  readonly offsets = new OffsetStore();
  /** Everything else, by the key of its record. */
  readonly #groups = new Map<string, Map<string, GroupRecord>>();

  /** Groups of which anything is kept. */
  groups(): Set<string> {
    return new Set([...this.#groups.keys(), ...this.offsets.groups()]);
  }

  /** Applies the next record. */
  apply(record: GroupRecord): void {
    if (record.kind === "offset") return this.offsets.apply(record);
    const key = keyOf(record);
    const kept = this.#groups.get(record.group);
    if (record.value === null) {
      kept?.delete(key);
      if (kept?.size === 0) this.#groups.delete(record.group);
      return;
    }
    if (kept === undefined) this.#groups.set(record.group, new Map([[key, record]]));
    else kept.set(key, record);
  }

  /** The records that make up a group and its offsets: applied to nothing they give the same again. */
  *recordsOf(group: string): Iterable<GroupRecord> {
    yield* this.#groups.get(group)?.values() ?? [];
    for (const entry of this.offsets.entries(group)) yield { kind: "offset", group, ...entry };
  }

  /** The records that take a group and its offsets away. */
  tombstonesOf(group: string): GroupRecord[] {
    const records = [...this.recordsOf(group)];
    assert(records.every((record) => record.value !== null), "a tombstone is not kept");
    // What is in a group goes before the group.
    const last = records.filter((record) => record.kind === "consumer_group");
    const first = records.filter((record) => record.kind !== "consumer_group");
    const tombstones = [...first, ...last].map((record): GroupRecord => ({ ...record, value: null }));
    // Where offsets are all there is, Kafka has a group all the same, and keeps it until it is told.
    const isOffsets = records.every((record) => record.kind === "offset");
    if (isOffsets) tombstones.push({ kind: "classic_group", group, value: null });
    return tombstones;
  }
}

/** What a record replaces: its key in the log, short of the group. */
function keyOf(record: Exclude<GroupRecord, { kind: "offset" }>): string {
  if ("memberId" in record) return `${record.kind} ${record.memberId}`;
  return "pattern" in record ? `${record.kind} ${record.pattern}` : record.kind;
}
