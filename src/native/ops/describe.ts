/** `metadata`, `describe_topics`, `describe_broker`: what is there. */
import { TOPICS_PER_COMMAND_MAX } from "../../model/mod.ts";
import { errorField } from "../faults.ts";
import { flag, textsOrNull } from "../fields.ts";
import { encodeFrame } from "../frame.ts";
import { type Operation, replyOf } from "./operation.ts";

export const metadata: Operation = {
  decode(message) {
    return {
      kind: "metadata",
      topics: textsOrNull(message, "", "topics", TOPICS_PER_COMMAND_MAX),
      autoCreate: flag(message, "", "create"),
    };
  },
  encode(c, reply, context) {
    const topics = replyOf(reply, "metadata").topics.map(({ name, fault, image }) => ({
      name,
      ...errorField(fault),
      id: image?.id ?? "",
      internal: image?.internal ?? false,
      partitions: (image?.partitions ?? []).map((partition) => ({
        partition: partition.partition,
        leader: partition.leader,
        epoch: partition.leaderEpoch,
        replicas: partition.replicas,
        isr: partition.inSyncReplicas,
      })),
      settings: image?.settings ?? {},
    }));
    return encodeFrame({ c, cluster: context.clusterId, brokers: context.brokers, topics });
  },
};

export const describeTopics: Operation = {
  decode: (message) => ({
    kind: "describe_topics",
    topics: textsOrNull(message, "", "topics", TOPICS_PER_COMMAND_MAX),
  }),
  encode(c, reply) {
    const topics = replyOf(reply, "topics_described").topics.map(({ fault, partitions, ...topic }) => ({
      ...topic,
      ...errorField(fault),
      partitions: partitions.map(({ fault, ...partition }) => ({ ...partition, ...errorField(fault) })),
    }));
    return encodeFrame({ c, topics });
  },
};

export const describeBroker: Operation = {
  decode: () => ({ kind: "describe_broker" }),
  encode: (c, reply) => encodeFrame({ c, broker: replyOf(reply, "broker_described").broker }),
};
