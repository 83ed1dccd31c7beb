/** What commands make of settings: of a topic's and of the broker's own. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Coordinator } from "../../../src/coordinator/mod.ts";
import type { CoordinatorCommand, SettingsChange } from "../../../src/model/mod.ts";
import { MemoryDisk } from "../../../src/storage/mod.ts";
import { create, decide, decided, NOW_MS, open, SETTINGS, stop } from "./world.ts";

const THROTTLED = "leader.replication.throttled.replicas";

function withTopic(settings: Record<string, string>, given: Record<string, string> = {}): Coordinator {
  const { coordinator } = open(new MemoryDisk(), { settings: { ...SETTINGS, given } });
  assert.equal(decide(coordinator, create("orders", { settings }))[0]![0]!.fault, null);
  return coordinator;
}

/** Alters the topic; gives the fault or the settings after it. */
function alter(coordinator: Coordinator, change: SettingsChange): unknown {
  const command: CoordinatorCommand = {
    kind: "alter_topics",
    topics: [{ name: "orders", ...change }],
    validateOnly: false,
  };
  const [answers] = decide(coordinator, command);
  return answers![0]!.fault ?? coordinator.image.topics.get("orders")!.settings;
}

function code(outcome: unknown): string {
  return (outcome as { code: string }).code;
}

describe("altering lists of a topic", () => {
  it("appends what is not there yet and subtracts what is", () => {
    const coordinator = withTopic({ [THROTTLED]: "0:1,1:1" });
    assert.deepEqual(alter(coordinator, { settings: {}, append: { [THROTTLED]: "1:1,2:1" } }), {
      [THROTTLED]: "0:1,1:1,2:1",
    });
    assert.deepEqual(alter(coordinator, { settings: {}, subtract: { [THROTTLED]: "0:1,9:9" } }), {
      [THROTTLED]: "1:1,2:1",
    });
  });

  it("begins with the list in force: default, the broker's start, the broker changed", () => {
    const append = { "cleanup.policy": "compact" };
    assert.deepEqual(alter(withTopic({}), { settings: {}, append }), { "cleanup.policy": "delete,compact" });
    const subtract = { "cleanup.policy": "compact" };
    const started = withTopic({}, { "log.cleanup.policy": "compact,delete" });
    assert.deepEqual(alter(started, { settings: {}, subtract }), { "cleanup.policy": "delete" });
    const changed = withTopic({}, { "log.cleanup.policy": "delete" });
    alterBroker(changed, { settings: { "log.cleanup.policy": "compact" } });
    assert.deepEqual(alter(changed, { settings: {}, subtract }), { "cleanup.policy": "" });
  });

  it("refuses settings that are no lists, unknown ones, and items that are not allowed", () => {
    const coordinator = withTopic({});
    const plain = alter(coordinator, { settings: {}, append: { "retention.ms": "5" } });
    assert.equal(code(plain), "INVALID_CONFIG");
    assert.match((plain as { message: string }).message, /"retention.ms" is not possible: it is not a list/);
    assert.equal(code(alter(coordinator, { settings: {}, subtract: { "no.such": "5" } })), "INVALID_CONFIG");
    assert.equal(
      code(alter(coordinator, { settings: {}, append: { "cleanup.policy": "burn" } })),
      "INVALID_CONFIG",
    );
  });

  it("refuses a setting named twice with INVALID_REQUEST", () => {
    const coordinator = withTopic({});
    const one = { "cleanup.policy": "compact" };
    assert.equal(code(alter(coordinator, { settings: one, append: one })), "INVALID_REQUEST");
    assert.equal(code(alter(coordinator, { settings: {}, append: one, subtract: one })), "INVALID_REQUEST");
  });
});

describe("replacing a topic's settings", () => {
  it("resets what is not named", () => {
    const coordinator = withTopic({ "segment.ms": "7", "retention.ms": "5" });
    assert.deepEqual(alter(coordinator, { settings: { "retention.ms": "6" }, replaces: true }), {
      "retention.ms": "6",
    });
    assert.deepEqual(alter(coordinator, { settings: {}, replaces: true }), {});
  });

  it("changes nothing when one of the new is refused", () => {
    const coordinator = withTopic({ "segment.ms": "7" });
    assert.equal(
      code(alter(coordinator, { settings: { "retention.ms": "x" }, replaces: true })),
      "INVALID_CONFIG",
    );
    assert.deepEqual(coordinator.image.topics.get("orders")!.settings, { "segment.ms": "7" });
  });
});

function alterBroker(coordinator: Coordinator, change: SettingsChange, validateOnly = false) {
  const command: CoordinatorCommand = { kind: "alter_broker", ...change, validateOnly };
  const [output] = decided(coordinator.turn([{ kind: "decide", id: 0, command }], NOW_MS));
  const { reply, events } = output!;
  return { code: reply.kind === "failed" ? reply.fault.code : reply.kind, events, reply };
}

describe("altering the broker", () => {
  it("keeps what changed, over a stop too, and gives it up again", () => {
    const disk = new MemoryDisk();
    const { coordinator } = open(disk);
    const settings = { "log.retention.ms": "5", "producer.id.expiration.ms": "9" };
    const { code, events } = alterBroker(coordinator, { settings });
    assert.deepEqual([code, events], ["broker_altered", [{ kind: "broker_altered", settings }]]);
    const recoveryPoint = stop(coordinator);
    const again = open(disk, { clean: true, recoveryPoint }).coordinator;
    assert.deepEqual(again.image.brokerSettings, settings);
    alterBroker(again, { settings: { "log.retention.ms": null } });
    assert.deepEqual(again.image.brokerSettings, { "producer.id.expiration.ms": "9" });
    alterBroker(again, { settings: {}, replaces: true });
    assert.deepEqual(again.image.brokerSettings, {});
  });

  it("gives no event where nothing changes, and none when it is only validated", () => {
    const { coordinator } = open(new MemoryDisk());
    const same = alterBroker(coordinator, { settings: { "log.retention.ms": null } });
    assert.deepEqual([same.code, same.events], ["broker_altered", []]);
    const dry = alterBroker(coordinator, { settings: { "log.retention.ms": "5" } }, true);
    assert.deepEqual([dry.code, dry.events], ["broker_altered", []]);
    assert.equal(
      alterBroker(coordinator, { settings: { "log.retention.ms": "x" } }, true).code,
      "INVALID_CONFIG",
    );
  });

  it("appends to and takes out of lists, beginning with what the broker was started with", () => {
    const given = { "log.cleanup.policy": "compact" };
    const { coordinator } = open(new MemoryDisk(), { settings: { ...SETTINGS, given } });
    alterBroker(coordinator, { settings: {}, append: { "log.cleanup.policy": "delete" } });
    assert.deepEqual(coordinator.image.brokerSettings, { "log.cleanup.policy": "compact,delete" });
    alterBroker(coordinator, { settings: {}, subtract: { "log.cleanup.policy": "compact" } });
    assert.deepEqual(coordinator.image.brokerSettings, { "log.cleanup.policy": "delete" });
  });

  const refusals: [string, SettingsChange, string, RegExp][] = [
    [
      "what only a start can change",
      { settings: { "node.id": "2" } },
      "INVALID_REQUEST",
      /cannot be changed while the broker runs/,
    ],
    [
      "the same by its other name",
      { settings: { "broker.id": "2" } },
      "INVALID_REQUEST",
      /--set node.id=VALUE/,
    ],
    [
      "a topic's key",
      { settings: { "retention.ms": "2" } },
      "INVALID_CONFIG",
      /did you mean "log.retention.ms"/,
    ],
    [
      "an unknown key",
      { settings: { "no.such": null } },
      "INVALID_CONFIG",
      /Unknown broker setting "no.such"/,
    ],
    [
      "what has no meaning here",
      { settings: { "num.io.threads": "9" } },
      "INVALID_CONFIG",
      /no meaning in Weir/,
    ],
    ["a bad value", { settings: { "log.segment.bytes": "1" } }, "INVALID_CONFIG", /wanted is integer bytes/],
    [
      "a size in other words",
      { settings: { "log.segment.bytes": "64MiB" } },
      "INVALID_CONFIG",
      /cannot be "64MiB"/,
    ],
    [
      "an item for a number",
      { settings: {}, append: { "log.retention.ms": "1" } },
      "INVALID_CONFIG",
      /not a list/,
    ],
  ];
  for (const [what, change, code, words] of refusals) {
    it(`refuses ${what} with ${code}, whole`, () => {
      const { coordinator } = open(new MemoryDisk());
      const settings = { "log.retention.bytes": "5", ...change.settings };
      const { reply } = alterBroker(coordinator, { ...change, settings });
      assert(reply.kind === "failed");
      assert.equal(reply.fault.code, code);
      assert.match(reply.fault.message, words);
      assert.deepEqual(coordinator.image.brokerSettings, {});
    });
  }
});
