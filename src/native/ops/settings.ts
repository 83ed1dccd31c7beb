/** `describe_settings` and `alter_broker`: settings in force, and changing the broker's while it runs. */
import {
  type DescribeSettingsCommand,
  type SettingsChange,
  TOPICS_PER_COMMAND_MAX,
} from "../../model/mod.ts";
import { errorField } from "../faults.ts";
import { FieldError, flag, maps, settings, show, text } from "../fields.ts";
import { encodeFrame, type Message } from "../frame.ts";
import { type Operation, replyOf } from "./operation.ts";

export const describeSettings: Operation = {
  decode: (message) => ({
    kind: "describe_settings",
    resources: maps(message, "", "resources", TOPICS_PER_COMMAND_MAX).map(readResource),
  }),
  encode(c, reply) {
    const resources = replyOf(reply, "settings_described").resources.map(({ fault, settings }) => ({
      ...errorField(fault),
      settings,
    }));
    return encodeFrame({ c, resources });
  },
};

export const alterBroker: Operation = {
  decode: (message) => ({
    kind: "alter_broker",
    validateOnly: flag(message, "", "validateOnly"),
    ...settingsChange(message, ""),
  }),
  encode(c, reply) {
    replyOf(reply, "broker_altered");
    return encodeFrame({ c });
  },
};

/** What becomes of the settings of a topic, or of the broker; fields that are not there stay out of it. */
export function settingsChange(fields: Message, path: string): SettingsChange {
  return {
    settings: settings(fields, path, "settings", true),
    ...(isThere(fields.append) ? { append: settings(fields, path, "append", false) } : {}),
    ...(isThere(fields.subtract) ? { subtract: settings(fields, path, "subtract", false) } : {}),
    ...(flag(fields, path, "replaces") ? { replaces: true } : {}),
  };
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function readResource(resource: Message): DescribeSettingsCommand["resources"][number] {
  const kind = text(resource, "resources.", "kind");
  if (kind === "broker") return { kind };
  if (kind === "topic") return { kind, name: text(resource, "resources.", "name") };
  throw new FieldError(`Field "resources.kind" is "${show(kind)}", wanted "broker" or "topic"`);
}
