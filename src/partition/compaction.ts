/**
 * Compaction of a shard's logs: those whose `cleanup.policy` has "compact" are
 * looked at every `log.cleaner.backoff.ms`, the one that is due and has the largest
 * share of dirty bytes is cleaned, and then all are looked at again. One at a time,
 * a slice a turn, at a bounded rate; the table of keys is there while a log is
 * cleaned. What changes under it, by retention, trimming, settings, deletion or a
 * stop, ends a cleaning: what it had swapped in stays, the rest is done anew.
 * Source: Kafka's `LogCleaner` and `LogCleanerManager`. Called by upkeep.
 */
import { Cleaning, findCleanable } from "../log/mod.ts";
import type { TurnMeter } from "../meter/mod.ts";
import { assert, type ShardOutput } from "../model/mod.ts";
import type { HostedLog } from "./hosted_log.ts";
import { noticesOf } from "./notices.ts";

const NEVER = Number.MAX_SAFE_INTEGER;
/** One slice: what a step of a cleaning reads, and how many logs are looked at in a turn. */
const SLICE_BYTES = 65_536;
const LOOKS_PER_TURN = 32;
/** From one slice to the next at least: what came meanwhile goes first. */
const PAUSE_MS = 1;
/** A slice waits for a turn that has nothing else to do, but not for ever. */
const PATIENCE_MS = 1;
/** From a cleaning that found the disk full to the next look, at least. */
const FULL_MS = 15_000;

/** This shard's share of what the cleaner may use. */
export interface CleanerOptions {
  /** `log.cleaner.dedupe.buffer.size` */
  readonly dedupeBytesMax: number;
  /** `log.cleaner.io.buffer.load.factor`. Default 0.9. */
  readonly dedupeLoadMax?: number;
  /** `log.cleaner.io.max.bytes.per.second`; `Infinity`: no limit. */
  readonly bytesPerSecond: number;
  /** `log.cleaner.backoff.ms` */
  readonly backoffMs: number;
}

export interface CompactionOptions {
  /** Left out: no log is cleaned. */
  readonly cleaner?: CleanerOptions;
  /** Four random words that nobody else knows: wanted where there is a cleaner. */
  readonly cleanerSecret?: Uint32Array;
  /** Told of cleanings. Default: nothing is measured. */
  readonly meter?: TurnMeter;
}

/** What a look at all logs that may be cleaned found. */
interface Dirt {
  readonly bytes: number;
  /** The largest share of dirty bytes that a log has, 0 to 1. */
  readonly ratioMax: number;
}

/** How compaction stands. */
export interface CompactionFigures {
  readonly isAtWork: boolean;
  /** Logs that are not cleaned because they are damaged. */
  readonly uncleanable: number;
  /** As the last look found it. */
  readonly dirt: Dirt;
}

const CLEAN: Dirt = { bytes: 0, ratioMax: 0 };

interface Running {
  readonly host: HostedLog;
  readonly cleaning: Cleaning;
}

export class Compaction {
  readonly #options: CleanerOptions | null;
  readonly #secret: Uint32Array;
  /** Logs to be compacted. */
  readonly #hosts = new Set<HostedLog>();
  /** Those to be judged before one is chosen, and the best so far. */
  readonly #unjudged = new Set<HostedLog>();
  #best: { readonly host: HostedLog; readonly ratio: number } | null = null;
  /** Damaged ones, and where they began then: what retention takes may have been the damage. */
  readonly #uncleanable = new Map<HostedLog, number>();
  #running: Running | null = null;
  #wakeMs = NEVER;
  #isFullTold = false;
  readonly #meter: TurnMeter | undefined;
  /** What this look found so far, and what the last one did. */
  #found = CLEAN;
  #dirt = CLEAN;

  constructor({ cleaner, cleanerSecret, meter }: CompactionOptions) {
    assert(cleaner === undefined || cleanerSecret !== undefined, "a cleaner hashes keys under a secret");
    this.#options = cleaner ?? null;
    this.#secret = cleanerSecret ?? new Uint32Array(0);
    this.#meter = meter;
  }

  /** How it stands. */
  get figures(): CompactionFigures {
    let uncleanable = 0;
    for (const host of this.#uncleanable.keys()) if (this.#isUncleanable(host)) uncleanable++;
    return { isAtWork: this.#running !== null, uncleanable, dirt: this.#dirt };
  }

  /** When `run` wants to be called, milliseconds since 1970: 0 is now. */
  get wakeMs(): number {
    return this.#wakeMs;
  }

  /** A log that was opened, and whose files are this shard's. */
  add(host: HostedLog, nowMs: number): void {
    if (this.#options === null || !host.settings.cleanupCompact) return;
    this.#hosts.add(host);
    if (this.#wakeMs === NEVER) this.#wakeMs = nowMs + this.#options.backoffMs;
  }

  /** The settings of a log changed: looked at at once. */
  reconfigured(host: HostedLog): void {
    if (this.#options === null) return;
    if (!host.settings.cleanupCompact) return this.drop(host);
    this.#hosts.add(host);
    this.#uncleanable.delete(host);
    if (this.#running === null) this.#wakeMs = 0;
  }

  /** The log is deleted or closed, or compacted no more. Throws DiskError. */
  drop(host: HostedLog): void {
    if (this.#running?.host === host) this.#abandon();
    if (this.#best?.host === host) this.#best = null;
    this.#hosts.delete(host);
    this.#unjudged.delete(host);
    this.#uncleanable.delete(host);
    if (this.#hosts.size > 0) return;
    this.#wakeMs = NEVER;
    this.#dirt = CLEAN;
  }

  /** Ends what runs, before all logs are closed. Throws DiskError. */
  stop(): void {
    this.#abandon();
    this.#hosts.clear();
    this.#wakeMs = NEVER;
  }

  /** The clock was set back: so is the next slice. */
  setBack(backMs: number): void {
    if (this.#wakeMs < NEVER) this.#wakeMs = Math.max(0, this.#wakeMs - backMs);
  }

  /** One slice, if one is due: in a turn with nothing else to do, unless there was none for a while. Throws DiskError. */
  run(nowMs: number, isIdle: boolean): ShardOutput[] {
    const dueMs = isIdle ? this.#wakeMs : this.#wakeMs + PATIENCE_MS;
    if (this.#options === null || nowMs < dueMs) return [];
    this.#meter?.cleaning();
    const outputs = this.#running === null
      ? this.#look(this.#options, nowMs)
      : this.#step(this.#running, this.#options, nowMs);
    this.#meter?.cleaned();
    return outputs;
  }

  #look(options: CleanerOptions, nowMs: number): ShardOutput[] {
    if (this.#unjudged.size === 0) this.#beginLook();
    let left = LOOKS_PER_TURN;
    for (const host of this.#unjudged) {
      if (left-- === 0) break;
      this.#unjudged.delete(host);
      this.#judge(host, nowMs);
    }
    this.#wakeMs = nowMs + PAUSE_MS;
    if (this.#unjudged.size > 0) return [];
    this.#dirt = this.#found;
    if (this.#best === null) this.#wakeMs = nowMs + Math.max(PAUSE_MS, options.backoffMs);
    else this.#begin(this.#best.host, options, nowMs);
    return [];
  }

  #beginLook(): void {
    this.#best = null;
    this.#found = CLEAN;
    for (const host of this.#hosts) {
      if (!this.#isUncleanable(host)) this.#unjudged.add(host);
    }
  }

  #isUncleanable(host: HostedLog): boolean {
    return this.#uncleanable.get(host) === host.log.logStartOffset;
  }

  #judge(host: HostedLog, nowMs: number): void {
    const { dirtyBytes, ratio, isDue } = findCleanable(host.log, host.firstDirtyOffset, nowMs);
    const { bytes, ratioMax } = this.#found;
    this.#found = { bytes: bytes + dirtyBytes, ratioMax: Math.max(ratioMax, ratio) };
    if (isDue && ratio > (this.#best?.ratio ?? -1)) this.#best = { host, ratio };
  }

  /** What is dirty is looked up again: the log may have changed since it was judged. */
  #begin(host: HostedLog, { dedupeBytesMax, dedupeLoadMax }: CleanerOptions, nowMs: number): void {
    const found = findCleanable(host.log, host.firstDirtyOffset, nowMs);
    this.#best = null;
    if (!found.isDue) return;
    const load = dedupeLoadMax === undefined ? {} : { dedupeLoadMax };
    const options = { nowMs, dedupeBytesMax, ...load, secret: this.#secret };
    this.#running = { host, cleaning: new Cleaning(host.log, found, options) };
  }

  #step(running: Running, { bytesPerSecond }: CleanerOptions, nowMs: number): ShardOutput[] {
    const { host, cleaning } = running;
    const before = cleaning.bytesMoved;
    const state = cleaning.step(Math.min(SLICE_BYTES, bytesPerSecond));
    const dueMs = Math.ceil(1_000 * (cleaning.bytesMoved - before) / bytesPerSecond);
    this.#wakeMs = nowMs + Math.max(PAUSE_MS, dueMs);
    if (state === "done") this.#finish(running);
    const outputs = state === "stopped" ? this.#giveUp(running, nowMs) : [];
    return [...outputs, ...noticesOf(host)];
  }

  #finish({ host, cleaning }: Running): void {
    assert(cleaning.cleanedUpTo >= host.firstDirtyOffset || host.log.logStartOffset > 0, "cleaning goes on");
    host.firstDirtyOffset = cleaning.cleanedUpTo;
    host.cleanings++;
    host.cleanedBytesBefore += cleaning.bytesBefore;
    host.cleanedBytesAfter += cleaning.bytesAfter;
    this.#meter?.cleanedLog("done", cleaning.bytesBefore, cleaning.bytesAfter);
    this.#running = null;
    this.#isFullTold = false;
  }

  /** What stopped it is told once: a full disk until a cleaning succeeds, damage until the log changed. */
  #giveUp({ host, cleaning }: Running, nowMs: number): ShardOutput[] {
    this.#running = null;
    this.#meter?.cleanedLog(cleaning.reason!, 0, 0);
    const isTold = cleaning.reason === "changed" || (cleaning.reason === "full" && this.#isFullTold);
    if (cleaning.reason === "damaged") this.#uncleanable.set(host, host.log.logStartOffset);
    if (cleaning.reason === "full") {
      this.#wakeMs = nowMs + Math.max(FULL_MS, this.#options!.backoffMs);
      this.#isFullTold = true;
    }
    return isTold ? [] : [{ kind: "notice", handle: host.handle, text: cleaning.why! }];
  }

  #abandon(): void {
    this.#running?.cleaning.abandon();
    this.#running = null;
  }
}
