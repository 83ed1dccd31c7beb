/** Settings of topics and of the broker: shown with where they come from, changed one by one or together. */
import { assert, type Command, type SettingDescription, type SettingSource } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import { type Call, json, type Route } from "../openapi/route.ts";
import {
  arrayOf,
  BOOLEAN,
  INTEGER,
  nullable,
  object,
  oneOf,
  ref,
  type Schema,
  TEXT,
} from "../openapi/schema.ts";
import {
  answers,
  BROKER_ID,
  checkBroker,
  checkCluster,
  CLUSTER,
  CLUSTER_ID,
  collection,
  CONFIG_NAME,
  listSchema,
  resource,
  resourceSchema,
  TOPIC_NAME,
} from "./shapes.ts";
import { changed, topicOf } from "./topics.ts";

const CONFIG: Readonly<Record<string, Schema>> = {
  name: TEXT,
  is_default: BOOLEAN,
  is_read_only: BOOLEAN,
  is_sensitive: BOOLEAN,
  source: ref("ConfigSource"),
  synonyms: arrayOf(object({ name: TEXT, source: ref("ConfigSource") }, { value: nullable(TEXT) })),
};

export const CONFIG_SCHEMAS: Readonly<Record<string, Schema>> = {
  ConfigSource: oneOf(
    "DYNAMIC_TOPIC_CONFIG",
    "DYNAMIC_BROKER_CONFIG",
    "STATIC_BROKER_CONFIG",
    "DEFAULT_CONFIG",
  ),
  TopicConfigData: resourceSchema({ ...CONFIG, topic_name: TEXT }, { value: nullable(TEXT) }),
  TopicConfigDataList: listSchema("TopicConfigData"),
  BrokerConfigData: resourceSchema({ ...CONFIG, broker_id: INTEGER }, { value: nullable(TEXT) }),
  BrokerConfigDataList: listSchema("BrokerConfigData"),
  ClusterConfigData: resourceSchema({ ...CONFIG, config_type: oneOf("BROKER") }, { value: nullable(TEXT) }),
  ClusterConfigDataList: listSchema("ClusterConfigData"),
  UpdateConfigRequestData: object({}, { value: nullable(TEXT) }),
  AlterConfigBatchRequestData: object({
    data: arrayOf(
      object({ name: TEXT }, {
        value: nullable(TEXT),
        operation: { type: ["string", "null"], enum: ["SET", "DELETE", null] },
      }),
    ),
  }, { validate_only: BOOLEAN }),
};

const SOURCES: Readonly<Record<SettingSource, string>> = {
  topic: "DYNAMIC_TOPIC_CONFIG",
  dynamic: "DYNAMIC_BROKER_CONFIG",
  broker: "STATIC_BROKER_CONFIG",
  default: "DEFAULT_CONFIG",
};

/** Whose settings: where they lie, how they are shown, read and changed. */
interface Owner {
  /** After the cluster's path. */
  readonly path: string;
  readonly parameters: Route["parameters"];
  readonly name: "Topic" | "Broker" | "Cluster";
  /** Checks that what the call names is there. */
  readonly find: (call: Call) => {
    readonly path: readonly (string | number)[];
    readonly name: (setting: string) => string;
    readonly members: Readonly<Record<string, unknown>>;
    readonly described: Extract<Command, { kind: "describe_settings" }>["resources"][number];
    readonly alter: (settings: Readonly<Record<string, string | null>>, validateOnly: boolean) => Command;
  };
}

const TOPIC: Owner = {
  path: `${CLUSTER}/topics/{topic_name}/configs`,
  parameters: [CLUSTER_ID, TOPIC_NAME],
  name: "Topic",
  find: (call) => {
    const { name } = topicOf(call);
    return {
      path: ["topics", name, "configs"],
      name: (setting) => `topic=${name}/config=${setting}`,
      members: { topic_name: name },
      described: { kind: "topic", name },
      alter: (settings, validateOnly) => ({
        kind: "alter_topics",
        topics: [{ name, settings }],
        validateOnly,
      }),
    };
  },
};

const alterBroker = (settings: Readonly<Record<string, string | null>>, validateOnly: boolean): Command => (
  { kind: "alter_broker", settings, validateOnly }
);

const BROKER: Owner = {
  path: `${CLUSTER}/brokers/{broker_id}/configs`,
  parameters: [CLUSTER_ID, BROKER_ID],
  name: "Broker",
  find: (call) => {
    checkBroker(call);
    const { nodeId } = call.view.identity;
    return {
      path: ["brokers", nodeId, "configs"],
      name: (setting) => `broker=${nodeId}/config=${setting}`,
      members: { broker_id: nodeId },
      described: { kind: "broker" },
      alter: alterBroker,
    };
  },
};

const WHOLE_CLUSTER: Owner = {
  path: `${CLUSTER}/broker-configs`,
  parameters: [CLUSTER_ID],
  name: "Cluster",
  find: (call) => {
    checkCluster(call);
    return {
      path: ["broker-configs"],
      name: (setting) => `broker-config=${setting}`,
      members: { config_type: "BROKER" },
      described: { kind: "broker" },
      alter: alterBroker,
    };
  },
};

const tag = "Configs";
const WHOSE = { Topic: "a topic's", Broker: "a broker's", Cluster: "the brokers'" };
const DONE = { 204: { description: "Done" } };

export const CONFIG_ROUTES: readonly Route[] = [TOPIC, BROKER, WHOLE_CLUSTER].flatMap(routesOf);

function routesOf(owner: Owner): Route[] {
  return [...routesOfAll(owner), ...routesOfOne(owner)];
}

function routesOfAll(owner: Owner): Route[] {
  const { path, parameters, name } = owner;
  return [
    {
      method: "get",
      path,
      tag,
      summary: `List ${WHOSE[name]} settings`,
      parameters,
      answers: { 200: answers("The settings", `${name}ConfigDataList`) },
      serve: (call) => list(call, owner),
    },
    {
      method: "post",
      path: `${path}:alter`,
      tag,
      summary: `Change ${WHOSE[name]} settings together`,
      parameters,
      body: ref("AlterConfigBatchRequestData"),
      answers: DONE,
      serve: (call) => alterBatch(call, owner),
    },
  ];
}

function routesOfOne(owner: Owner): Route[] {
  const { path, parameters, name } = owner;
  const one = { tag, path: `${path}/{name}`, parameters: [...parameters, CONFIG_NAME] };
  return [
    {
      ...one,
      method: "get",
      summary: `Show one of ${WHOSE[name]} settings`,
      answers: { 200: answers("The setting", `${name}ConfigData`) },
      serve: (call) => show(call, owner),
    },
    {
      ...one,
      method: "put",
      summary: `Change one of ${WHOSE[name]} settings`,
      body: ref("UpdateConfigRequestData"),
      answers: DONE,
      serve: (call) =>
        alter(call, owner, { [call.text("name")]: (call.body as Update).value ?? null }, false),
    },
    {
      ...one,
      method: "delete",
      summary: `Take one of ${WHOSE[name]} settings back to its default`,
      answers: DONE,
      serve: (call) => alter(call, owner, { [call.text("name")]: null }, false),
    },
  ];
}

interface Update {
  readonly value?: string | null;
}

interface Batch {
  readonly data:
    readonly (Update & { readonly name: string; readonly operation?: "SET" | "DELETE" | null })[];
  readonly validate_only?: boolean;
}

async function list(call: Call, owner: Owner): Promise<Response> {
  const found = owner.find(call);
  const settings = await describe(call, found.described);
  const data = settings.map((setting) => settingData(call, owner, found, setting));
  return json(collection(call, `Kafka${owner.name}ConfigList`, found.path, data));
}

async function show(call: Call, owner: Owner): Promise<Response> {
  const found = owner.find(call);
  const name = call.text("name");
  const setting = (await describe(call, found.described)).find((one) => one.name === name);
  if (setting === undefined) throw new RequestError(404, `Setting "${name}" is not known`);
  return json(settingData(call, owner, found, setting));
}

async function describe(
  call: Call,
  described: ReturnType<Owner["find"]>["described"],
): Promise<readonly SettingDescription[]> {
  const reply = await call.view.ask({ kind: "describe_settings", resources: [described] });
  if (reply.kind === "failed") throw failed(reply.fault);
  assert(reply.kind === "settings_described", "settings are described when they are asked for");
  const [answer] = reply.resources;
  assert(answer !== undefined, "one resource is answered by one");
  if (answer.fault !== null) throw failed(answer.fault);
  return answer.settings;
}

function settingData(
  call: Call,
  owner: Owner,
  found: ReturnType<Owner["find"]>,
  { name, value, source, isReadOnly, synonyms }: SettingDescription,
) {
  const kind = `Kafka${owner.name}Config`;
  return resource(call, { kind, path: [...found.path, name], name: found.name(name) }, {
    ...found.members,
    name,
    value,
    is_default: source === "default",
    is_read_only: isReadOnly,
    is_sensitive: false,
    source: SOURCES[source],
    synonyms: synonyms.map((synonym) => ({ ...synonym, source: SOURCES[synonym.source] })),
  });
}

function alterBatch(call: Call, owner: Owner): Promise<Response> {
  const { data, validate_only: validateOnly = false } = call.body as Batch;
  const settings: Record<string, string | null> = {};
  for (const { name, value, operation } of data) {
    if (operation !== "DELETE" && typeof value !== "string") {
      throw new RequestError(40002, `Setting "${name}" wants a value, or the operation "DELETE"`);
    }
    if (Object.hasOwn(settings, name)) throw new RequestError(40002, `Setting "${name}" is named twice`);
    Object.defineProperty(settings, name, {
      value: operation === "DELETE" ? null : value,
      enumerable: true,
    });
  }
  return alter(call, owner, settings, validateOnly);
}

async function alter(
  call: Call,
  owner: Owner,
  settings: Readonly<Record<string, string | null>>,
  validateOnly: boolean,
): Promise<Response> {
  const reply = await call.view.ask(owner.find(call).alter(settings, validateOnly));
  if (reply.kind !== "broker_altered") changed(reply);
  return new Response(null, { status: 204 });
}
