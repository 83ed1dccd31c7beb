/** Settings of topics and of the broker: shown with where they come from, changed one by one or together. */
import { assert, type SettingDescription } from "../../model/mod.ts";
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
  BROKER,
  ownedByBroker,
  ownedByTopic,
  type OwnedSettings,
  type Owner,
  TOPIC,
  WHOLE_CLUSTER,
} from "./config_owners.ts";
import {
  answers,
  checkCluster,
  CLUSTER,
  CLUSTER_ID,
  collection,
  CONFIG_NAME,
  listSchema,
  resource,
  resourceSchema,
} from "./shapes.ts";
import { changed } from "./topics.ts";

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
    "DYNAMIC_DEFAULT_BROKER_CONFIG",
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
  }, { validate_only: nullable(BOOLEAN) }),
};

const tag = "Configs";
const WHOSE = { Topic: "a topic's", Broker: "a broker's", Cluster: "all brokers'" };
const DONE = { 204: { description: "Done" } };

export const CONFIG_ROUTES: readonly Route[] = [
  {
    method: "get",
    path: `${CLUSTER}/topics/-/configs`,
    tag,
    summary: "List the settings of all topics",
    parameters: [CLUSTER_ID],
    answers: { 200: answers("The settings", "TopicConfigDataList") },
    serve: listOfTopics,
  },
  {
    method: "get",
    path: `${CLUSTER}/brokers/-/configs`,
    tag,
    summary: "List the settings of all brokers",
    parameters: [CLUSTER_ID],
    answers: { 200: answers("The settings", "BrokerConfigDataList") },
    serve: async (call) => {
      checkCluster(call);
      const data = await settingsOf(call, BROKER, ownedByBroker(call));
      return json(collection(call, "KafkaBrokerConfigList", ["brokers", "-", "configs"], data));
    },
  },
  ...[TOPIC, BROKER, WHOLE_CLUSTER].flatMap(routesOf),
];

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
      serve: (call) => put(call, owner),
    },
    {
      ...one,
      method: "delete",
      summary: `Take one of ${WHOSE[name]} settings back to its default`,
      answers: DONE,
      serve: (call) => reset(call, owner),
    },
  ];
}

interface Update {
  readonly value?: string | null;
}

interface Batch {
  readonly data:
    readonly (Update & { readonly name: string; readonly operation?: "SET" | "DELETE" | null })[];
  readonly validate_only?: boolean | null;
}

async function list(call: Call, owner: Owner): Promise<Response> {
  const found = owner.find(call);
  const data = await settingsOf(call, owner, found);
  return json(collection(call, `Kafka${owner.name}ConfigList`, found.path, data));
}

/** Topic after topic, so that others are served between them. */
async function listOfTopics(call: Call): Promise<Response> {
  checkCluster(call);
  const data: unknown[] = [];
  for (const name of [...call.view.image().topics.keys()].sort()) {
    // One that was deleted meanwhile is left out.
    if (!call.view.image().topics.has(name)) continue;
    for (const setting of await settingsOf(call, TOPIC, ownedByTopic(name))) data.push(setting);
  }
  return json(collection(call, "KafkaTopicConfigList", ["topics", "-", "configs"], data));
}

async function settingsOf(call: Call, owner: Owner, found: OwnedSettings) {
  const settings = await describe(call, owner, found);
  return settings.map((setting) => settingData(call, owner, found, setting));
}

async function show(call: Call, owner: Owner): Promise<Response> {
  const found = owner.find(call);
  const name = call.text("name");
  const setting = (await describe(call, owner, found)).find((one) => one.name === name);
  if (setting === undefined) throw missing(owner, name);
  return json(settingData(call, owner, found, setting));
}

function missing({ name: whose }: Owner, name: string): RequestError {
  const why = whose === "Cluster" ? "was not set for all brokers" : "is not known";
  return new RequestError(404, `Setting "${name}" ${why}`);
}

/** The settings that show. */
async function describe(
  call: Call,
  owner: Owner,
  { described }: OwnedSettings,
): Promise<SettingDescription[]> {
  const reply = await call.view.ask({ kind: "describe_settings", resources: [described] });
  if (reply.kind === "failed") throw failed(reply.fault);
  assert(reply.kind === "settings_described", "settings are described when they are asked for");
  const [answer] = reply.resources;
  assert(answer !== undefined, "one resource is answered by one");
  if (answer.fault !== null) throw failed(answer.fault);
  return answer.settings.filter(owner.shows);
}

function settingData(
  call: Call,
  { name: kind, sources }: Owner,
  found: OwnedSettings,
  { name, value, source, isReadOnly, synonyms }: SettingDescription,
) {
  const place = { kind: `Kafka${kind}Config`, path: [...found.path, name], name: found.name(name) };
  return resource(call, place, {
    ...found.members,
    name,
    value,
    is_default: source === "default",
    is_read_only: isReadOnly,
    is_sensitive: false,
    source: sources[source],
    synonyms: synonyms.map((synonym) => ({ ...synonym, source: sources[synonym.source] })),
  });
}

function put(call: Call, owner: Owner): Promise<Response> {
  const name = call.text("name");
  return alter(call, owner, { [name]: valueOf(name, (call.body as Update).value) }, false);
}

async function reset(call: Call, owner: Owner): Promise<Response> {
  const name = call.text("name");
  const settings = await describe(call, owner, owner.find(call));
  if (!settings.some((setting) => setting.name === name)) throw missing(owner, name);
  return await alter(call, owner, { [name]: null }, false);
}

async function alterBatch(call: Call, owner: Owner): Promise<Response> {
  const { data, validate_only: validateOnly } = call.body as Batch;
  const settings = new Map<string, string | null>();
  for (const { name, value, operation } of data) {
    if (settings.has(name)) throw new RequestError(40002, `Setting "${name}" is named twice`);
    settings.set(name, operation === "DELETE" ? null : valueOf(name, value));
  }
  return await alter(call, owner, Object.fromEntries(settings), validateOnly ?? false);
}

function valueOf(name: string, value: string | null | undefined): string {
  if (typeof value === "string") return value;
  throw new RequestError(40002, `Setting "${name}" wants a value; to take it back, delete it`);
}

async function alter(
  call: Call,
  owner: Owner,
  settings: Readonly<Record<string, string | null>>,
  validateOnly: boolean,
): Promise<Response> {
  const found = owner.find(call);
  if (owner.isClosed) {
    const known = new Set((await describe(call, owner, found)).map(({ name }) => name));
    const unknown = Object.keys(settings).find((name) => !known.has(name));
    if (unknown !== undefined) throw missing(owner, unknown);
  }
  const reply = await call.view.ask(found.alter(settings, validateOnly));
  if (reply.kind !== "broker_altered") changed(reply);
  return new Response(null, { status: 204 });
}
