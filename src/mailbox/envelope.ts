/**
 * The messages between the main thread and a partition worker, and the check
 * each side makes before it believes one. Buffers named in `buffers` and
 * `returned` are transferred: `buffers` carry the bytes the items' views point
 * into, `returned` are empty ones going back to the arena they came from.
 */
import type { GroupFigures, ShardInput, ShardOutput } from "../model/mod.ts";

/** What a partition worker is told when it starts. */
export interface PartitionWorkerOptions {
  readonly dataDirectory: string;
  readonly disk: "auto" | "mapped" | "file" | "memory";
  readonly waitersMax: number;
  readonly openFilesMax: number;
  readonly checkCrcOnRead: boolean;
  readonly retentionIntervalMs: number;
  readonly retentionDiskPercent: number;
  /** Workers that may share the disk; left out: one. */
  readonly retentionWorkers?: number;
  /** Free bytes of the file system below which records are refused; 0 or left out: never. */
  readonly diskFreeBytesMin?: number;
  /** Bytes checked for damage in a second, in the background; 0 or left out: none. */
  readonly scrubBytesPerSecond?: number;
  /** From one round over all logs to the next. */
  readonly scrubIntervalMs?: number;
  /** How the worker's logs are compacted; left out: not at all. */
  readonly cleaner?: CleanerOptions;
}

/** A worker's share of what the cleaner may use. */
interface CleanerOptions {
  /** Bytes of the table of keys, which there is while a log is cleaned. */
  readonly dedupeBytesMax: number;
  /** How full that table gets, 0 to 1. Default 0.9. */
  readonly dedupeLoadMax?: number;
  /** Bytes read and written in a second; `Infinity`: no limit. */
  readonly bytesPerSecond: number;
  /** Time between two looks for something to clean. */
  readonly backoffMs: number;
}

export type ToPartitionWorker =
  | { readonly kind: "start"; readonly options: PartitionWorkerOptions }
  | {
    readonly kind: "turn";
    readonly inputs: readonly ShardInput[];
    readonly buffers: readonly ArrayBuffer[];
    readonly returned: readonly ArrayBuffer[];
  };

export type FromPartitionWorker =
  | { readonly kind: "started"; readonly disk: string; readonly notice: string | null }
  | {
    readonly kind: "turned";
    readonly outputs: readonly ShardOutput[];
    readonly buffers: readonly ArrayBuffer[];
    readonly returned: readonly ArrayBuffer[];
    /** True when this answers a turn message, false when the worker's own clock caused it. */
    readonly asked: boolean;
    /** How long the worker was at work on it, microseconds. */
    readonly busyUs?: number;
    /** All the worker counted since it started, with an answer to "describe". */
    readonly counts?: Float64Array;
    /** All groups, with an answer of the coordinator to "describe". */
    readonly groups?: GroupFigures;
  };

/** A message that no code of this version sends. */
export class EnvelopeError extends Error {
  override name = "EnvelopeError";
}

/** Checks a message that reached a partition worker. Throws {@linkcode EnvelopeError}. */
export function openToPartitionWorker(message: unknown): ToPartitionWorker {
  const fields = asFields(message);
  if (fields.kind === "start" && isOptions(fields.options)) return fields as unknown as ToPartitionWorker;
  if (fields.kind === "turn") {
    const sound = isItems(fields.inputs) && areBuffers(fields.buffers) && areBuffers(fields.returned);
    if (sound) return fields as unknown as ToPartitionWorker;
  }
  throw new EnvelopeError(`Message of kind "${String(fields.kind)}" is not one a partition worker takes`);
}

/** Checks a message that came from a partition worker. Throws {@linkcode EnvelopeError}. */
export function openFromPartitionWorker(message: unknown): FromPartitionWorker {
  const fields = asFields(message);
  if (fields.kind === "started" && typeof fields.disk === "string") {
    return fields as unknown as FromPartitionWorker;
  }
  if (fields.kind === "turned" && typeof fields.asked === "boolean") {
    const sound = isItems(fields.outputs) && areBuffers(fields.buffers) && areBuffers(fields.returned) &&
      isNumberIfGiven(fields.busyUs) &&
      (fields.counts === undefined || fields.counts instanceof Float64Array) &&
      (fields.groups === undefined || areFigures(fields.groups));
    if (sound) return fields as unknown as FromPartitionWorker;
  }
  throw new EnvelopeError(`Message of kind "${String(fields.kind)}" is not one a partition worker sends`);
}

function areFigures(groups: unknown): boolean {
  if (typeof groups !== "object" || groups === null) return false;
  const { groups: list, partitions, offsets, leftOut } = groups as Record<string, unknown>;
  return Array.isArray(list) && partitions instanceof Int32Array && offsets instanceof Float64Array &&
    partitions.length === offsets.length && typeof leftOut === "number";
}

function asFields(message: unknown): Record<string, unknown> {
  if (typeof message === "object" && message !== null) return message as Record<string, unknown>;
  throw new EnvelopeError("A message between threads must be an object");
}

function isOptions(options: unknown): boolean {
  if (typeof options !== "object" || options === null) return false;
  const fields = options as Record<string, unknown>;
  return typeof fields.dataDirectory === "string" && typeof fields.disk === "string" &&
    typeof fields.waitersMax === "number" && typeof fields.openFilesMax === "number" &&
    typeof fields.checkCrcOnRead === "boolean" && typeof fields.retentionIntervalMs === "number" &&
    typeof fields.retentionDiskPercent === "number" &&
    isNumberIfGiven(fields.diskFreeBytesMin) && isNumberIfGiven(fields.retentionWorkers) &&
    isNumberIfGiven(fields.scrubBytesPerSecond) &&
    isNumberIfGiven(fields.scrubIntervalMs) &&
    (fields.cleaner === undefined || isCleaner(fields.cleaner));
}

function isCleaner(options: unknown): boolean {
  if (typeof options !== "object" || options === null) return false;
  const { dedupeBytesMax, dedupeLoadMax, bytesPerSecond, backoffMs } = options as Record<string, unknown>;
  return typeof dedupeBytesMax === "number" && isNumberIfGiven(dedupeLoadMax) &&
    typeof bytesPerSecond === "number" && typeof backoffMs === "number";
}

function isNumberIfGiven(value: unknown): boolean {
  return value === undefined || typeof value === "number";
}

function isItems(items: unknown): boolean {
  if (!Array.isArray(items)) return false;
  for (const item of items) {
    if (typeof item !== "object" || item === null || typeof item.kind !== "string") return false;
  }
  return true;
}

function areBuffers(buffers: unknown): boolean {
  return Array.isArray(buffers) && buffers.every((buffer) => buffer instanceof ArrayBuffer);
}
