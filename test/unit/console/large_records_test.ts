/** How many large records tails may have in memory at once. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { LargeRecords } from "../../../src/console/records/large_records.ts";
import { SharedRecord } from "../../../src/console/records/shared_record.ts";

function recordOf(bytes: number): SharedRecord {
  return new SharedRecord({
    topic: "topic",
    partition: 0,
    offset: 0,
    timestamp: 0,
    timestampType: "CreateTime",
    key: null,
    value: new Uint8Array(bytes),
    headers: [],
  });
}

describe("LargeRecords", () => {
  it("has room for 64 MiB, and for one record however large", () => {
    const large = new LargeRecords();
    const records = Array.from({ length: 5 }, () => recordOf(16_000_000));
    assert.deepEqual(records.map((record) => large.hold(record)), [true, true, true, true, false]);
    large.release(records[0]!);
    assert.equal(large.hold(records[4]!), true);
    assert.equal(new LargeRecords().hold(recordOf(100_000_000)), true);
  });

  it("counts a record once that several send, until the last of them has", () => {
    const large = new LargeRecords();
    const [shared, other] = [recordOf(40_000_000), recordOf(40_000_000)];
    for (let tail = 0; tail < 1_000; tail++) assert.equal(large.hold(shared), true);
    for (let tail = 0; tail < 999; tail++) large.release(shared);
    assert.equal(large.hold(other), false);
    large.release(shared);
    assert.equal(large.hold(other), true);
  });

  it("lets who waits for room look again when a record was released", async () => {
    const large = new LargeRecords();
    const record = recordOf(1);
    large.hold(record);
    let isOver = false;
    const waiting = large.room().then(() => isOver = true);
    await Promise.resolve();
    assert.equal(isOver, false);
    large.release(record);
    await waiting;
  });
});
