/** `create_topics`, `delete_topics`, `alter_topics`, `add_partitions`: what the coordinator decides. */
import { type Reply, TOPICS_PER_COMMAND_MAX } from "../../model/mod.ts";
import { errorField } from "../faults.ts";
import { flag, integer, integerOr, maps, settings, text, texts } from "../fields.ts";
import { encodeFrame } from "../frame.ts";
import { type Operation, replyOf } from "./operation.ts";
import { settingsChange } from "./settings.ts";

function encode(c: number, reply: Reply): Uint8Array[] {
  const topics = replyOf(reply, "topics_changed").topics.map(({ name, fault }) => ({
    name,
    ...errorField(fault),
  }));
  return encodeFrame({ c, topics });
}

export const createTopics: Operation = {
  decode(message) {
    return {
      kind: "create_topics",
      validateOnly: flag(message, "", "validateOnly"),
      topics: maps(message, "", "topics", TOPICS_PER_COMMAND_MAX).map((topic) => ({
        name: text(topic, "topics.", "name"),
        partitions: integerOr(topic, "topics.", "partitions", -1, -1),
        replicationFactor: integerOr(topic, "topics.", "replicationFactor", -1, -1),
        assignments: null,
        settings: settings(topic, "topics.", "settings", false),
      })),
    };
  },
  encode,
};

export const deleteTopics: Operation = {
  decode: (message) => ({
    kind: "delete_topics",
    topics: texts(message, "", "topics", TOPICS_PER_COMMAND_MAX),
  }),
  encode,
};

export const alterTopics: Operation = {
  decode(message) {
    return {
      kind: "alter_topics",
      validateOnly: flag(message, "", "validateOnly"),
      topics: maps(message, "", "topics", TOPICS_PER_COMMAND_MAX).map((topic) => ({
        name: text(topic, "topics.", "name"),
        ...settingsChange(topic, "topics."),
      })),
    };
  },
  encode,
};

export const addPartitions: Operation = {
  decode(message) {
    return {
      kind: "add_partitions",
      validateOnly: flag(message, "", "validateOnly"),
      topics: maps(message, "", "topics", TOPICS_PER_COMMAND_MAX).map((topic) => ({
        name: text(topic, "topics.", "name"),
        partitions: integer(topic, "topics.", "partitions", 1),
        assignments: null,
      })),
    };
  },
  encode,
};
