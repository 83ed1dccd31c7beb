/**
 * Offsets for a time: Kafka's ListOffsets for one partition. The special
 * timestamps stand in model/command.ts; a real one gives the first record at or
 * after it, exact to the record (KIP-33), or offset −1.
 */
import {
  type Fault,
  fault,
  type ShardInput,
  type ShardOutput,
  TIMESTAMP_EARLIEST,
  TIMESTAMP_LATEST,
  TIMESTAMP_MAX,
} from "../model/mod.ts";
import { checkLeaderEpoch, notHere } from "./fetch.ts";
import type { HostedLog } from "./hosted_log.ts";

type ListOffsetInput = Extract<ShardInput, { kind: "list_offset" }>;
type OffsetListed = Extract<ShardOutput, { kind: "offset_listed" }>;

/** Answers `input`; `host` is undefined when the shard does not hold the handle. */
export function listOffset(host: HostedLog | undefined, input: ListOffsetInput): OffsetListed {
  if (host === undefined) return refuse(input.id, notHere());
  const { log } = host;
  const refused = checkLeaderEpoch(host, input.currentLeaderEpoch);
  if (refused !== null) return refuse(input.id, refused);
  const { leaderEpoch } = log;
  if (input.timestamp === TIMESTAMP_LATEST) {
    const offset = input.isolation === "read_committed" ? log.lastStableOffset : log.highWatermark;
    return { kind: "offset_listed", id: input.id, offset, timestamp: -1, leaderEpoch, fault: null };
  }
  if (input.timestamp === TIMESTAMP_EARLIEST) {
    return {
      kind: "offset_listed",
      id: input.id,
      offset: log.logStartOffset,
      timestamp: -1,
      leaderEpoch,
      fault: null,
    };
  }
  if (input.timestamp < TIMESTAMP_MAX) {
    return refuse(
      input.id,
      fault("INVALID_REQUEST", `Timestamp "${input.timestamp}" has no meaning, wanted -3 or more`),
    );
  }
  const found = input.timestamp === TIMESTAMP_MAX
    ? log.findMaxTimestamp()
    : log.findTimestamp(input.timestamp);
  if (found !== null && "code" in found) return refuse(input.id, found);
  if (found === null) {
    return { kind: "offset_listed", id: input.id, offset: -1, timestamp: -1, leaderEpoch: -1, fault: null };
  }
  return { kind: "offset_listed", id: input.id, ...found, fault: null };
}

function refuse(id: number, failed: Fault): OffsetListed {
  return { kind: "offset_listed", id, offset: -1, timestamp: -1, leaderEpoch: -1, fault: failed };
}
