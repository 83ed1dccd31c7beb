/**
 * What the pool keeps of a partition and of a worker. A partition is open, or
 * waits for its worker to come back, or for one of the same name to go first.
 */
import { stopwatch } from "../host/mod.ts";
import { OutboxMeter, PARTITION_SHEET, Tally } from "../meter/mod.ts";
import type { Fault, LogDescription, OpenInput, ShardOutput } from "../model/mod.ts";
import { Outbox } from "./outbox.ts";
import type { Spawned } from "./spawn.ts";

/** Called once an opening or deletion is over. */
export type Done = (fault: Fault | null) => void;

/** What the pool needs to know to open a partition. */
export type PartitionSpecification = Omit<OpenInput, "kind" | "id" | "handle" | "isSuspect">;

/** Where a partition lives. */
export interface Placement {
  readonly handle: number;
  /** The worker's number, from 0. */
  readonly worker: number;
  readonly outbox: Outbox;
  /** Why it cannot be used now; `null` when it can. */
  fault: Fault | null;
}

export interface Partition extends Placement {
  specification: PartitionSpecification;
  /** Another of the same name is being deleted: this one is opened when its files are gone. */
  isWaiting: boolean;
  /** Told when it was opened, if that had to wait. */
  opened: Done | null;
}

/** A partition whose files go, though its worker may die over it. */
export interface Doomed {
  readonly partition: Partition;
  readonly done: Done;
  /** What waits for the name. */
  readonly afterwards: (() => void)[];
}

export interface Slot {
  readonly number: number;
  readonly outbox: Outbox;
  readonly partitions: Set<Partition>;
  worker: Spawned | null;
  restarts: number;
  restartMs: number;
  /** What its outbox counts, and what the worker said it counted. */
  readonly meter: OutboxMeter;
  readonly tally: Tally;
}

/** A worker's place in the pool, before its first start. */
export function newSlot(number: number, restartMs: number): Slot {
  const meter = new OutboxMeter(stopwatch);
  return {
    number,
    outbox: new Outbox(meter),
    partitions: new Set(),
    worker: null,
    restarts: 0,
    restartMs,
    meter,
    tally: new Tally(PARTITION_SHEET),
  };
}

/** What was counted of a worker, by whom: arrays of `OUTBOX_SHEET` and `PARTITION_SHEET`. */
export interface WorkerCounts {
  readonly worker: number;
  readonly partitions: number;
  readonly restarts: number;
  readonly isUp: boolean;
  /** Inputs that wait for their answers. */
  readonly pending: number;
  readonly mailbox: Float64Array;
  readonly turns: Float64Array;
}

/** "topic-partition": the directory's name, and the pool's key. */
export function nameOf({ topic, partition }: PartitionSpecification): string {
  return `${topic}-${partition}`;
}

/** A new partition on a worker, not opened yet. */
export function placeOn(slot: Slot, handle: number, specification: PartitionSpecification): Partition {
  const { number: worker, outbox } = slot;
  return { handle, worker, outbox, fault: null, specification, isWaiting: false, opened: null };
}

/** What else a restarted worker needs to know of a log besides its files. */
export type KnownOfLog = Partial<Pick<OpenInput, "logStartOffset" | "recoveryPoint" | "firstDirtyOffset">>;

/** Keeps it for the next opening. */
export function remember(partition: Partition, known: KnownOfLog): void {
  const { specification } = partition;
  const {
    logStartOffset = specification.logStartOffset,
    recoveryPoint = specification.recoveryPoint,
    firstDirtyOffset = specification.firstDirtyOffset ?? 0,
  } = known;
  const isNews = logStartOffset !== specification.logStartOffset ||
    recoveryPoint !== specification.recoveryPoint || firstDirtyOffset !== specification.firstDirtyOffset;
  if (isNews) partition.specification = { ...specification, logStartOffset, recoveryPoint, firstDirtyOffset };
}

/** The state of a log, with whose it is. */
export type NamedLog = LogDescription & { topic: string; partition: number };

/** What was counted of a worker until now. */
export function countsOf(slot: Slot): WorkerCounts {
  return {
    ...describeSlot(slot),
    isUp: slot.worker !== null,
    pending: slot.outbox.pending,
    mailbox: slot.meter.snapshot(),
    turns: slot.tally.total(),
  };
}

/** Puts their partitions' names to the logs that workers described, and keeps what a restart needs to know. */
export function nameLogs(
  partitions: Iterable<Partition>,
  outputs: readonly (ShardOutput | null)[],
): NamedLog[] {
  const byHandle = new Map<number, Partition>();
  for (const partition of partitions) byHandle.set(partition.handle, partition);
  const named: NamedLog[] = [];
  for (const output of outputs) {
    if (output?.kind !== "described" && output?.kind !== "stopped") continue;
    for (const log of output.logs) {
      const known = byHandle.get(log.handle);
      if (known === undefined || log.fault !== null) continue;
      remember(known, log);
      named.push({ ...log, topic: known.specification.topic, partition: known.specification.partition });
    }
  }
  return named;
}

/** What `describe_broker` shows of a worker. */
export function describeSlot(
  { number, partitions, restarts }: Slot,
): { worker: number; partitions: number; restarts: number } {
  return { worker: number, partitions: partitions.size, restarts };
}
