/** `fetch`: whole batches from many partitions at once, with a long poll. Shape: NativeRequests.fetch. */
import { ENTRIES_PER_COMMAND_MAX } from "../../model/mod.ts";
import { errorField } from "../faults.ts";
import { FieldError, integer, integerOr, maps, show, text } from "../fields.ts";
import { encodeFrameWithBytes, type Message } from "../frame.ts";
import { type Operation, replyOf } from "./operation.ts";

/** Kafka's consumer defaults. */
const BYTES_MAX_DEFAULT = 52_428_800;
const PARTITION_BYTES_MAX_DEFAULT = 1_048_576;

export const fetch: Operation = {
  decode(message) {
    return {
      kind: "fetch",
      waitMsMax: integerOr(message, "", "waitMsMax", 0, 0),
      bytesMin: integerOr(message, "", "bytesMin", 0, 1),
      bytesMax: integerOr(message, "", "bytesMax", 0, BYTES_MAX_DEFAULT),
      isolation: readIsolation(message),
      entries: maps(message, "", "entries", ENTRIES_PER_COMMAND_MAX).map((entry) => ({
        topic: text(entry, "entries.", "topic"),
        partition: integer(entry, "entries.", "partition", 0),
        offset: integer(entry, "entries.", "offset", 0),
        bytesMax: integerOr(entry, "entries.", "bytesMax", 0, PARTITION_BYTES_MAX_DEFAULT),
        currentLeaderEpoch: integerOr(entry, "entries.", "epoch", -1, -1),
        lastFetchedEpoch: integerOr(entry, "entries.", "lastFetchedEpoch", -1, -1),
      })),
    };
  },
  encode(c, reply) {
    const entries = replyOf(reply, "fetched").entries.map((entry) => ({
      fields: {
        topic: entry.topic,
        partition: entry.partition,
        ...errorField(entry.fault),
        highWatermark: entry.highWatermark,
        lastStableOffset: entry.lastStableOffset,
        logStartOffset: entry.logStartOffset,
        ...(entry.divergingEpoch === null ? {} : { divergingEpoch: entry.divergingEpoch }),
      },
      bytes: entry.records,
    }));
    return encodeFrameWithBytes({ c }, "records", entries);
  },
};

/** "read_uncommitted" unless the message says otherwise. */
export function readIsolation(message: Message): "read_uncommitted" | "read_committed" {
  const isolation = message.isolation ?? "read_uncommitted";
  if (isolation === "read_uncommitted" || isolation === "read_committed") return isolation;
  throw new FieldError(
    `Field "isolation" is "${show(isolation)}", wanted "read_uncommitted" or "read_committed"`,
  );
}
