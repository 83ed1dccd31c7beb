import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type GroupJournal, openGroupJournal } from "../../../src/coordinator/journal/group_journal.ts";
import type { GroupRecord } from "../../../src/coordinator/groups/record.ts";
import { encodeBatch } from "../../../src/record/mod.ts";
import { type Disk, DiskError, FaultyDisk, MemoryDisk } from "../../../src/storage/mod.ts";
import { imageWith, recordOf, seeded } from "./group_records.ts";
import { NOW_MS } from "./world.ts";

const GROUPS = ["a", "b", "readers", "order-processor"];
const IMAGE = imageWith(2);
const command = fc.constantFrom(...GROUPS).chain((group) =>
  fc.array(recordOf([group]), { minLength: 1, maxLength: 4 })
);
const commands = fc.array(command, { minLength: 10, maxLength: 60 });

/** The last record of each key that no tombstone took away. */
class Kept {
  readonly #records = new Map<string, Map<string, GroupRecord>>();

  apply(record: GroupRecord): void {
    const { group, value, ...rest } = record;
    const key = JSON.stringify(rest, Object.keys(rest).sort());
    const records = this.#records.get(group) ?? new Map();
    this.#records.set(group, records);
    if (value === null) records.delete(key);
    else records.set(key, record);
    if (records.size === 0) this.#records.delete(group);
  }

  /** A copy to which these were applied. */
  with(records: readonly GroupRecord[]): Kept {
    const copy = new Kept();
    for (const group of this.groups()) for (const record of this.recordsOf(group)) copy.apply(record);
    for (const record of records) copy.apply(record);
    return copy;
  }

  groups(): string[] {
    return [...this.#records.keys()];
  }

  recordsOf(group: string): GroupRecord[] {
    return [...this.#records.get(group)?.values() ?? []];
  }

  /** Without an order, which a restart may change. */
  get content(): Map<string, Set<GroupRecord>> {
    return new Map(this.groups().sort().map((group) => [group, new Set(this.recordsOf(group))]));
  }
}

function open(disk: Disk, shortenBytesMin: number): { journal: GroupJournal; kept: Kept; report: string } {
  disk.makeDirectory("data");
  disk.syncDirectory("");
  const kept = new Kept();
  const options = { disk, dataDirectory: "data", clean: false, positions: [], shortenBytesMin };
  const { journal, report } = openGroupJournal(options, IMAGE, (record) => kept.apply(record), NOW_MS);
  return { journal, kept, report: report.join("\n") };
}

/** One turn: the command, then the next slice. */
function turn(journal: GroupJournal, kept: Kept, records: readonly GroupRecord[]): void {
  assert.equal(journal.append(IMAGE, records[0]!.group, records, NOW_MS), null);
  for (const record of records) kept.apply(record);
  journal.shorten(IMAGE, kept, NOW_MS);
  journal.flush();
}

function commit(group: string, partition: number, offset: number): GroupRecord {
  const value = { offset, leaderEpoch: -1, metadata: "", commitMs: NOW_MS, expireMs: -1 };
  return { kind: "offset", group, topic: "orders", partition, value };
}

function bytesOf(disk: Disk): number {
  const logs = disk.list("data").flatMap(({ name }) => {
    return disk.list(`data/${name}`).map((file) => `data/${name}/${file.name}`);
  });
  return logs.filter((path) => path.endsWith(".log")).reduce((sum, path) => sum + disk.stat(path)!.size, 0);
}

describe("a log of groups that is made shorter", () => {
  it("replays to the same state at any moment", () => {
    fc.assert(
      fc.property(commands, fc.constantFrom(200, 900, 5_000), (commands, shortenBytesMin) => {
        const disk = new MemoryDisk();
        const { journal, kept } = open(disk, shortenBytesMin);
        for (const records of commands) turn(journal, kept, records);
        assert.deepEqual(open(disk, shortenBytesMin).kept.content, kept.content);
      }),
      { numRuns: 60 },
    );
  });

  it("replays to the same state after a power cut at any write, and after the next", () => {
    fc.assert(
      fc.property(commands, fc.nat(150), fc.nat(300), fc.integer(), (commands, after, keepBytes, seed) => {
        const disk = new FaultyDisk();
        let { journal, kept } = open(disk, 300);
        let next = 0;
        for (const limit of [after, 2 * after]) {
          disk.tearWrite({ after: limit, keepBytes });
          let before = kept.content;
          let after = before;
          try {
            while (next < commands.length) {
              before = kept.content;
              after = kept.with(commands[next]!).content;
              turn(journal, kept, commands[next++]!);
            }
            before = after;
          } catch (error) {
            if (!(error instanceof DiskError)) throw error;
          }
          disk.crash(seeded(seed));
          const opened = open(disk, 300);
          // The command under way is there as a whole or not at all.
          const found = opened.kept.content;
          if (!isDeepStrictEqual(found, before)) assert.deepEqual(found, after);
          ({ journal } = opened);
          kept = opened.kept;
        }
      }),
      { numRuns: 120 },
    );
  });

  it("stays within a few times of what is live, however long it is written to", () => {
    const disk = new MemoryDisk();
    const { journal, kept } = open(disk, 2_000);
    let bytesMax = 0;
    for (let n = 0; n < 2_000; n++) {
      turn(journal, kept, [commit("a", n % 3, n)]);
      bytesMax = Math.max(bytesMax, bytesOf(disk));
    }
    assert.ok(bytesMax < 6_000, `${bytesMax} bytes`);
    const { journal: second, kept: found } = open(disk, 2_000);
    assert.deepEqual(found.content, kept.content);
    const [position] = second.close();
    assert.ok(position!.logStartOffset > 1_900, "the start has moved");
    assert.ok(position!.recoveryPoint > 2_000, "offsets go on");
  });

  it("takes as many turns as there are slices, and takes in what changes meanwhile", () => {
    const disk = new MemoryDisk();
    const { journal, kept } = open(disk, 1_000);
    const names = Array.from({ length: 40 }, (_, n) => `group-${n}`);
    for (const name of names) {
      assert.equal(journal.append(IMAGE, name, [commit(name, 0, 1)], NOW_MS), null);
      kept.apply(commit(name, 0, 1));
    }
    journal.flush();
    assert.ok(journal.isLong);
    let turns = 0;
    // The first and the last change while the log is being written again; one goes.
    for (; journal.isLong; turns++) {
      turn(journal, kept, [commit(names[turns % 2 === 0 ? 0 : 39]!, 0, 100 + turns)]);
      if (turns === 1) turn(journal, kept, [{ ...commit(names[20]!, 0, 0), value: null }]);
    }
    assert.ok(turns > 2, `${turns} turns`);
    assert.deepEqual(open(disk, 1_000).kept.content, kept.content);
  });

  it("is left alone on a full disk, loses nothing, and is made shorter once there is space", () => {
    const disk = new FaultyDisk();
    const { journal, kept } = open(disk, 600);
    for (let n = 0; !journal.isLong; n++) {
      assert.equal(journal.append(IMAGE, "a", [commit("a", 0, n)], NOW_MS), null);
      kept.apply(commit("a", 0, n));
      journal.flush();
    }
    const before = bytesOf(disk);
    disk.fail({ operation: "write", code: "full", times: 1 });
    journal.shorten(IMAGE, kept, NOW_MS);
    journal.flush();
    assert.ok(!journal.isLong);
    assert.match(journal.takeNotices().join(), /"__consumer_offsets-1" is made shorter later/);
    assert.deepEqual(open(disk, 600).kept.content, kept.content);
    for (let n = 0; n < 20; n++) turn(journal, kept, [commit("a", 0, n)]);
    assert.ok(bytesOf(disk) < before + 600);
    assert.deepEqual(open(disk, 600).kept.content, kept.content);
  });

  it("takes a group again that is as large as a command may make it", () => {
    const disk = new MemoryDisk();
    const { journal, kept } = open(disk, 1_000_000);
    const member = {
      memberId: "m-1",
      instanceId: null,
      clientId: "",
      clientHost: "",
      rebalanceTimeoutMs: 1,
      sessionTimeoutMs: 1,
      subscription: new Uint8Array(0),
      assignment: new Uint8Array(33_500_000),
    };
    const value = { protocolType: "consumer", generation: 1, protocol: "range", leader: "m-1", sinceMs: 1 };
    const large = (bytes: Uint8Array): GroupRecord => {
      return {
        kind: "classic_group",
        group: "a",
        value: { ...value, members: [{ ...member, assignment: bytes }] },
      };
    };
    turn(journal, kept, Array.from({ length: 2_000 }, (_, n) => commit("a", n, 1)));
    turn(journal, kept, [large(member.assignment)]);
    assert.ok(!journal.isLong, "it was made shorter in that turn");
    assert.equal(journal.takeNotices().length, 0);
    const tooLarge = journal.append(IMAGE, "a", [large(new Uint8Array(34_000_000))], NOW_MS);
    assert.equal(tooLarge?.code, "POLICY_VIOLATION");
    assert.deepEqual(open(disk, 1_000_000).kept.content, kept.content);
  });

  it("is kept whole while it holds records of types that are not known", () => {
    const disk = new MemoryDisk();
    const first = open(disk, 600);
    turn(first.journal, first.kept, [commit("a", 0, 1)]);
    first.journal.close();
    const file = disk.open("data/__consumer_offsets-1/00000000000000000000.log", "write");
    const unknown = { timestamp: NOW_MS, key: new Uint8Array([0, 99]), value: new Uint8Array([0, 0]) };
    file.write(file.size, encodeBatch([unknown], { baseOffset: 1, leaderEpoch: 0 }));
    const { journal, kept, report } = open(disk, 600);
    assert.match(report, /the log is kept whole/);
    for (let n = 0; n < 50; n++) turn(journal, kept, [commit("a", 0, n)]);
    assert.ok(!journal.isLong);
    assert.equal(journal.close()[0]!.logStartOffset, 0);
  });
});
