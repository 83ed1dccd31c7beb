/**
 * Commands that ask each of their partitions' workers once: produce, list_offsets,
 * trim, epoch_ends, describe_producers. What the worker found is the entry's
 * answer; an entry that failed carries its fault and −1 throughout.
 */
import type { Command, Reply } from "../model/mod.ts";
import { ANSWER_MS_MAX, askEntries, type Routes } from "./ask_entries.ts";
import { refuseChange } from "./locate.ts";

type Of<Kind extends Command["kind"]> = Extract<Command, { kind: Kind }>;
type Done = (reply: Reply) => void;

export function produce(routes: Routes, { entries, acks, timeoutMs }: Of<"produce">, done: Done): void {
  askEntries(routes, {
    entries,
    kind: "appended",
    waitMsMax: timeoutMs,
    ask: ({ outbox, handle }, { topic, batch }, receiver) => {
      const refused = refuseChange(topic);
      if (refused === null) outbox.append(handle, acks, batch, receiver);
      else receiver.fail(refused);
    },
    answer: ({ topic, partition }, found) => {
      const { baseOffset, logAppendTimeMs, logStartOffset } = found.kind === "appended"
        ? found
        : NOT_APPENDED;
      return { topic, partition, fault: found.fault, baseOffset, logAppendTimeMs, logStartOffset };
    },
    done: (entries) => done({ kind: "produced", entries }),
  });
}

export function listOffsets(routes: Routes, command: Of<"list_offsets">, done: Done): void {
  const { entries, isolation } = command;
  askEntries(routes, {
    entries,
    kind: "offset_listed",
    waitMsMax: ANSWER_MS_MAX,
    ask: ({ outbox, handle }, { timestamp, currentLeaderEpoch }, receiver) =>
      outbox.ask({ kind: "list_offset", handle, timestamp, isolation, currentLeaderEpoch }, receiver),
    answer: ({ topic, partition }, found) => {
      const { offset, timestamp, leaderEpoch } = found.kind === "offset_listed" ? found : NOT_LISTED;
      return { topic, partition, fault: found.fault, offset, timestamp, leaderEpoch };
    },
    done: (entries) => done({ kind: "offsets_listed", entries }),
  });
}

export function trim(routes: Routes, { entries }: Of<"trim">, done: Done): void {
  askEntries(routes, {
    entries,
    kind: "trimmed",
    waitMsMax: ANSWER_MS_MAX,
    ask: ({ outbox, handle }, { topic, beforeOffset }, receiver) => {
      const refused = refuseChange(topic);
      if (refused === null) outbox.ask({ kind: "trim", handle, beforeOffset }, receiver);
      else receiver.fail(refused);
    },
    answer: ({ topic, partition }, found) => {
      const logStartOffset = found.kind === "trimmed" ? found.logStartOffset : -1;
      const failed = found.fault ?? routes.ports.trimmed(topic, partition, logStartOffset);
      return { topic, partition, fault: failed, logStartOffset };
    },
    done: (entries) => done({ kind: "trimmed", entries }),
  });
}

export function epochEnds(routes: Routes, { entries }: Of<"epoch_ends">, done: Done): void {
  askEntries(routes, {
    entries,
    kind: "epoch_end_found",
    waitMsMax: ANSWER_MS_MAX,
    ask: ({ outbox, handle }, { leaderEpoch, currentLeaderEpoch }, receiver) =>
      outbox.ask({ kind: "epoch_end", handle, leaderEpoch, currentLeaderEpoch }, receiver),
    answer: ({ topic, partition }, found) => {
      const { leaderEpoch, endOffset } = found.kind === "epoch_end_found" ? found : NO_EPOCH;
      return { topic, partition, fault: found.fault, leaderEpoch, endOffset };
    },
    done: (entries) => done({ kind: "epoch_ends", entries }),
  });
}

export function describeProducers(routes: Routes, command: Of<"describe_producers">, done: Done): void {
  askEntries(routes, {
    entries: command.entries,
    kind: "producers_described",
    waitMsMax: ANSWER_MS_MAX,
    ask: ({ outbox, handle }, _entry, receiver) =>
      outbox.ask({ kind: "describe_producers", handle }, receiver),
    answer: ({ topic, partition }, found) => {
      const producers = found.kind === "producers_described" ? found.producers : [];
      return { topic, partition, fault: found.fault, producers };
    },
    done: (entries) => done({ kind: "producers_described", entries }),
  });
}

const NOT_APPENDED = { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 };
const NOT_LISTED = { offset: -1, timestamp: -1, leaderEpoch: -1 };
const NO_EPOCH = { leaderEpoch: -1, endOffset: -1 };
