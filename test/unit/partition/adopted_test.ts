/** Logs that somebody else in the thread writes: read through a shard of their own. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Log, OpenFiles, openLog } from "../../../src/log/mod.ts";
import { LOG_SETTINGS_DEFAULT, type ShardInput } from "../../../src/model/mod.ts";
import { AdoptedLogs } from "../../../src/partition/mod.ts";
import { encodeBatch } from "../../../src/record/mod.ts";
import { MemoryDisk } from "../../../src/storage/mod.ts";
import { answer, fetch, fetched, NEVER, NOW_MS, open } from "./world.ts";

/** Logs 0 and 1, the second made when it is first found. */
function world() {
  const disk = new MemoryDisk();
  const logs = new Map<number, Log>();
  const make = (handle: number) => {
    const { settings, topicId } = open(handle);
    const known = { clean: false, recoveryPoint: 0, logStartOffset: 0, highWatermark: 0, jitter: 0 };
    const options = { settings, topicId, leaderEpoch: 0, nowMs: NOW_MS, ...known };
    return openLog(disk, `data/orders-${handle}`, options).log;
  };
  const find = (handle: number) => {
    if (handle > 1) return null;
    if (!logs.has(handle)) logs.set(handle, make(handle));
    return { name: `orders-${handle}`, log: logs.get(handle)! };
  };
  const adopted = new AdoptedLogs({
    disk,
    dataDirectory: "data",
    openFiles: new OpenFiles(disk),
    checkCrcOnRead: true,
    jitter: () => 0,
    waitersMax: 10,
    allocate: (length) => new Uint8Array(length),
  }, find);
  const turn = (...inputs: ShardInput[]) => adopted.turn(inputs, NOW_MS);
  return { adopted, find, logs, turn };
}

function write(log: Log, value: string): void {
  const appended = log.append(encodeBatch([{ timestamp: NOW_MS, value }]), NOW_MS);
  assert.ok(!("code" in appended));
}

function publish(log: Log): void {
  log.flush();
  log.setHighWatermark(log.logEndOffset);
}

describe("AdoptedLogs.turn", () => {
  it("reads what was flushed, and nothing that was not", () => {
    const { find, turn } = world();
    const { log } = find(0)!;
    write(log, "a");
    publish(log);
    write(log, "b");
    assert.deepEqual(fetched(turn(fetch(7, [0])), 7), [["a"]]);
    const listed = { kind: "list_offset", id: 8, handle: 0, timestamp: -1 } as const;
    const rest = { isolation: "read_uncommitted", currentLeaderEpoch: -1 } as const;
    assert.equal(answer(turn({ ...listed, ...rest }), "offset_listed", 8).offset, 1);
  });

  it("finds a log when it is first asked for, and tells of one that is not there", () => {
    const { logs, turn } = world();
    assert.equal(logs.size, 0);
    const { logs: described } = answer(turn({ kind: "describe", id: 1, handles: [1, 2] }), "described", 1);
    assert.deepEqual([...logs.keys()], [1]);
    assert.deepEqual(described.map(({ handle, logEndOffset }) => [handle, logEndOffset]), [[1, 0], [2, -1]]);
    assert.equal(described[1]!.fault?.code, "NOT_LEADER_OR_FOLLOWER");
  });

  it("answers a long poll once the log was flushed, or its time is over", () => {
    const { adopted, find, turn } = world();
    const { log } = find(0)!;
    assert.deepEqual(
      turn(fetch(1, [0], { waitMsMax: 500 }), fetch(2, [0, 0], { waitMsMax: 500, bytesMin: 1_000 })),
      [],
    );
    assert.deepEqual([adopted.waiterCount, adopted.wakeMs], [2, NOW_MS + 500]);
    write(log, "a");
    assert.deepEqual(turn(), []);
    publish(log);
    adopted.flushed([0, 5]);
    const woken = turn();
    assert.equal(woken.length, 1);
    assert.deepEqual(fetched(woken, 1), [["a"]]);
    assert.deepEqual(fetched(adopted.turn([], NOW_MS + 500), 2), [["a"], []]);
  });

  it("drops no old records: that is their owner's business", () => {
    const { adopted, find, turn } = world();
    const { log } = find(0)!;
    write(log, "a");
    publish(log);
    turn(fetch(1, [0]));
    assert.equal(adopted.wakeMs, NEVER);
    const later = NOW_MS + LOG_SETTINGS_DEFAULT.retentionMs + 600_000;
    adopted.turn([], later);
    assert.deepEqual(fetched(adopted.turn([fetch(2, [0])], later), 2), [["a"]]);
  });

  it("takes nothing that would change a log", () => {
    const { turn } = world();
    const batch = encodeBatch([{ timestamp: NOW_MS, value: "a" }]);
    assert.throws(() => turn({ kind: "append", id: 1, handle: 0, acks: 1, batch }), /only read/);
    assert.throws(() => turn({ kind: "stop", id: 1 }), /only read/);
    assert.throws(
      () => turn({ kind: "configure", handle: 0, settings: LOG_SETTINGS_DEFAULT }),
      /only read/,
    );
  });
});
