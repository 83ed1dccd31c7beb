/** Settings through the Kafka door: shown, replaced, changed one by one, listed. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Message } from "../../../src/bytes/mod.ts";
import { type Command, fault, type Reply, type SettingDescription } from "../../../src/model/mod.ts";
import { AdminSession, NODE_ID } from "./admin_session.ts";

const FAILED: Reply = { kind: "failed", fault: fault("INVALID_CONFIG", "No such setting") };
const TOPIC = 2;
const BROKER = 4;
const BROKER_NAME = String(NODE_ID);

const POLICY: SettingDescription = {
  name: "cleanup.policy",
  value: "compact",
  source: "dynamic",
  type: "list",
  isReadOnly: false,
  defaultValue: "delete",
  documentation: "What becomes of old records",
  synonyms: [
    { name: "log.cleanup.policy", value: "compact", source: "dynamic" },
    { name: "log.cleanup.policy", value: "delete", source: "default" },
  ],
};
const RATIO: SettingDescription = {
  ...POLICY,
  name: "min.cleanable.dirty.ratio",
  value: "0.5",
  source: "default",
  type: "double",
  isReadOnly: true,
  synonyms: [],
};

function described(command: Command): Reply {
  const { resources } = command as Extract<Command, { kind: "describe_settings" }>;
  return {
    kind: "settings_described",
    resources: resources.map((resource) =>
      resource.kind === "topic" && resource.name === "gone"
        ? { fault: fault("UNKNOWN_TOPIC_OR_PARTITION", "No topic"), settings: [] }
        : { fault: null, settings: [POLICY, RATIO] }
    ),
  };
}

const resource = (resourceType: number, resourceName: string, configurationKeys: string[] | null = null) => (
  { resourceType, resourceName, configurationKeys }
);
const all = (answer: Message, field = "results") => answer[field] as Record<string, unknown>[];
const codes = (answer: Message, field = "results") => all(answer, field).map(({ errorCode }) => errorCode);
const names = (result: Record<string, unknown>) =>
  (result.configs as { readonly name: string }[]).map(({ name }) => name);

describe("describeConfigs", () => {
  it("shows a setting with its source, type, synonyms and documentation", () => {
    const answer = new AdminSession(described).ask(32, 4, {
      resources: [resource(TOPIC, "orders", ["cleanup.policy"])],
      includeSynonyms: true,
      includeDocumentation: true,
    });
    assert.deepEqual(all(answer)[0]!.configs, [{
      name: "cleanup.policy",
      value: "compact",
      readOnly: false,
      configSource: 2,
      isSensitive: false,
      synonyms: [
        { name: "log.cleanup.policy", value: "compact", source: 2 },
        { name: "log.cleanup.policy", value: "delete", source: 5 },
      ],
      configType: 7,
      documentation: "What becomes of old records",
    }]);
  });

  it("leaves synonyms and documentation out unless asked, and shows all without keys", () => {
    const answer = new AdminSession(described).ask(32, 3, {
      resources: [resource(BROKER, BROKER_NAME, [])],
    });
    const [result] = all(answer);
    assert.deepEqual(names(result!), ["cleanup.policy", "min.cleanable.dirty.ratio"]);
    const [policy, ratio] = result!.configs as Record<string, unknown>[];
    assert.deepEqual([policy!.synonyms, policy!.documentation], [[], null]);
    assert.deepEqual([ratio!.configType, ratio!.configSource, ratio!.readOnly], [6, 5, true]);
  });

  it("shows under the broker's empty name what was changed while it runs", () => {
    const answer = new AdminSession(described).ask(32, 1, { resources: [resource(BROKER, "")] });
    assert.deepEqual(all(answer).map(names), [["cleanup.policy"]]);
  });

  it("keeps answers in the request's order, whoever gives them", () => {
    const session = new AdminSession(described);
    const answer = session.ask(32, 2, {
      resources: [
        resource(99, "odd"),
        resource(TOPIC, "gone"),
        resource(8, BROKER_NAME),
        resource(BROKER, "1234"),
        resource(32, ""),
        resource(TOPIC, "orders"),
      ],
    });
    assert.deepEqual(codes(answer), [42, 3, 0, 42, 42, 0]);
    assert.deepEqual(all(answer).map((result) => names(result).length), [0, 0, 0, 0, 0, 2]);
    assert.deepEqual(session.commands, [{
      kind: "describe_settings",
      resources: [{ kind: "topic", name: "gone" }, { kind: "topic", name: "orders" }],
    }]);
  });

  it("says of every resource when the command failed", () => {
    const resources = [resource(TOPIC, "orders"), resource(BROKER, BROKER_NAME)];
    assert.deepEqual(codes(new AdminSession(() => FAILED).ask(32, 4, { resources })), [40, 40]);
  });
});

function altered(command: Command): Reply {
  if (command.kind === "alter_broker") return { kind: "broker_altered" };
  const { topics } = command as Extract<Command, { kind: "alter_topics" }>;
  return {
    kind: "topics_changed",
    topics: topics.map(({ name }) => (
      { name, fault: name === "gone" ? fault("UNKNOWN_TOPIC_OR_PARTITION", "No topic") : null }
    )),
  };
}

const change = (resourceType: number, resourceName: string, configs: Message[]) => (
  { resourceType, resourceName, configs }
);
const set = (name: string, value: string | null) => ({ name, value });
const operation = (configOperation: number, name: string, value: string | null) => (
  { name, configOperation, value }
);

describe("alterConfigs", () => {
  it("replaces the settings of topics and of the broker", () => {
    const session = new AdminSession(altered);
    const answer = session.ask(33, 2, {
      resources: [
        change(BROKER, BROKER_NAME, [set("log.retention.ms", "9")]),
        change(TOPIC, "gone", []),
        change(TOPIC, "orders", [set("retention.ms", "5")]),
      ],
      validateOnly: true,
    });
    assert.deepEqual(codes(answer, "responses"), [0, 3, 0]);
    assert.deepEqual(session.commands, [
      {
        kind: "alter_topics",
        topics: [
          { name: "gone", settings: {}, replaces: true },
          { name: "orders", settings: { "retention.ms": "5" }, replaces: true },
        ],
        validateOnly: true,
      },
      { kind: "alter_broker", settings: { "log.retention.ms": "9" }, replaces: true, validateOnly: true },
    ]);
  });

  it("refuses values that are null, settings and resources named twice, and other resources", () => {
    const answer = new AdminSession().ask(33, 0, {
      resources: [
        change(TOPIC, "orders", [set("retention.ms", null)]),
        change(TOPIC, "news", [set("retention.ms", "5"), set("retention.ms", "6")]),
        change(TOPIC, "twice", []),
        change(TOPIC, "twice", []),
        change(16, "metrics", []),
        change(BROKER, "1234", []),
      ],
    });
    assert.deepEqual(codes(answer, "responses"), [42, 42, 42, 42, 42, 42]);
  });

  it("says of every resource when the commands failed", () => {
    const session = new AdminSession(() => FAILED);
    const resources = [change(TOPIC, "a", []), change(BROKER, "", []), change(TOPIC, "b", [])];
    assert.deepEqual(codes(session.ask(33, 1, { resources }), "responses"), [40, 40, 40]);
  });
});

describe("incrementalAlterConfigs", () => {
  it("sets, resets, appends and subtracts", () => {
    const session = new AdminSession(altered);
    const configs = [
      operation(0, "retention.ms", "5"),
      operation(1, "segment.ms", null),
      operation(2, "cleanup.policy", "compact"),
      operation(3, "other.list", "item"),
    ];
    const answer = session.ask(44, 1, { resources: [change(TOPIC, "orders", configs)] });
    assert.deepEqual(all(answer, "responses"), [
      { errorCode: 0, errorMessage: null, resourceType: TOPIC, resourceName: "orders" },
    ]);
    assert.deepEqual(session.commands, [{
      kind: "alter_topics",
      topics: [{
        name: "orders",
        settings: { "retention.ms": "5", "segment.ms": null },
        append: { "cleanup.policy": "compact" },
        subtract: { "other.list": "item" },
      }],
      validateOnly: false,
    }]);
  });

  it("refuses unknown operations and values that are null where one is wanted", () => {
    const answer = new AdminSession().ask(44, 0, {
      resources: [
        change(TOPIC, "a", [operation(4, "retention.ms", "5")]),
        change(TOPIC, "b", [operation(0, "retention.ms", null)]),
        change(TOPIC, "c", [operation(2, "cleanup.policy", null)]),
      ],
    });
    assert.deepEqual(codes(answer, "responses"), [42, 42, 42]);
  });
});

describe("listConfigResources", () => {
  const listed = (version: number, request: Message) =>
    all(new AdminSession().ask(74, version, request), "configResources")
      .map(({ resourceType, resourceName }) => [resourceType, resourceName]);

  it("lists topics and the broker, by type", () => {
    assert.deepEqual(listed(1, { resourceTypes: [] }), [[TOPIC, "orders"], [BROKER, BROKER_NAME]]);
    assert.deepEqual(listed(1, { resourceTypes: [BROKER, 32] }), [[BROKER, BROKER_NAME]]);
    assert.deepEqual(listed(0, {}), []);
  });

  it("refuses types that nobody knows", () => {
    assert.equal(new AdminSession().ask(74, 1, { resourceTypes: [99] }).errorCode, 35);
  });
});
