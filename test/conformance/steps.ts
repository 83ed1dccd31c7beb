/** What the suite's cases are made of: commands, batches and wanted lines, each in a word. */
import { type Command, type FetchEntry } from "../../src/model/mod.ts";
import { encodeBatch } from "../../src/record/mod.ts";
import type { DriverName, Line } from "./drivers.ts";

export const T = "T";

export interface Step {
  readonly ask: Command;
  readonly want: readonly Partial<Line>[];
  /** Asked while the step's own question waits. */
  readonly meanwhile?: Command;
}

export interface Case {
  readonly name: string;
  readonly skips?: Partial<Record<DriverName, string>>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export const TIME_MS = 1_700_000_000_000;
export const NO_NATIVE = "the native protocol does not ask for it";

type BatchFields = Parameters<typeof encodeBatch>[1];

export function batch(values: readonly string[], options: BatchFields = {}, timeMs = TIME_MS): Uint8Array {
  const records = values.map((value, index) => ({ timestamp: timeMs + index * 10, key: "k", value }));
  return encodeBatch(records, options);
}

export function produce(bytes: Uint8Array, acks: -1 | 1 = -1, partition = 0, topic = T): Command {
  return { kind: "produce", acks, timeoutMs: 5_000, entries: [{ topic, partition, batch: bytes }] };
}

export function fetch(
  offset: number,
  fields: Partial<FetchEntry> = {},
  waitMsMax = 0,
  bytesMax = 1e6,
): Command {
  const entry = {
    topic: T,
    partition: 0,
    offset,
    bytesMax: 1e6,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  };
  const entries = [{ ...entry, ...fields }];
  return { kind: "fetch", waitMsMax, bytesMin: 1, bytesMax, isolation: "read_uncommitted", entries };
}

export function offsets(timestamp: number, partition = 0): Command {
  const entries = [{ topic: T, partition, timestamp, currentLeaderEpoch: -1 }];
  return { kind: "list_offsets", isolation: "read_uncommitted", entries };
}

export function create(partitions = 1, settings: Record<string, string> = {}, name = T): Step {
  return { ask: creating(partitions, settings, name), want: [{ name, fault: null }] };
}

export function creating(partitions = 1, settings: Record<string, string> = {}, name = T): Command {
  const topic = { name, partitions, replicationFactor: -1, assignments: null, settings };
  return { kind: "create_topics", validateOnly: false, topics: [topic] };
}

export function trim(beforeOffset: number): Command {
  return { kind: "trim", entries: [{ topic: T, partition: 0, beforeOffset }] };
}

export function step(ask: Command, ...want: Partial<Line>[]): Step {
  return { ask, want };
}

export const ABC = batch(["a", "b", "c"]);
export const wrote = (baseOffset: number) => ({ fault: null, baseOffset });
export const stored = (bytes: Uint8Array, baseOffset: number) => {
  const stamped = bytes.slice();
  new DataView(stamped.buffer).setBigInt64(0, BigInt(baseOffset));
  new DataView(stamped.buffer).setInt32(12, 0);
  return stamped;
};
export const damaged = ABC.with(ABC.length - 1, ABC.at(-1)! ^ 1);
export const twice = Uint8Array.of(...ABC, ...ABC);
export const NOTHING = new Uint8Array(0);
export const producer = (baseSequence: number, producerEpoch = 0) => {
  return batch(["x", "y"], { producerId: 4_000_000, producerEpoch, baseSequence });
};

export function adding(partitions: number): Command {
  const topics = [{ name: T, partitions, assignments: null }];
  return { kind: "add_partitions", validateOnly: false, topics };
}

export function altering(value: string | null): Command {
  const topics = [{ name: T, settings: { "max.message.bytes": value } }];
  return { kind: "alter_topics", validateOnly: false, topics };
}
