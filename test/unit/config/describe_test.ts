/** Settings in force: where they come from, and what Kafka's tools are told of them. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  type BrokerSettings,
  describeBrokerSettings,
  describeTopicSettings,
  logSettings,
  resolveBrokerSettings,
} from "../../../src/config/mod.ts";
import type { SettingDescription } from "../../../src/model/mod.ts";

function broker(...assignments: string[]): BrokerSettings {
  const result = resolveBrokerSettings({ assignments });
  assert(result.kind === "resolved");
  return result.settings;
}

function find(described: readonly SettingDescription[], name: string): SettingDescription {
  const found = described.filter((setting) => setting.name === name);
  assert.equal(found.length, 1, name);
  return found[0]!;
}

function synonyms(setting: SettingDescription): string[] {
  return setting.synonyms.map(({ name, value, source }) => `${source}:${name}=${value}`);
}

const CHANGED = { "log.retention.minutes": "2", "message.max.bytes": "7" };

describe("describeTopicSettings", () => {
  it("lists every place with a value, the one in force first, by its own name and in its own unit", () => {
    const started = broker("log.retention.hours=1", "message.max.bytes=8");
    const described = describeTopicSettings({ "retention.ms": "5" }, started, CHANGED);
    assert.deepEqual(synonyms(find(described, "retention.ms")), [
      "topic:retention.ms=5",
      "dynamic:log.retention.minutes=2",
      "broker:log.retention.hours=1",
    ]);
    assert.deepEqual(synonyms(find(described, "max.message.bytes")), [
      "dynamic:message.max.bytes=7",
      "broker:message.max.bytes=8",
      "default:message.max.bytes=1048588",
    ]);
    assert.deepEqual(synonyms(find(described, "local.retention.ms")), []);
  });

  it("has the value of the first synonym in force, in its own unit", () => {
    const started = broker("log.retention.hours=1", "message.max.bytes=8");
    const described = describeTopicSettings({}, started, CHANGED);
    const { value, source, defaultValue } = find(described, "retention.ms");
    assert.deepEqual([value, source, defaultValue], ["120000", "dynamic", "604800000"]);
    for (const { source, synonyms, name } of described) {
      assert.equal(source, synonyms[0]?.source ?? "default", name);
    }
  });

  it("takes milliseconds of the start before hours changed later, as Kafka merges them", () => {
    const described = describeTopicSettings({}, broker("log.retention.ms=5"), { "log.retention.hours": "9" });
    const { value, source } = find(described, "retention.ms");
    assert.deepEqual([value, source], ["5", "broker"]);
  });

  it("tells Kafka's types", () => {
    const described = describeTopicSettings({}, broker(), {});
    const types: [string, SettingDescription["type"]][] = [
      ["segment.bytes", "int"],
      ["segment.ms", "long"],
      ["retention.ms", "long"],
      ["flush.messages", "long"],
      ["min.insync.replicas", "int"],
      ["min.cleanable.dirty.ratio", "double"],
      ["preallocate", "boolean"],
      ["cleanup.policy", "list"],
      ["leader.replication.throttled.replicas", "list"],
      ["compression.type", "string"],
    ];
    for (const [name, type] of types) assert.equal(find(described, name).type, type, name);
    assert.ok(described.every(({ isReadOnly }) => !isReadOnly));
  });
});

describe("describeBrokerSettings", () => {
  it("shows each setting once, under Kafka's name, with source and synonyms", () => {
    const described = describeBrokerSettings(broker("message.max.bytes=8", "node.id=3"), CHANGED);
    const message = find(described, "message.max.bytes");
    assert.deepEqual([message.value, message.source, message.defaultValue, message.type], [
      "7",
      "dynamic",
      "1048588",
      "int",
    ]);
    assert.deepEqual(synonyms(message), [
      "dynamic:message.max.bytes=7",
      "broker:message.max.bytes=8",
      "default:message.max.bytes=1048588",
    ]);
    assert.deepEqual(synonyms(find(described, "log.retention.ms")), []);
    assert.deepEqual([find(described, "log.retention.ms").value, find(described, "broker.id").value], [
      "",
      "3",
    ]);
    assert.equal(new Set(described.map(({ name }) => name)).size, described.length);
  });

  it("tells what a start alone can change from what can be changed meanwhile, also in words", () => {
    const described = describeBrokerSettings(broker(), {});
    const readOnly = (name: string) => find(described, name).isReadOnly;
    assert.deepEqual(["node.id", "broker.id", "fetch.max.bytes"].map(readOnly), [true, true, true]);
    const changeable = [
      "log.retention.hours",
      "log.roll.jitter.ms",
      "producer.id.expiration.ms",
      "compression.type",
    ];
    assert.deepEqual(changeable.map(readOnly), [false, false, false, false]);
    assert.match(find(described, "message.max.bytes").documentation, /wins over its start/);
    assert.doesNotMatch(find(described, "node.id").documentation, /wins/);
  });
});

describe("settings changed while the broker runs", () => {
  it("win over the start in what logs go by, and not over the topic", () => {
    const started = broker("log.segment.bytes=3000000", "producer.id.expiration.ms=5");
    const changed = { "log.segment.bytes": "4000000", "producer.id.expiration.ms": "6" };
    const settings = logSettings({}, started, changed);
    assert.deepEqual([settings.segmentBytesMax, settings.producerExpirationMs], [4_000_000, 6]);
    assert.equal(logSettings({ "segment.bytes": "2000000" }, started, changed).segmentBytesMax, 2_000_000);
    assert.equal(logSettings({}, started, {}).producerExpirationMs, 5);
  });

  it("that this version does not know, does not allow or cannot change are not acted on", () => {
    const changed = { "log.segment.bytes": "1", "no.such": "1", "node.id": "9", "__proto__x": "1" };
    assert.deepEqual(logSettings({}, broker(), changed), logSettings({}, broker(), {}));
    assert.deepEqual(describeBrokerSettings(broker(), changed), describeBrokerSettings(broker(), {}));
  });
});
