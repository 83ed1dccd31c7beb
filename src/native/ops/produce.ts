/** `produce`: one batch per entry, appended and acknowledged as `acks` says. Shape: NativeRequests.produce. */
import { type Acks, ENTRIES_PER_COMMAND_MAX } from "../../model/mod.ts";
import { errorField } from "../faults.ts";
import { bytes, FieldError, integer, integerOr, maps, text } from "../fields.ts";
import { encodeFrame } from "../frame.ts";
import { type Operation, replyOf } from "./operation.ts";

const TIMEOUT_MS_DEFAULT = 30_000;

export const produce: Operation = {
  decode(message) {
    const acks = integer(message, "", "acks", -1);
    if (acks > 1) throw new FieldError(`Field "acks" is "${acks}", wanted -1, 0 or 1`);
    const entries = maps(message, "", "entries", ENTRIES_PER_COMMAND_MAX).map((entry) => ({
      topic: text(entry, "entries.", "topic"),
      partition: integer(entry, "entries.", "partition", 0),
      batch: bytes(entry, "entries.", "batch"),
    }));
    const timeoutMs = integerOr(message, "", "timeoutMs", 0, TIMEOUT_MS_DEFAULT);
    return { kind: "produce", acks: acks as Acks, timeoutMs, entries };
  },
  encode(c, reply) {
    const entries = replyOf(reply, "produced").entries.map((entry) => ({
      topic: entry.topic,
      partition: entry.partition,
      ...errorField(entry.fault),
      baseOffset: entry.baseOffset,
      logAppendTimeMs: entry.logAppendTimeMs,
      logStartOffset: entry.logStartOffset,
    }));
    return encodeFrame({ c, entries });
  },
};
