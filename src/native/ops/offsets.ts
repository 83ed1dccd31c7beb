/** `list_offsets`, `epoch_ends` and `trim`: where a log or an epoch of it ends, where it stood at a time; and moving its beginning up. */
import { ENTRIES_PER_COMMAND_MAX, TIMESTAMP_MAX } from "../../model/mod.ts";
import { errorField } from "../faults.ts";
import { integer, integerOr, maps, text } from "../fields.ts";
import { encodeFrame } from "../frame.ts";
import { readIsolation } from "./fetch.ts";
import { type Operation, replyOf } from "./operation.ts";

export const listOffsets: Operation = {
  decode(message) {
    return {
      kind: "list_offsets",
      isolation: readIsolation(message),
      entries: maps(message, "", "entries", ENTRIES_PER_COMMAND_MAX).map((entry) => ({
        topic: text(entry, "entries.", "topic"),
        partition: integer(entry, "entries.", "partition", 0),
        timestamp: integer(entry, "entries.", "timestamp", TIMESTAMP_MAX),
        currentLeaderEpoch: integerOr(entry, "entries.", "epoch", -1, -1),
      })),
    };
  },
  encode(c, reply) {
    const entries = replyOf(reply, "offsets_listed").entries.map((entry) => ({
      topic: entry.topic,
      partition: entry.partition,
      ...errorField(entry.fault),
      offset: entry.offset,
      timestamp: entry.timestamp,
      epoch: entry.leaderEpoch,
    }));
    return encodeFrame({ c, entries });
  },
};

export const epochEnds: Operation = {
  decode(message) {
    return {
      kind: "epoch_ends",
      entries: maps(message, "", "entries", ENTRIES_PER_COMMAND_MAX).map((entry) => ({
        topic: text(entry, "entries.", "topic"),
        partition: integer(entry, "entries.", "partition", 0),
        leaderEpoch: integer(entry, "entries.", "leaderEpoch", 0),
        currentLeaderEpoch: integerOr(entry, "entries.", "epoch", -1, -1),
      })),
    };
  },
  encode(c, reply) {
    const entries = replyOf(reply, "epoch_ends").entries.map((entry) => ({
      topic: entry.topic,
      partition: entry.partition,
      ...errorField(entry.fault),
      leaderEpoch: entry.leaderEpoch,
      endOffset: entry.endOffset,
    }));
    return encodeFrame({ c, entries });
  },
};

export const trim: Operation = {
  decode(message) {
    return {
      kind: "trim",
      entries: maps(message, "", "entries", ENTRIES_PER_COMMAND_MAX).map((entry) => ({
        topic: text(entry, "entries.", "topic"),
        partition: integer(entry, "entries.", "partition", 0),
        beforeOffset: integer(entry, "entries.", "before", -1),
      })),
    };
  },
  encode(c, reply) {
    const entries = replyOf(reply, "trimmed").entries.map((entry) => ({
      topic: entry.topic,
      partition: entry.partition,
      ...errorField(entry.fault),
      logStartOffset: entry.logStartOffset,
    }));
    return encodeFrame({ c, entries });
  },
};
