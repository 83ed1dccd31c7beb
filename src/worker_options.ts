/** What compose tells each partition worker when it starts, from the broker's settings. */
import { type BrokerSettings, partitionWorkerSettings } from "./config/mod.ts";
import type { PartitionWorkerOptions } from "./mailbox/mod.ts";

export function workerOptions(
  values: BrokerSettings["values"],
  dataDirectory: string,
  memory: boolean,
): PartitionWorkerOptions {
  return {
    dataDirectory,
    disk: memory ? "memory" : values["partition.disk"],
    ...partitionWorkerSettings(values),
  };
}
