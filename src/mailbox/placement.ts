/**
 * What the pool keeps of a partition and of a worker. A partition is open, or
 * waits for its worker to come back, or for one of the same name to go first.
 */
import type { Fault, LogDescription, OpenInput } from "../model/mod.ts";
import type { Outbox } from "./outbox.ts";
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
  const { logStartOffset, recoveryPoint, firstDirtyOffset = 0 } = { ...specification, ...known };
  partition.specification = { ...specification, logStartOffset, recoveryPoint, firstDirtyOffset };
}

/** The state of a log, with whose it is. */
export type NamedLog = LogDescription & { topic: string; partition: number };

/** What `describe_broker` shows of a worker. */
export function describeSlot(
  { number, partitions, restarts }: Slot,
): { worker: number; partitions: number; restarts: number } {
  return { worker: number, partitions: partitions.size, restarts };
}
