/**
 * What a shard says of a log: for the describe commands, for the checkpoint
 * files, and at a clean stop.
 */
import { describeSegments } from "../log/mod.ts";
import type { LogDescription, ShardOutput } from "../model/mod.ts";
import { notHere } from "./fetch.ts";
import type { HostedLog } from "./hosted_log.ts";

const NOTHING = {
  leaderEpoch: -1,
  logStartOffset: -1,
  lastStableOffset: -1,
  highWatermark: -1,
  logEndOffset: -1,
  recoveryPoint: 0,
  firstDirtyOffset: 0,
  bytes: 0,
  segments: 0,
  cleanings: 0,
  cleanedBytesBefore: 0,
  cleanedBytesAfter: 0,
};

/** The state of one log. */
export function describeLog(host: HostedLog): LogDescription {
  const { log } = host;
  return {
    handle: host.handle,
    leaderEpoch: log.leaderEpoch,
    logStartOffset: log.logStartOffset,
    lastStableOffset: log.lastStableOffset,
    highWatermark: log.highWatermark,
    logEndOffset: log.logEndOffset,
    recoveryPoint: log.recoveryPoint,
    firstDirtyOffset: host.firstDirtyOffset,
    bytes: log.bytes,
    segments: log.segmentCount,
    cleanings: host.cleanings,
    cleanedBytesBefore: host.cleanedBytesBefore,
    cleanedBytesAfter: host.cleanedBytesAfter,
    fault: null,
  };
}

/** The state of each log; of a handle the shard does not hold, that it does not. */
export function describeLogs(
  hosts: ReadonlyMap<number, HostedLog>,
  handles: readonly number[],
): LogDescription[] {
  return handles.map((handle) => {
    const host = hosts.get(handle);
    return host === undefined ? { ...NOTHING, handle, fault: notHere() } : describeLog(host);
  });
}

/** The idempotent producers of a log; `host` is undefined when the shard does not hold the handle. */
export function describeProducers(host: HostedLog | undefined, id: number, nowMs: number): ShardOutput {
  if (host === undefined) return { kind: "producers_described", id, producers: [], fault: notHere() };
  return { kind: "producers_described", id, producers: host.log.describeProducers(nowMs), fault: null };
}

/** The segments of a log; `host` is undefined when the shard does not hold the handle. */
export function describeSegmentsOf(host: HostedLog | undefined, id: number): ShardOutput {
  if (host === undefined) return { kind: "segments_described", id, segments: [], fault: notHere() };
  const segments = describeSegments(host.log, host.firstDirtyOffset);
  return { kind: "segments_described", id, segments, fault: null };
}
