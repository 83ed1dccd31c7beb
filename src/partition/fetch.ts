/**
 * Reading for a fetch, in two steps: `survey` finds what there is without
 * touching record bytes, `collect` copies it into the answer. A long poll
 * surveys each time it is woken and collects once.
 *
 * Kafka's bounds (KIP-74): entries are served in their order until `bytesMax`;
 * the first batch of the first entry that has one comes whole, however large.
 */
import type { LogSlice } from "../log/mod.ts";
import { type Fault, fault, type FetchedOutput, type FetchInput } from "../model/mod.ts";
import type { HostedLog } from "./hosted_log.ts";

/** Gives room for record bytes in the buffer that leaves with the turn's outputs. */
export type Allocate = (length: number) => Uint8Array;

/** What a fetch would answer now. */
export interface Survey {
  readonly bytes: number;
  /** A fault in any entry: the answer must not wait. */
  readonly faulted: boolean;
  readonly entries: readonly {
    readonly handle: number;
    readonly host: HostedLog | null;
    readonly slice: LogSlice | null;
    readonly fault: Fault | null;
  }[];
}

const NO_BYTES = new Uint8Array(0);

/** Finds what `input` can have now. */
export function survey(input: FetchInput, hosts: ReadonlyMap<number, HostedLog>): Survey {
  const entries: { handle: number; host: HostedLog | null; slice: LogSlice | null; fault: Fault | null }[] =
    [];
  let bytes = 0;
  let faulted = false;
  for (const entry of input.entries) {
    const host = hosts.get(entry.handle) ?? null;
    const refused = host === null ? notHere() : checkLeaderEpoch(host, entry.currentLeaderEpoch);
    if (host === null || refused !== null) {
      entries.push({ handle: entry.handle, host, slice: null, fault: refused });
      faulted = true;
      continue;
    }
    const upperOffset = input.isolation === "read_committed"
      ? host.log.lastStableOffset
      : host.log.highWatermark;
    const bytesMax = Math.max(0, Math.min(entry.bytesMax, input.bytesMax - bytes));
    const found = host.log.locate(entry.offset, bytesMax, upperOffset, bytes === 0);
    if ("code" in found) {
      entries.push({ handle: entry.handle, host, slice: null, fault: found });
      faulted = true;
      continue;
    }
    entries.push({ handle: entry.handle, host, slice: found, fault: null });
    bytes += found.length;
  }
  return { bytes, faulted, entries };
}

/** Copies what `found` names into one answer. */
export function collect(id: number, found: Survey, allocate: Allocate): FetchedOutput {
  const entries: FetchedOutput["entries"][number][] = [];
  for (const { handle, host, slice, fault } of found.entries) {
    let records: Uint8Array = NO_BYTES;
    let failed = fault;
    if (host !== null && slice !== null && slice.length > 0) {
      records = allocate(slice.length);
      failed = host.log.copy(slice, records);
      if (failed !== null) records = NO_BYTES;
    }
    entries.push({
      handle,
      highWatermark: host === null ? -1 : host.log.highWatermark,
      lastStableOffset: host === null ? -1 : host.log.lastStableOffset,
      logStartOffset: host === null ? -1 : host.log.logStartOffset,
      records,
      fault: failed,
    });
  }
  return { kind: "fetched", id, entries };
}

/** The fault for a handle this shard does not hold (any more). */
export function notHere(): Fault {
  return fault(
    "NOT_LEADER_OR_FOLLOWER",
    "The partition is not open on this worker, refresh metadata and retry",
  );
}

/** Kafka's KIP-320 check; −1 skips it. */
export function checkLeaderEpoch(host: HostedLog, currentLeaderEpoch: number): Fault | null {
  if (currentLeaderEpoch === -1 || currentLeaderEpoch === host.log.leaderEpoch) return null;
  const words = `Leader epoch of "${host.name}" is "${host.log.leaderEpoch}", not "${currentLeaderEpoch}"`;
  return currentLeaderEpoch < host.log.leaderEpoch
    ? fault("FENCED_LEADER_EPOCH", words)
    : fault("UNKNOWN_LEADER_EPOCH", words);
}
