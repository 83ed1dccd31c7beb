/**
 * Reading for a fetch, in two steps: `survey` finds what there is without
 * touching record bytes, `collect` copies it into the answer. A long poll
 * surveys each time it is woken and collects once.
 *
 * Kafka's bounds (KIP-74): entries are served in their order until `bytesMax`;
 * the first batch of the first entry that has one comes whole, however large.
 */
import type { LogSlice } from "../log/mod.ts";
import { type EpochEnd, type Fault, fault, type FetchedOutput, type FetchInput } from "../model/mod.ts";
import type { HostedLog } from "./hosted_log.ts";

/** Gives room for record bytes in the buffer that leaves with the turn's outputs. */
export type Allocate = (length: number) => Uint8Array;

/** What a fetch would answer now. */
export interface Survey {
  readonly bytes: number;
  /** A fault or a cut log in any entry: the answer must not wait. */
  readonly isUrgent: boolean;
  readonly entries: readonly SurveyEntry[];
}

interface SurveyEntry {
  readonly handle: number;
  readonly host: HostedLog | null;
  readonly slice: LogSlice | null;
  readonly divergingEpoch: EpochEnd | null;
  readonly fault: Fault | null;
}

const NO_BYTES = new Uint8Array(0);

/** Finds what `input` can have now. A log that was cut below what the reader has says so (KIP-595). */
export function survey(input: FetchInput, hosts: ReadonlyMap<number, HostedLog>): Survey {
  const entries: SurveyEntry[] = [];
  let bytes = 0;
  let isUrgent = false;
  for (const entry of input.entries) {
    const bytesMax = Math.max(0, Math.min(entry.bytesMax, input.bytesMax - bytes));
    const host = hosts.get(entry.handle) ?? null;
    const found = surveyEntry(input, entry, host, bytesMax, bytes === 0);
    entries.push(found);
    if (found.slice === null) isUrgent = true;
    else bytes += found.slice.length;
  }
  return { bytes, isUrgent, entries };
}

function surveyEntry(
  input: FetchInput,
  { handle, offset, currentLeaderEpoch, lastFetchedEpoch }: FetchInput["entries"][number],
  host: HostedLog | null,
  bytesMax: number,
  atLeastOne: boolean,
): SurveyEntry {
  const nothing = { handle, host, slice: null, divergingEpoch: null, fault: null };
  const refused = host === null ? notHere() : checkLeaderEpoch(host, currentLeaderEpoch);
  if (host === null || refused !== null) return { ...nothing, fault: refused };
  const { log } = host;
  if (lastFetchedEpoch >= 0) {
    const end = log.endOffsetForEpoch(lastFetchedEpoch);
    if (end.leaderEpoch < 0) return { ...nothing, fault: unknownEpoch(host, lastFetchedEpoch) };
    const isCut = end.leaderEpoch < lastFetchedEpoch || end.endOffset < offset;
    if (isCut) return { ...nothing, divergingEpoch: end };
  }
  const upperOffset = input.isolation === "read_committed" ? log.lastStableOffset : log.highWatermark;
  const found = log.locate(offset, bytesMax, upperOffset, atLeastOne);
  return "code" in found ? { ...nothing, fault: found } : { ...nothing, slice: found };
}

/** The reader's last record is of an epoch that this log has not had. */
function unknownEpoch({ name }: HostedLog, lastFetchedEpoch: number): Fault {
  const words = `Last fetched epoch "${lastFetchedEpoch}" of "${name}" must be one of this log's`;
  return fault("OFFSET_OUT_OF_RANGE", words);
}

/** Copies what `found` names into one answer. */
export function collect(id: number, found: Survey, allocate: Allocate): FetchedOutput {
  const entries: FetchedOutput["entries"][number][] = [];
  for (const { handle, host, slice, divergingEpoch, fault } of found.entries) {
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
      divergingEpoch,
      records,
      fault: failed,
    });
  }
  return { kind: "fetched", id, entries };
}

/** The answer to a fetch that would wait when as many wait already as may. */
export function refuseWaiting({ id }: FetchInput, found: Survey, waitersMax: number): FetchedOutput {
  const failed = fault(
    "THROTTLING_QUOTA_EXCEEDED",
    `More than "${waitersMax}" fetches wait on this worker, retry later or raise waiters.max`,
  );
  const entries = found.entries.map((entry) => ({ ...entry, slice: null, fault: failed }));
  return collect(id, { ...found, entries }, () => NO_BYTES);
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
