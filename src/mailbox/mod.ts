/** The mailbox: how the main thread and its workers talk. */
export { Arena } from "./arena.ts";
export { CoordinatorClient, type CoordinatorCounts, CoordinatorError } from "./coordinator_client.ts";
export {
  EnvelopeError,
  type FromPartitionWorker,
  openFromPartitionWorker,
  openToPartitionWorker,
  type PartitionWorkerOptions,
  type ToPartitionWorker,
} from "./envelope.ts";
export { Hosting, type LogCheckpoint } from "./hosting.ts";
export type { NamedLog, WorkerCounts } from "./placement.ts";
export { Outbox } from "./outbox.ts";
export { Pool } from "./pool.ts";
export type { Spawn, Spawned, WorkerEvents } from "./spawn.ts";
