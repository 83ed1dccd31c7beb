import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { resolveBrokerSettings, type SettingLayers } from "../../../src/config/mod.ts";

function resolved(layers: SettingLayers) {
  const result = resolveBrokerSettings(layers);
  assert.equal(result.kind, "resolved", result.kind === "setting_error" ? result.message : "");
  assert(result.kind === "resolved");
  return result;
}

function refused(layers: SettingLayers) {
  const result = resolveBrokerSettings(layers);
  assert(result.kind === "setting_error", "the layers are refused");
  return result;
}

describe("resolveBrokerSettings", () => {
  it("resolveBrokerSettings without layers gives Kafka's defaults", () => {
    const { settings, warnings } = resolved({});
    assert.equal(settings.values["log.segment.bytes"], 1_073_741_824);
    assert.equal(settings.values["log.roll.hours"], 168);
    assert.equal(settings.values["log.roll.ms"], null);
    assert.equal(settings.values["log.flush.interval.messages"], Number.MAX_SAFE_INTEGER);
    assert.equal(settings.values["message.max.bytes"], 1_048_588);
    assert.equal(settings.values["auto.create.topics.enable"], true);
    assert.deepEqual(settings.values["kafka.listener"], { host: "127.0.0.1", port: 9092 });
    assert.equal(settings.values["advertised.address"], null);
    assert.equal(settings.values["log.dirs"], "./data");
    assert.deepEqual(settings.given, {});
    assert.deepEqual(warnings, []);
  });

  it("resolveBrokerSettings takes --set before flags before environment before file", () => {
    const layers = {
      assignments: ["num.partitions=4", "num.partitions=5"],
      flags: { "num.partitions": "3", "log.dirs": "/flag" },
      environment: { WEIR_NUM_PARTITIONS: "2", WEIR_LOG_DIRS: "/env", WEIR_NODE_ID: "7", PATH: "/bin" },
      file: { num: { partitions: 1 }, node: { id: 6 }, "waiters.max": 9 },
    };
    const { values } = resolved(layers).settings;
    assert.equal(values["num.partitions"], 5);
    assert.equal(values["log.dirs"], "/flag");
    assert.equal(values["node.id"], 7);
    assert.equal(values["waiters.max"], 9);
  });

  it("resolveBrokerSettings reads a TOML file flat, nested and with lists", () => {
    const file = {
      log: { segment: { bytes: 2097152n }, "roll.hours": 1 },
      "log.cleanup.policy": ["compact", "delete"],
    };
    const { values } = resolved({ file }).settings;
    assert.equal(values["log.segment.bytes"], 2_097_152);
    assert.equal(values["log.roll.hours"], 1);
    assert.deepEqual(values["log.cleanup.policy"], ["delete", "compact"]);
  });

  it("resolveBrokerSettings stores a size with a suffix as plain bytes", () => {
    const { settings } = resolved({ assignments: ["log.segment.bytes=64MiB"] });
    assert.equal(settings.values["log.segment.bytes"], 67_108_864);
    assert.equal(settings.given["log.segment.bytes"], "67108864");
    assert.match(refused({ assignments: ["num.partitions=1KiB"] }).message, /cannot be "1KiB"/);
  });

  it("resolveBrokerSettings names an unknown key, its value and the nearest known key", () => {
    const cases: [string, string][] = [
      ["log.segmnt.bytes", "log.segment.bytes"],
      ["segment.bytes", "log.segment.bytes"],
      ["listeners", "kafka.listener"],
      ["retention.ms", "log.retention.ms"],
    ];
    for (const [key, nearest] of cases) {
      const error = refused({ assignments: [`${key}=17`] });
      assert.equal(error.key, key);
      assert.equal(error.value, "17");
      assert.match(error.message, new RegExp(`"${key}" = "17" from --set: did you mean "${nearest}"`));
    }
    assert.match(refused({ environment: { WEIR_XYZZY: "1" } }).message, /WEIR_XYZZY.*README/);
  });

  it("resolveBrokerSettings says what is allowed for a bad value", () => {
    const cases: [string, RegExp][] = [
      ["num.partitions=0", /cannot be "0".*integer partitions, 1 to 100000/],
      ["num.partitions=", /cannot be ""/],
      ["log.segment.bytes=1024", /cannot be "1024".*bytes, at least 1048576/],
      ["log.retention.bytes=9223372036854775808", /at least -1/],
      ["partition.disk=floppy", /auto, mapped, file/],
      ["kafka.listener=localhost", /HOST:PORT, off/],
      ["kafka.listener=localhost:70000", /HOST:PORT, off/],
      ["crc.check.on.read=yes", /true, false/],
      ["log.cleanup.policy=delete,delete", /a list of delete, compact/],
      ["log.dirs=/a,/b", /one directory/],
      ["nonsense", /wants KEY=VALUE/],
    ];
    for (const [assignment, words] of cases) {
      assert.match(refused({ assignments: [assignment] }).message, words);
    }
    assert.match(refused({ file: { "num.partitions": new Date(0) } }).message, /configuration file/);
  });

  it("resolveBrokerSettings reads listeners, off and IPv6 hosts", () => {
    const { values } = resolved({
      assignments: ["kafka.listener=off", "native.listener=[::1]:0", "advertised.address=broker.example"],
    }).settings;
    assert.equal(values["kafka.listener"], null);
    assert.deepEqual(values["native.listener"], { host: "::1", port: 0 });
    assert.deepEqual(values["advertised.address"], { host: "broker.example", port: null });
  });

  it("resolveBrokerSettings takes other names for the same setting", () => {
    const { values } = resolved({ assignments: ["connections.max=9", "broker.id=3", "log.dir=/d"] }).settings;
    assert.deepEqual([values["max.connections"], values["node.id"], values["log.dirs"]], [9, 3, "/d"]);
  });

  it("resolveBrokerSettings ignores settings removed in Kafka 4.0 with a warning", () => {
    const { warnings } = resolved({ assignments: ["zookeeper.connect=z:2181", "num.io.threads=8"] });
    assert.match(warnings[0]!, /zookeeper.connect.*removed in Kafka 4.0/);
    assert.match(warnings[1]!, /num.io.threads.*no meaning/);
  });

  it("resolveBrokerSettings leaves other commands' environment alone", () => {
    assert.deepEqual(resolved({ environment: { WEIR_SERVER: "h:1" } }).settings.given, {});
  });

  it("resolveBrokerSettings answers any text with settings or an error", () => {
    const anyKey = fc.oneof(
      fc.string(),
      fc.constantFrom("constructor", "__proto__", "num.partitions", "log.dirs"),
    );
    fc.assert(fc.property(anyKey, fc.string(), (key, value) => {
      const result = resolveBrokerSettings({ flags: { [key]: value }, assignments: [`${key}=${value}`] });
      assert.ok(result.kind === "resolved" || result.message.length > 0);
    }));
  });
});
