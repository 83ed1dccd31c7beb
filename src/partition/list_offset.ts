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
  TIMESTAMP_EARLIEST_LOCAL,
  TIMESTAMP_EARLIEST_PENDING_UPLOAD,
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
  const { timestamp, isolation } = input;
  if (timestamp === TIMESTAMP_LATEST) {
    return listEnd(input, host, isolation === "read_committed" ? log.lastStableOffset : log.highWatermark);
  }
  if (timestamp === TIMESTAMP_EARLIEST || timestamp === TIMESTAMP_EARLIEST_LOCAL) {
    return listEnd(input, host, log.logStartOffset);
  }
  if (timestamp < TIMESTAMP_EARLIEST_PENDING_UPLOAD) {
    const words =
      `Timestamp "${timestamp}" has no meaning, wanted ${TIMESTAMP_EARLIEST_PENDING_UPLOAD} or more`;
    return refuse(input.id, fault("INVALID_REQUEST", words));
  }
  // What is left below 0 asks for tiered storage, which there is none of.
  if (timestamp < 0 && timestamp !== TIMESTAMP_MAX) return listNothing(input.id);
  const found = input.timestamp === TIMESTAMP_MAX
    ? log.findMaxTimestamp()
    : log.findTimestamp(input.timestamp);
  if (found !== null && "code" in found) return refuse(input.id, found);
  if (found === null) return listNothing(input.id);
  return { kind: "offset_listed", id: input.id, ...found, fault: null };
}

function listEnd({ id }: ListOffsetInput, { log: { leaderEpoch } }: HostedLog, offset: number): OffsetListed {
  return { kind: "offset_listed", id, offset, timestamp: -1, leaderEpoch, fault: null };
}

function listNothing(id: number): OffsetListed {
  return { kind: "offset_listed", id, offset: -1, timestamp: -1, leaderEpoch: -1, fault: null };
}

function refuse(id: number, failed: Fault): OffsetListed {
  return { ...listNothing(id), fault: failed };
}
