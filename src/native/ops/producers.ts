/** `init_producer_id` and `describe_producers`: who writes idempotently, and what partitions know of them. */
import { ENTRIES_PER_COMMAND_MAX } from "../../model/mod.ts";
import { errorField } from "../faults.ts";
import { integer, maps, text } from "../fields.ts";
import { encodeFrame } from "../frame.ts";
import { type Operation, replyOf } from "./operation.ts";

export const initProducerId: Operation = {
  decode: () => ({ kind: "init_producer_id" }),
  encode(c, reply) {
    const { producerId, producerEpoch } = replyOf(reply, "producer_id");
    return encodeFrame({ c, producerId, producerEpoch });
  },
};

export const describeProducers: Operation = {
  decode: (message) => ({
    kind: "describe_producers",
    entries: maps(message, "", "entries", ENTRIES_PER_COMMAND_MAX).map((entry) => ({
      topic: text(entry, "entries.", "topic"),
      partition: integer(entry, "entries.", "partition", 0),
    })),
  }),
  encode(c, reply) {
    const entries = replyOf(reply, "producers_described").entries.map((entry) => ({
      topic: entry.topic,
      partition: entry.partition,
      ...errorField(entry.fault),
      producers: entry.producers,
    }));
    return encodeFrame({ c, entries });
  },
};
