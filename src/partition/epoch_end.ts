/**
 * Where a leader epoch ends: Kafka's OffsetForLeaderEpoch for one partition
 * (KIP-101, KIP-320). How a reader finds out, before it fetches, that the log was
 * cut below what it has. Called by the shard after the turn's flushes.
 */
import type { Fault, ShardInput, ShardOutput } from "../model/mod.ts";
import { checkLeaderEpoch, notHere } from "./fetch.ts";
import type { HostedLog } from "./hosted_log.ts";

type EpochEndInput = Extract<ShardInput, { kind: "epoch_end" }>;

/** Answers `input`; `host` is undefined when the shard does not hold the handle. */
export function findEpochEnd(host: HostedLog | undefined, input: EpochEndInput): ShardOutput {
  if (host === undefined) return refuse(input.id, notHere());
  const refused = checkLeaderEpoch(host, input.currentLeaderEpoch);
  if (refused !== null) return refuse(input.id, refused);
  const { leaderEpoch, endOffset } = host.log.endOffsetForEpoch(input.leaderEpoch);
  return { kind: "epoch_end_found", id: input.id, leaderEpoch, endOffset, fault: null };
}

function refuse(id: number, fault: Fault): ShardOutput {
  return { kind: "epoch_end_found", id, leaderEpoch: -1, endOffset: -1, fault };
}
