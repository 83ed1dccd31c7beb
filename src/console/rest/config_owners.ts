/**
 * Whose settings there are: a topic's, a broker's, and the brokers' together. Each
 * says where its settings lie, which of them show there, and the command that
 * changes them. Called by the routes of settings.
 */
import type { Command, SettingDescription, SettingSource } from "../../model/mod.ts";
import type { Call, Route } from "../openapi/route.ts";
import { BROKER_ID, checkBroker, checkCluster, CLUSTER, CLUSTER_ID, TOPIC_NAME } from "./shapes.ts";
import { topicOf } from "./topics.ts";

type Sources = Readonly<Record<SettingSource, string>>;

const SOURCES: Sources = {
  topic: "DYNAMIC_TOPIC_CONFIG",
  dynamic: "DYNAMIC_BROKER_CONFIG",
  broker: "STATIC_BROKER_CONFIG",
  default: "DEFAULT_CONFIG",
};

/** Settings of a resource that a call names. */
export interface OwnedSettings {
  readonly path: readonly (string | number)[];
  readonly name: (setting: string) => string;
  readonly members: Readonly<Record<string, unknown>>;
  readonly described: Extract<Command, { kind: "describe_settings" }>["resources"][number];
  readonly alter: (settings: Readonly<Record<string, string | null>>, validateOnly: boolean) => Command;
}

/** Whose settings: where they lie, how they are shown, read and changed. */
export interface Owner {
  /** After the cluster's path. */
  readonly path: string;
  readonly parameters: Route["parameters"];
  readonly name: "Topic" | "Broker" | "Cluster";
  readonly sources: Sources;
  /** What is not shown is not there: to be asked for, or taken back. */
  readonly shows: (setting: SettingDescription) => boolean;
  /** True where only what shows can be changed, too. */
  readonly isClosed: boolean;
  /** Checks that what the call names is there. */
  readonly find: (call: Call) => OwnedSettings;
}

/** A topic's settings. */
export const TOPIC: Owner = {
  path: `${CLUSTER}/topics/{topic_name}/configs`,
  parameters: [CLUSTER_ID, TOPIC_NAME],
  name: "Topic",
  sources: SOURCES,
  shows: () => true,
  isClosed: true,
  find: (call) => ownedByTopic(topicOf(call).name),
};

/** The settings of the topic of that name. */
export function ownedByTopic(name: string): OwnedSettings {
  return {
    path: ["topics", name, "configs"],
    name: (setting) => `topic=${name}/config=${setting}`,
    members: { topic_name: name },
    described: { kind: "topic", name },
    alter: (settings, validateOnly) => ({ kind: "alter_topics", topics: [{ name, settings }], validateOnly }),
  };
}

const alterBroker: OwnedSettings["alter"] = (settings, validateOnly) => (
  { kind: "alter_broker", settings, validateOnly }
);

/** The broker's settings. */
export const BROKER: Owner = {
  path: `${CLUSTER}/brokers/{broker_id}/configs`,
  parameters: [CLUSTER_ID, BROKER_ID],
  name: "Broker",
  sources: SOURCES,
  shows: () => true,
  isClosed: true,
  find: (call) => {
    checkBroker(call);
    return ownedByBroker(call);
  },
};

/** The settings of the only broker. */
export function ownedByBroker(call: Call): OwnedSettings {
  const { nodeId } = call.view.identity;
  return {
    path: ["brokers", nodeId, "configs"],
    name: (setting) => `broker=${nodeId}/config=${setting}`,
    members: { broker_id: nodeId },
    described: { kind: "broker" },
    alter: alterBroker,
  };
}

/** What was set for all brokers while they run; what was not is not there. */
export const WHOLE_CLUSTER: Owner = {
  path: `${CLUSTER}/broker-configs`,
  parameters: [CLUSTER_ID],
  name: "Cluster",
  sources: { ...SOURCES, dynamic: "DYNAMIC_DEFAULT_BROKER_CONFIG" },
  shows: ({ source }) => source === "dynamic",
  isClosed: false,
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
