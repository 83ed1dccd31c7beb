/** `commit_offsets`, `committed_offsets`, `delete_offsets`: how far a group has come. Shapes: GroupRequests. */
import { ENTRIES_PER_COMMAND_MAX } from "../../model/mod.ts";
import { errorField, wireError } from "../faults.ts";
import { flag, int32Or, integer, maps, nameOr, nameText, text } from "../fields.ts";
import { encodeFrame, type Message } from "../frame.ts";
import { type Operation, replyOf } from "./operation.ts";

export const commitOffsets: Operation = {
  decode: (message) => ({
    kind: "commit_offsets",
    group: nameText(message, "", "group"),
    memberId: nameOr(message, "", "member", ""),
    instanceId: nameOr(message, "", "instance", null),
    generation: int32Or(message, "", "epoch", -1, -1),
    retentionMs: -1,
    knowsMemberEpochs: true,
    entries: maps(message, "", "entries", ENTRIES_PER_COMMAND_MAX).map((entry) => ({
      ...partitionOf(entry),
      offset: integer(entry, "entries.", "offset", 0),
      leaderEpoch: int32Or(entry, "entries.", "leaderEpoch", -1, -1),
      metadata: nameOr(entry, "entries.", "metadata", null),
    })),
  }),
  encode(c, reply) {
    const { entries } = replyOf(reply, "offsets_committed");
    return encodeFrame({
      c,
      entries: entries.map(({ fault, ...entry }) => ({ ...entry, ...errorField(fault) })),
    });
  },
};

export const committedOffsets: Operation = {
  decode: (message) => ({
    kind: "fetch_offsets",
    requireStable: flag(message, "", "requireStable"),
    groups: [{
      group: nameText(message, "", "group"),
      memberId: nameOr(message, "", "member", null),
      memberEpoch: int32Or(message, "", "epoch", -1, -1),
      entries: message.entries === undefined || message.entries === null ? null : partitionsOf(message),
    }],
  }),
  encode(c, reply) {
    const [group] = replyOf(reply, "offsets_fetched").groups;
    if (group?.fault) return encodeFrame({ c, e: wireError(group.fault) });
    const entries = (group?.entries ?? []).map(({ fault, ...entry }) => ({ ...entry, ...errorField(fault) }));
    return encodeFrame({ c, entries });
  },
};

export const deleteOffsets: Operation = {
  decode: (message) => ({
    kind: "delete_offsets",
    group: nameText(message, "", "group"),
    entries: partitionsOf(message),
  }),
  encode(c, reply) {
    const { fault, entries } = replyOf(reply, "offsets_deleted");
    if (fault !== null) return encodeFrame({ c, e: wireError(fault) });
    return encodeFrame({
      c,
      entries: entries.map(({ fault, ...entry }) => ({ ...entry, ...errorField(fault) })),
    });
  },
};

function partitionsOf(message: Message): { topic: string; partition: number }[] {
  return maps(message, "", "entries", ENTRIES_PER_COMMAND_MAX).map(partitionOf);
}

function partitionOf(entry: Message): { topic: string; partition: number } {
  return { topic: text(entry, "entries.", "topic"), partition: integer(entry, "entries.", "partition", 0) };
}
