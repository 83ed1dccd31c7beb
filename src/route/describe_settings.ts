/** `describe_settings`: the settings in force of the broker and of topics, each resource in its place; no log is looked at. */
import type { Command, Reply } from "../model/mod.ts";
import { unknownTopic } from "./locate.ts";
import type { RouterPorts } from "./ports.ts";

export function describeSettings(
  ports: RouterPorts,
  command: Extract<Command, { kind: "describe_settings" }>,
): Reply {
  const { topics } = ports.image();
  const resources = command.resources.map((resource) => {
    if (resource.kind === "broker") return { fault: null, settings: ports.describeBrokerSettings() };
    const topic = topics.get(resource.name);
    if (topic === undefined) return { fault: unknownTopic(resource.name), settings: [] };
    return { fault: null, settings: ports.describeTopicSettings(topic.settings) };
  });
  return { kind: "settings_described", resources };
}
