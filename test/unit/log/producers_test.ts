/** Idempotent producers: what is repeated, what is refused, what is forgotten, and Kafka's snapshot bytes. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Log, openLog } from "../../../src/log/mod.ts";
import { type LogSettings, PRODUCERS_PER_PARTITION_MAX } from "../../../src/model/mod.ts";
import { encodeMarker } from "../../../src/record/mod.ts";
import { type Disk, MemoryDisk } from "../../../src/storage/mod.ts";
import { batchBy, DIRECTORY, newLog, NOW_MS, optionsOf, settingsOf } from "./fixtures.ts";

const INT32_MAX = 2_147_483_647;

/** The offset a batch of `count` records got, or the code it was refused with. */
function send(log: Log, id: number, epoch: number, sequence: number, count = 1, nowMs = NOW_MS) {
  const result = log.append(batchBy(id, epoch, sequence, count, nowMs), nowMs);
  return "code" in result ? result.code : result.baseOffset;
}

function lastSequences(log: Log, nowMs = NOW_MS): [number, number][] {
  return log.describeProducers(nowMs).map((producer) => [producer.producerId, producer.lastSequence]);
}

function reopen(log: Log, disk: Disk, settings: Partial<LogSettings> = {}, nowMs = NOW_MS): Log {
  log.close();
  const options = optionsOf({ settings: settingsOf(settings), recoveryPoint: log.recoveryPoint, nowMs });
  return openLog(disk, DIRECTORY, options).log;
}

describe("Log.append from an idempotent producer", () => {
  it("finds each of the last five batches and writes nothing", () => {
    const { log } = newLog();
    for (let index = 0; index < 7; index++) assert.equal(send(log, 9, 0, 3 * index, 3), 3 * index);
    for (let index = 2; index < 7; index++) assert.equal(send(log, 9, 0, 3 * index, 3), 3 * index);
    assert.equal(log.logEndOffset, 21);
    assert.equal(send(log, 9, 0, 3, 3), "OUT_OF_ORDER_SEQUENCE_NUMBER");
    assert.equal(send(log, 9, 0, 18, 2), "OUT_OF_ORDER_SEQUENCE_NUMBER");
    assert.equal(send(log, 9, 0, 21), 21);
  });

  it("refuses a gap and takes any first sequence of a producer it does not know", () => {
    const { log } = newLog();
    assert.equal(send(log, 9, 4, 17), 0);
    assert.equal(send(log, 9, 4, 19), "OUT_OF_ORDER_SEQUENCE_NUMBER");
    assert.equal(send(log, 9, 4, 18), 1);
    assert.equal(send(log, 10, 0, 5), 2);
  });

  it("fences a lower epoch, and begins a higher one at 0", () => {
    const { log } = newLog();
    assert.equal(send(log, 9, 4, 0), 0);
    assert.equal(send(log, 9, 3, 1), "INVALID_PRODUCER_EPOCH");
    assert.equal(send(log, 9, 5, 1), "OUT_OF_ORDER_SEQUENCE_NUMBER");
    assert.equal(send(log, 9, 5, 0), 1);
    assert.equal(send(log, 9, 4, 0), "INVALID_PRODUCER_EPOCH");
    assert.equal(send(log, 9, 5, 0), 1);
    assert.equal(send(log, 9, 5, 1), 2);
  });

  it("goes on at 0 after the largest sequence, between batches and inside one", () => {
    const { log, disk } = newLog();
    assert.equal(send(log, 1, 0, INT32_MAX), 0);
    assert.equal(send(log, 1, 0, 0), 1);
    assert.equal(send(log, 2, 0, INT32_MAX - 1, 4), 2);
    assert.equal(send(log, 2, 0, INT32_MAX - 1, 4), 2);
    assert.equal(send(log, 2, 0, 2), 6);
    assert.equal(send(log, 3, 0, INT32_MAX - 1, 4), 7);
    const again = reopen(log, disk);
    assert.equal(send(again, 3, 0, INT32_MAX - 1, 4), 7);
    assert.equal(send(again, 3, 0, 2), 11);
  });

  it("tells a repeated batch the time the broker gave it", () => {
    const { log } = newLog({ timestampType: "LogAppendTime" });
    log.append(batchBy(9, 0, 0, 1), NOW_MS);
    assert.deepEqual(log.append(batchBy(9, 0, 0, 1), NOW_MS + 5), {
      baseOffset: 0,
      lastOffset: 0,
      logAppendTimeMs: NOW_MS,
    });
  });

  it("refuses a producer id that does not fit a number, instead of taking it for another", () => {
    const { log } = newLog();
    assert.equal(send(log, Number.MAX_SAFE_INTEGER, 0, 0), 0);
    for (const id of [2 ** 53, 2 ** 53 + 2, 2 ** 62]) assert.equal(send(log, id, 0, 0), "INVALID_RECORD");
    assert.deepEqual(lastSequences(log), [[Number.MAX_SAFE_INTEGER, 0]]);
  });

  it("changes nothing when the disk is full", () => {
    const disk = new MemoryDisk({ capacityBytes: 2_000 });
    const { log } = newLog({}, disk);
    let sequence = 0;
    let result = send(log, 9, 0, sequence);
    while (result !== "KAFKA_STORAGE_ERROR") result = send(log, 9, 0, ++sequence);
    assert.deepEqual(lastSequences(log), [[9, sequence - 1]]);
    assert.equal(send(log, 9, 0, sequence - 1), sequence - 1);
  });

  it("forgets the producer that was silent longest past the bound", () => {
    const { log } = newLog();
    send(log, 0, 0, 0);
    for (let id = 1; id < PRODUCERS_PER_PARTITION_MAX; id++) send(log, id, 0, 0);
    send(log, 0, 0, 1);
    send(log, 1_000_000, 0, 0);
    const producers = log.describeProducers(NOW_MS);
    assert.equal(producers.length, PRODUCERS_PER_PARTITION_MAX);
    assert.deepEqual(producers.map(({ producerId }) => producerId).slice(0, 1), [2]);
    assert.equal(send(log, 0, 0, 3), "OUT_OF_ORDER_SEQUENCE_NUMBER");
    assert.equal(typeof send(log, 1, 0, 7), "number");
  });
});

describe("Log.describeProducers", () => {
  it("forgets producers by the time of their last batch, after producer.id.expiration.ms", () => {
    const { log, disk } = newLog({ producerExpirationMs: 1_000 });
    send(log, 1, 0, 0);
    send(log, 2, 3, 5, 2, NOW_MS + 1);
    assert.deepEqual(lastSequences(log, NOW_MS + 999), [[1, 0], [2, 6]]);
    const again = reopen(log, disk, { producerExpirationMs: 1_000 }, NOW_MS + 1_000);
    assert.deepEqual(again.describeProducers(NOW_MS + 1_000), [{
      producerId: 2,
      producerEpoch: 3,
      lastSequence: 6,
      lastTimestamp: NOW_MS + 1,
      coordinatorEpoch: -1,
      currentTransactionStartOffset: -1,
    }]);
    assert.equal(send(again, 1, 0, 9, 1, NOW_MS + 1_000), 3);
  });

  it("keeps one whose records are stamped long ago, and its sequences, until the next look", () => {
    const { log } = newLog({ producerExpirationMs: 1_000 });
    const longAgo = (sequence: number, nowMs: number) => {
      const result = log.append(batchBy(4, 0, sequence, 1, NOW_MS - 86_400_000), nowMs);
      return "code" in result ? result.code : result.baseOffset;
    };
    assert.equal(longAgo(0, NOW_MS), 0);
    assert.deepEqual(lastSequences(log), [[4, 0]]);
    assert.equal(longAgo(0, NOW_MS), 0);
    assert.equal(longAgo(2, NOW_MS), "OUT_OF_ORDER_SEQUENCE_NUMBER");
    assert.equal(longAgo(1, NOW_MS), 1);
    assert.deepEqual(lastSequences(log, NOW_MS + 600_000), []);
    assert.equal(longAgo(7, NOW_MS + 600_000), 2);
  });

  it("keeps one whose transaction is open, until its marker", () => {
    const disk = new MemoryDisk();
    const { log } = newLog({ producerExpirationMs: 1_000 }, disk);
    log.append(batchBy(7, 0, 0, 2, NOW_MS, true), NOW_MS);
    assert.equal(log.describeProducers(NOW_MS + 5_000)[0]?.currentTransactionStartOffset, 0);
    log.flush();
    const marker = encodeMarker(
      { outcome: "commit", producerId: 7, producerEpoch: 0, coordinatorEpoch: 3, timestamp: NOW_MS + 6_000 },
      { baseOffset: 2, leaderEpoch: 0 },
    );
    const file = disk.open(`${DIRECTORY}/00000000000000000000.log`, "write");
    file.write(file.size, marker);
    const { log: again } = openLog(disk, DIRECTORY, optionsOf({ clean: false, nowMs: NOW_MS + 6_000 }));
    assert.deepEqual(again.describeProducers(NOW_MS + 6_000), [{
      producerId: 7,
      producerEpoch: 0,
      lastSequence: 1,
      lastTimestamp: NOW_MS + 6_000,
      coordinatorEpoch: 3,
      currentTransactionStartOffset: -1,
    }]);
  });
});
