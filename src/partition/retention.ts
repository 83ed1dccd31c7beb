/**
 * When the logs of a shard are looked at for what their settings no longer keep:
 * some seconds after they were opened, then once an interval, and at once when
 * settings changed. In slices: each turn looks at a few logs, drops a few segments
 * and removes a few files, so that readers and writers wait for no more than that;
 * what is left makes the shard ask for another turn. Called by the shard.
 */
import type { TurnMeter } from "../meter/mod.ts";
import { type Fault, fault, type ShardOutput } from "../model/mod.ts";
import { DiskError } from "../storage/disk.ts";
import { DiskShare, type DiskShareOptions, oldestOf } from "./disk_share.ts";
import type { HostedLog } from "./hosted_log.ts";

const NEVER = Number.MAX_SAFE_INTEGER;
/** As Kafka does: a broker that starts has other things to do first. */
const FIRST_LOOK_MS = 30_000;
/** One slice. Dropping a segment is some renames and an fsync of the directory; removing one may take milliseconds. */
const LOOKS_PER_TURN = 32;
const SEGMENTS_PER_TURN = 4;

export interface RetentionOptions extends DiskShareOptions {
  /** `log.retention.check.interval.ms`; `MAX_SAFE_INTEGER`: only after settings changed. */
  readonly retentionIntervalMs: number;
  /** Told of what goes. Default: nothing is measured. */
  readonly meter?: TurnMeter;
}

/** A log that lost segments, and what the main thread is told of it. */
export interface Retained {
  readonly host: HostedLog;
  readonly outputs: readonly ShardOutput[];
}

export class Retention {
  readonly #intervalMs: number;
  readonly #hosts = new Set<HostedLog>();
  /** To be looked at, in this order. */
  readonly #due = new Set<HostedLog>();
  /** Those with files that wait to be removed. */
  readonly #removing = new Set<HostedLog>();
  readonly #share: DiskShare;
  readonly #meter: TurnMeter | undefined;
  #nextLookMs = NEVER;

  constructor(options: RetentionOptions) {
    this.#intervalMs = options.retentionIntervalMs;
    this.#share = new DiskShare(options);
    this.#meter = options.meter;
  }

  /** When `run` wants to be called, milliseconds since 1970: 0 is now. */
  get wakeMs(): number {
    if (this.#due.size > 0) return 0;
    let wakeMs = this.#hosts.size === 0 ? NEVER : Math.min(this.#nextLookMs, this.#share.wakeMs);
    for (const { log } of this.#removing) wakeMs = Math.min(wakeMs, log.deletedFiles.dueMs);
    return wakeMs;
  }

  /** A log that was opened, and whose files are this shard's. */
  add(host: HostedLog, nowMs: number): void {
    this.#hosts.add(host);
    if (this.#nextLookMs < NEVER || this.#intervalMs === NEVER) return;
    this.#nextLookMs = nowMs + Math.min(this.#intervalMs, FIRST_LOOK_MS);
  }

  /** The settings of a log changed. */
  hurry(host: HostedLog): void {
    if (this.#hosts.has(host)) this.#due.add(host);
  }

  /** The log is deleted. */
  drop(host: HostedLog): void {
    for (const hosts of [this.#hosts, this.#due, this.#removing]) hosts.delete(host);
  }

  /** All logs are about to be closed: none loses a segment after it said where it begins. */
  stop(): void {
    for (const hosts of [this.#hosts, this.#due, this.#removing]) hosts.clear();
  }

  /** The clock was set back: so is the next look. Files that wait to be removed go on waiting. */
  setBack(backMs: number): void {
    if (this.#nextLookMs < NEVER) this.#nextLookMs = Math.max(0, this.#nextLookMs - backMs);
    this.#share.setBack(backMs);
  }

  /** One slice of what is due. Throws DiskError, but not for a full disk. */
  run(nowMs: number): Retained[] {
    if (nowMs >= this.#nextLookMs) {
      for (const host of this.#hosts) this.#due.add(host);
      this.#nextLookMs = nowMs + this.#intervalMs;
    }
    this.#removeFiles(nowMs);
    const retained = this.#due.size === 0 ? [] : this.#look(nowMs);
    if (this.#hosts.size > 0 && this.#share.isOver(nowMs)) retained.push(...this.#makeRoom());
    return retained;
  }

  #look(nowMs: number): Retained[] {
    const retained: Retained[] = [];
    let looks = LOOKS_PER_TURN;
    let segments = SEGMENTS_PER_TURN;
    for (const host of this.#due) {
      if (looks-- === 0 || segments === 0) break;
      const { bytes, logStartOffset: before } = host.log;
      const dropped = attempt(host, () => host.log.retain(nowMs, segments));
      const failed = typeof dropped !== "number";
      segments -= failed ? 1 : dropped;
      if (!failed) this.#meter?.dropped(dropped, bytes - host.log.bytes);
      if (failed || segments > 0) this.#due.delete(host);
      if (host.log.deletedFiles.dueMs < NEVER) this.#removing.add(host);
      const outputs = report(host, before, failed ? dropped : null);
      if (outputs.length > 0) retained.push({ host, outputs });
    }
    return retained;
  }

  /** Files that only wait go first, and what that brought the next look tells; then the oldest segment of all. */
  #makeRoom(): Retained[] {
    const isWaiting = this.#removing.size > 0;
    if (isWaiting) this.#removeFiles(NEVER - 1);
    const host = isWaiting ? null : oldestOf(this.#hosts);
    if (host === null) {
      if (this.#removing.size === 0) this.#share.gaveUp(0);
      return [];
    }
    const { bytes, logStartOffset, segmentCount } = host.log;
    const dropped = attempt(host, () => {
      host.log.dropOldest();
      return bytes - host.log.bytes;
    });
    this.#share.gaveUp(typeof dropped === "number" ? dropped : 0);
    this.#meter?.dropped(segmentCount - host.log.segmentCount, bytes - host.log.bytes);
    return [{ host, outputs: report(host, logStartOffset, typeof dropped === "number" ? null : dropped) }];
  }

  #removeFiles(nowMs: number): void {
    let left = SEGMENTS_PER_TURN;
    for (const host of this.#removing) {
      const { deletedFiles } = host.log;
      left -= deletedFiles.removeDue(nowMs, left);
      if (deletedFiles.dueMs === NEVER) this.#removing.delete(host);
      if (left === 0) return;
    }
  }
}

/** What `drop` says went, or why nothing could: a full disk, which other logs may make room on. */
function attempt({ name }: HostedLog, drop: () => number): number | Fault {
  try {
    return drop();
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "full") throw error;
    return fault(
      "KAFKA_STORAGE_ERROR",
      `Old segments of "${name}" can't all be deleted yet: ${error.message}`,
    );
  }
}

function report({ handle, log }: HostedLog, startBefore: number, failed: Fault | null): ShardOutput[] {
  const outputs: ShardOutput[] = [];
  const { logStartOffset } = log;
  if (logStartOffset > startBefore) outputs.push({ kind: "log_start_moved", handle, logStartOffset });
  const notices = log.takeNotices();
  if (failed !== null) notices.push(failed.message);
  for (const text of notices) outputs.push({ kind: "notice", handle, text });
  return outputs;
}
