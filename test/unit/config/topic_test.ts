import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  type BrokerSettings,
  describeTopicSettings,
  logSettings,
  resolveBrokerSettings,
  settingsTable,
  validateTopicKey,
  validateTopicSettings,
} from "../../../src/config/mod.ts";
import { LOG_SETTINGS_DEFAULT } from "../../../src/model/mod.ts";

function broker(...assignments: string[]): BrokerSettings {
  const result = resolveBrokerSettings({ assignments });
  assert(result.kind === "resolved");
  return result.settings;
}

describe("topic settings", () => {
  it("logSettings without overrides equals the model's defaults", () => {
    assert.deepEqual(logSettings({}, broker(), {}), LOG_SETTINGS_DEFAULT);
  });

  it("logSettings puts the topic before the broker before the default", () => {
    const settings = logSettings(
      { "segment.bytes": "2000000", "retention.ms": "-1", "cleanup.policy": "compact" },
      broker("log.segment.bytes=3000000", "log.roll.hours=2", "log.index.interval.bytes=99"),
      {},
    );
    assert.equal(settings.segmentBytesMax, 2_000_000);
    assert.equal(settings.segmentMs, 7_200_000);
    assert.equal(settings.indexIntervalBytes, 99);
    assert.equal(settings.retentionMs, Number.MAX_SAFE_INTEGER);
    assert.deepEqual([settings.cleanupDelete, settings.cleanupCompact], [false, true]);
  });

  it("logSettings takes log.roll.ms before log.roll.hours and retention in milliseconds before minutes", () => {
    const settings = broker(
      "log.roll.hours=2",
      "log.roll.ms=5",
      "log.retention.hours=1",
      "log.retention.minutes=3",
    );
    assert.equal(logSettings({}, settings, {}).segmentMs, 5);
    assert.equal(logSettings({}, settings, {}).retentionMs, 180_000);
  });

  it("logSettings reads a negative number of hours as for ever", () => {
    assert.equal(logSettings({}, broker("log.retention.hours=-1"), {}).retentionMs, Number.MAX_SAFE_INTEGER);
  });

  it("validateTopicSettings accepts Kafka's own values", () => {
    const overrides = {
      "cleanup.policy": "compact,delete",
      "compression.type": "zstd",
      "flush.messages": "9223372036854775807",
      "min.cleanable.dirty.ratio": "0.01",
      "remote.storage.enable": "false",
      "leader.replication.throttled.replicas": "0:1,1:1",
    };
    assert.equal(validateTopicSettings(overrides), null);
  });

  it("validateTopicSettings refuses unknown keys and bad values with INVALID_CONFIG", () => {
    const cases: [Record<string, string>, RegExp][] = [
      [{ "segment.byte": "1" }, /Unknown topic setting "segment.byte": did you mean "segment.bytes"/],
      [{ "log.segment.bytes": "1048576" }, /did you mean "segment.bytes"/],
      [{ "__proto__x": "1" }, /no topic setting has such a name/],
      [{ "segment.bytes": "64MiB" }, /"segment.bytes" cannot be "64MiB".*integer bytes/],
      [{ "retention.ms": "-2" }, /at least -1/],
      [{ "remote.storage.enable": "true" }, /wanted is choice, false/],
    ];
    for (const [overrides, words] of cases) {
      const fault = validateTopicSettings(overrides);
      assert.equal(fault?.code, "INVALID_CONFIG");
      assert.match(fault.message, words);
    }
  });

  it("validateTopicKey knows topic keys from others", () => {
    assert.equal(validateTopicKey("segment.bytes"), null);
    assert.equal(validateTopicKey("constructor")?.code, "INVALID_CONFIG");
  });

  it("describeTopicSettings shows every topic setting with its value and source", () => {
    const described = describeTopicSettings({ "segment.ms": "9" }, broker("log.index.interval.bytes=5"), {});
    const find = (name: string) => described.find((setting) => setting.name === name)!;
    assert.equal(described.length, 33);
    assert.deepEqual([find("segment.ms").value, find("segment.ms").source], ["9", "topic"]);
    assert.equal(find("segment.ms").defaultValue, "604800000");
    assert.deepEqual([find("index.interval.bytes").value, find("index.interval.bytes").source], [
      "5",
      "broker",
    ]);
    assert.deepEqual([find("flush.ms").value, find("flush.ms").source], ["9223372036854775807", "default"]);
    assert.match(find("local.retention.ms").documentation, /nothing acts on it yet/);
  });

  it("settingsTable has a row of five cells for each setting", () => {
    const [table, words] = settingsTable().trimEnd().split("\n\n") as [string, string];
    const rows = table.split("\n");
    for (const row of rows) assert.equal(row.split("|").length, 7, row);
    assert.ok(rows.some((row) => row.includes("`log.segment.bytes`") && row.includes("`segment.bytes`")));
    assert.ok(rows.some((row) => row.includes("`remote.storage.enable`")));
    assert.match(words, /and `producer.id.expiration.ms` can be changed while the broker runs/);
  });
});
