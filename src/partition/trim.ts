/**
 * Trimming: Kafka's DeleteRecords for one partition. The log start moves up to an
 * offset, at most the high watermark; −1 stands for it; not of a log that is only compacted. A full disk is a fault:
 * the log's new start may then show before it is durable, never the other way round.
 */
import { fault, type ShardInput, type ShardOutput } from "../model/mod.ts";
import { DiskError } from "../storage/disk.ts";
import { notHere } from "./fetch.ts";
import type { HostedLog } from "./hosted_log.ts";

type TrimInput = Extract<ShardInput, { kind: "trim" }>;

/** Answers `input`; `host` is undefined when the shard does not hold the handle. Throws DiskError. */
export function trim(host: HostedLog | undefined, input: TrimInput): ShardOutput {
  if (host === undefined) return refuse(input.id, notHere());
  const { log, name } = host;
  if (!host.settings.cleanupDelete) {
    const words = `Cannot trim "${name}": its cleanup.policy must have "delete"`;
    return refuse(input.id, fault("POLICY_VIOLATION", words));
  }
  const beforeOffset = input.beforeOffset === -1 ? log.highWatermark : input.beforeOffset;
  if (beforeOffset < 0 || beforeOffset > log.highWatermark) {
    const words =
      `Cannot trim "${name}" before "${input.beforeOffset}", wanted at most the high watermark "${log.highWatermark}"`;
    return refuse(input.id, fault("OFFSET_OUT_OF_RANGE", words));
  }
  try {
    return { kind: "trimmed", id: input.id, logStartOffset: log.trim(beforeOffset), fault: null };
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "full") throw error;
    return refuse(input.id, fault("KAFKA_STORAGE_ERROR", `Cannot trim "${name}": ${error.message}`));
  }
}

function refuse(id: number, failed: ReturnType<typeof fault>): ShardOutput {
  return { kind: "trimmed", id, logStartOffset: -1, fault: failed };
}
