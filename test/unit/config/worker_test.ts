import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { partitionWorkerSettings, resolveBrokerSettings } from "../../../src/config/mod.ts";

function settingsOf(...assignments: string[]) {
  const resolved = resolveBrokerSettings({ assignments });
  assert(resolved.kind === "resolved");
  assert.deepEqual(resolved.warnings, []);
  return partitionWorkerSettings(resolved.settings.values);
}

describe("partitionWorkerSettings", () => {
  it("gives each worker an equal share of what the cleaner may use", () => {
    const { cleaner } = settingsOf(
      "partition.workers.max=8",
      "log.cleaner.dedupe.buffer.size=64MiB",
      "log.cleaner.io.max.bytes.per.second=8.0E6",
      "log.cleaner.io.buffer.load.factor=0.5",
      "log.cleaner.backoff.ms=7",
    );
    const share = { dedupeBytesMax: 8_388_608, dedupeLoadMax: 0.5, bytesPerSecond: 1_000_000, backoffMs: 7 };
    assert.deepEqual(cleaner, share);
  });

  it("has Kafka's defaults: 128 MiB in all, as fast as it goes, every fifteen seconds", () => {
    const { cleaner } = settingsOf("partition.workers.max=1");
    assert.deepEqual(cleaner, {
      dedupeBytesMax: 134_217_728,
      dedupeLoadMax: 0.9,
      bytesPerSecond: Number.MAX_VALUE,
      backoffMs: 15_000,
    });
  });

  it("takes Kafka's other names of the cleaner without a word, and has no cleaner when it is off", () => {
    assert.ok("cleaner" in settingsOf("log.cleaner.threads=4", "log.cleaner.io.buffer.size=1048576"));
    assert.ok(!("cleaner" in settingsOf("log.cleaner.enable=false")));
  });
});
