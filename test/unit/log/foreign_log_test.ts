import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openLog, prepareForeignLog } from "../../../src/log/mod.ts";
import { type Disk, MemoryDisk } from "../../../src/storage/mod.ts";
import { batchBy, DIRECTORY, NOW_MS, optionsOf } from "./fixtures.ts";

/** A log with an idempotent producer as Kafka leaves it when it is killed: without any snapshot. */
function killed(): Disk {
  const disk = new MemoryDisk();
  const { log } = openLog(disk, DIRECTORY, optionsOf());
  assert.ok(!("code" in log.append(batchBy(7, 0, 0, 3), NOW_MS)));
  log.close();
  for (const { name } of disk.list(DIRECTORY)) {
    if (name.endsWith(".snapshot")) disk.remove(`${DIRECTORY}/${name}`);
  }
  return disk;
}

function lastSequences(disk: Disk): number[] {
  const { log } = openLog(disk, DIRECTORY, optionsOf({ clean: false }));
  const found = log.describeProducers(NOW_MS);
  log.close();
  return found.map(({ lastSequence }) => lastSequence);
}

describe("prepareForeignLog", () => {
  it("has a log without snapshots read for its producers", () => {
    assert.deepEqual(lastSequences(killed()), []);
    const disk = killed();
    prepareForeignLog(disk, DIRECTORY);
    assert.deepEqual(lastSequences(disk), [2]);
  });

  it("leaves a log with snapshots as it is", () => {
    const disk = killed();
    prepareForeignLog(disk, DIRECTORY);
    lastSequences(disk);
    const names = disk.list(DIRECTORY);
    prepareForeignLog(disk, DIRECTORY);
    assert.deepEqual(disk.list(DIRECTORY), names);
  });
});
