import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openLog, verifyLog } from "../../../src/log/mod.ts";
import { MemoryDisk } from "../../../src/storage/mod.ts";
import { append, batchOf, DIRECTORY, optionsOf, settingsOf } from "./fixtures.ts";

const EPOCHS = `${DIRECTORY}/leader-epoch-checkpoint`;

function epochsIn(disk: MemoryDisk): string[] {
  const file = disk.open(EPOCHS, "read");
  const text = new TextDecoder().decode(file.view(0, file.size).slice());
  file.close();
  return text.trim().split("\n").slice(2);
}

/** Four segments of two batches of ten under epochs 3, 3, 5 and 5, trimmed to an offset by a broker that died of it. */
function trimmedTo(offset: number): MemoryDisk {
  const disk = new MemoryDisk();
  for (const leaderEpoch of [3, 5]) {
    const { log } = openLog(
      disk,
      DIRECTORY,
      optionsOf({ leaderEpoch, settings: settingsOf({}), clean: false }),
    );
    for (let segment = 0; segment < 2; segment++) {
      for (let batch = 0; batch < 2; batch++) append(log, batchOf(Array.from({ length: 10 }, () => "x")));
      log.roll(0);
    }
    log.flush();
    if (leaderEpoch === 5) log.trim(offset);
    log.close();
  }
  return disk;
}

describe("openLog after a crash that undid a trim", () => {
  for (
    const [offset, first, epochs] of [
      [35, 20, ["3 20", "5 40"]],
      [55, 40, ["5 40"]],
      [60, 60, ["5 60"]],
    ] as const
  ) {
    it(`knows the epochs from the first batch on, trimmed to ${offset}`, () => {
      const disk = trimmedTo(offset);
      assert.match(epochsIn(disk)[0]!, new RegExp(` ${offset}$`));
      const { log } = openLog(disk, DIRECTORY, optionsOf({ leaderEpoch: 5, clean: false }));
      assert.equal(log.logStartOffset, first);
      log.flush();
      log.close();
      assert.deepEqual(epochsIn(disk), epochs);
      assert.deepEqual(verifyLog(disk, DIRECTORY), []);
    });
  }

  it("takes a trim that was noted as it is", () => {
    const disk = trimmedTo(35);
    openLog(disk, DIRECTORY, optionsOf({ leaderEpoch: 5, clean: false, logStartOffset: 35 })).log.close();
    assert.deepEqual(epochsIn(disk), ["3 35", "5 40"]);
  });
});
