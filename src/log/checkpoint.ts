/**
 * The text files Kafka keeps beside its logs, as strings in and out:
 *
 *     offset checkpoint    leader-epoch-checkpoint    partition.metadata
 *     0                    0                          version: 0
 *     <entry count>        <entry count>              topic_id: <22 characters>
 *     topic partition off  epoch startOffset
 *
 * Strict: a wrong version, line or count is a LogError "corrupt_text"; an empty
 * file is an empty list. Called by the log (epochs, metadata) and by whoever
 * writes the data directory's recovery-point, high-watermark and log-start files.
 * Source: Kafka's `CheckpointFile`, `OffsetCheckpointFile`, `PartitionMetadataFile`.
 */
import { LogError } from "./log_error.ts";

const VERSION = "0";
const TOPIC_ID = /^[A-Za-z0-9_-]{22}$/;
const TOPIC_NAME = /^[a-zA-Z0-9._-]{1,249}$/;
const INTEGER = /^-?(0|[1-9][0-9]{0,15})$/;
const INT32_MAX = 2_147_483_647;

/** One partition's line of an offset checkpoint. */
export interface CheckpointEntry {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Where a leader epoch begins. */
export interface EpochEntry {
  readonly epoch: number;
  readonly startOffset: number;
}

/**
 * Entries of a recovery-point, replication-offset, log-start-offset or cleaner checkpoint.
 * Throws {@linkcode LogError} "corrupt_text".
 *
 * @example
 * ```ts
 * parseOffsetCheckpoint("0\n1\norders 3 42\n"); // [{ topic: "orders", partition: 3, offset: 42 }]
 * ```
 */
export function parseOffsetCheckpoint(text: string): CheckpointEntry[] {
  const seen = new Set<string>();
  return entryLines(text, "Offset checkpoint").map((line) => {
    const [topic, partition, offset, ...rest] = line.split(/\s+/);
    const entry = { topic: topic ?? "", partition: integer(partition), offset: integer(offset) };
    const right = rest.length === 0 && TOPIC_NAME.test(entry.topic) && entry.offset >= 0 &&
      entry.partition >= 0 && entry.partition <= INT32_MAX;
    if (!right) throw corrupt(`Offset checkpoint line "${line}" must be a topic, a partition and an offset`);
    const key = `${entry.topic} ${entry.partition}`;
    if (seen.has(key)) throw corrupt(`Offset checkpoint must name partition "${key}" once, not twice`);
    seen.add(key);
    return entry;
  });
}

/** The text of an offset checkpoint: the inverse of {@linkcode parseOffsetCheckpoint}. */
export function formatOffsetCheckpoint(entries: readonly CheckpointEntry[]): string {
  const lines = entries.map((entry) => `${entry.topic} ${entry.partition} ${entry.offset}\n`);
  return `${VERSION}\n${entries.length}\n${lines.join("")}`;
}

/** Entries of a `leader-epoch-checkpoint`, ascending in both. Throws {@linkcode LogError} "corrupt_text". */
export function parseLeaderEpochs(text: string): EpochEntry[] {
  let previous: EpochEntry = { epoch: -1, startOffset: -1 };
  return entryLines(text, "Leader epoch file").map((line) => {
    const [epoch, startOffset, ...rest] = line.split(/\s+/);
    const entry = { epoch: integer(epoch), startOffset: integer(startOffset) };
    const ascends = entry.epoch > previous.epoch && entry.startOffset > previous.startOffset;
    if (rest.length > 0 || !ascends || entry.epoch > INT32_MAX) {
      throw corrupt(`Leader epoch line "${line}" must be an epoch and an offset, both above the line before`);
    }
    previous = entry;
    return entry;
  });
}

/** The text of a `leader-epoch-checkpoint`: the inverse of {@linkcode parseLeaderEpochs}. */
export function formatLeaderEpochs(entries: readonly EpochEntry[]): string {
  const lines = entries.map((entry) => `${entry.epoch} ${entry.startOffset}\n`);
  return `${VERSION}\n${entries.length}\n${lines.join("")}`;
}

/** The topic id in a `partition.metadata`. Throws {@linkcode LogError} "corrupt_text". */
export function parsePartitionMetadata(text: string): string {
  const lines = text.trimEnd().split("\n");
  const id = /^topic_id:\s*(\S*)$/.exec(lines[1] ?? "")?.[1] ?? "";
  if (lines.length !== 2 || !/^version:\s*0$/.test(lines[0] ?? "") || !TOPIC_ID.test(id)) {
    throw corrupt(`Partition metadata "${clip(text)}" must be "version: 0" and a topic_id of 22 characters`);
  }
  return id;
}

/** The text of a `partition.metadata`: the inverse of {@linkcode parsePartitionMetadata}. */
export function formatPartitionMetadata(topicId: string): string {
  return `version: ${VERSION}\ntopic_id: ${topicId}`;
}

/** The lines after version and count, as many as the count says. */
function entryLines(text: string, what: string): string[] {
  if (text === "") return [];
  const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : text.split("\n");
  if (lines[0] !== VERSION) throw corrupt(`${what} has version "${clip(lines[0])}", wanted is ${VERSION}`);
  const count = integer(lines[1]);
  const entries = lines.slice(2);
  if (count < 0 || count !== entries.length) {
    throw corrupt(`${what} says "${clip(lines[1])}" entries, but has ${entries.length}`);
  }
  return entries;
}

/** The integer in `text`, or NaN, which no comparison accepts. */
function integer(text: string | undefined): number {
  const value = text !== undefined && INTEGER.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : NaN;
}

function clip(text: string | undefined): string {
  return (text ?? "").slice(0, 80);
}

function corrupt(message: string): LogError {
  return new LogError("corrupt_text", message);
}
