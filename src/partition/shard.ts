/**
 * A shard: the partitions of one worker, as a machine of bytes. One call of
 * `turn` takes the inputs that came together and gives every output they cause:
 *
 *     appends, settings, opens ... -> one flush per log that promised one
 *       -> high watermarks -> reads -> long polls woken or timed out -> outputs
 *
 * Nothing unflushed that was promised flushed is seen outside: the watermark
 * moves only after the flush, and no output leaves before the turn ends. A
 * DiskError that is not a full disk ends the turn by throwing: the worker dies
 * and its logs are recovered from their files. Called by `workers/partition.ts`
 * and by the simulation.
 */
import type { Log } from "../log/mod.ts";
import type { ShardFigures, TurnMeter } from "../meter/mod.ts";
import {
  type AppendInput,
  assert,
  type DeleteInput,
  type FetchInput,
  LOG_SETTINGS_DEFAULT,
  type LogDescription,
  type OpenInput,
  type ShardInput,
  type ShardOutput,
} from "../model/mod.ts";
import { Admission, type AdmissionOptions } from "./admission.ts";
import { describeLog, describeLogs, describeProducers, describeSegmentsOf } from "./describe.ts";
import { findEpochEnd } from "./epoch_end.ts";
import { figuresOf } from "./figures.ts";
import { Flushing } from "./flushing.ts";
import { type Allocate, collect, notHere, refuseWaiting, survey } from "./fetch.ts";
import { HostedLog } from "./hosted_log.ts";
import { listOffset } from "./list_offset.ts";
import { noticesOf, noticesOfRead } from "./notices.ts";
import { openHost, type OpenOptions, removeFiles } from "./open_host.ts";
import { trim } from "./trim.ts";
import { Upkeep, type UpkeepOptions } from "./upkeep.ts";
import { type Waiter, Waiters } from "./waiter.ts";

/** What a shard needs from its shell. */
export interface ShardOptions extends OpenOptions, UpkeepOptions, AdmissionOptions {
  /** Long polls that may wait at once. */
  readonly waitersMax: number;
  readonly allocate: Allocate;
  /** Told of flushes. Default: nothing is measured. */
  readonly meter?: TurnMeter;
}

type ReadInput = Exclude<
  ShardInput,
  { kind: "open" | "configure" | "delete" | "append" | "trim" | "stop" }
>;

const NOWHERE = { baseOffset: -1, logAppendTimeMs: -1 };

/** The partitions of one worker. */
export class Shard {
  readonly #options: ShardOptions;
  readonly #hosts = new Map<number, HostedLog>();
  readonly #waiters = new Waiters();
  readonly #upkeep: Upkeep;
  readonly #admission: Admission;
  readonly #touched: HostedLog[] = [];
  readonly #flushing: Flushing;
  #outputs: ShardOutput[] = [];
  #reads: ReadInput[] = [];

  constructor(options: ShardOptions) {
    this.#options = options;
    this.#upkeep = new Upkeep(options);
    this.#admission = new Admission(options);
    this.#flushing = new Flushing(options.meter);
  }

  /** Long polls waiting now. */
  get waiterCount(): number {
    return this.#waiters.count;
  }

  /** What only a look at it tells. */
  figures(nowMs: number): ShardFigures {
    return figuresOf(this.#waiters, this.#admission, this.#upkeep, nowMs);
  }

  /**
   * When `turn` wants to be called again though no input came (milliseconds since
   * 1970): for a long poll whose time is over, a flush that is due, or upkeep.
   */
  get wakeMs(): number {
    return Math.min(this.#waiters.earliestDeadlineMs, this.#upkeep.wakeMs, this.#flushing.wakeMs);
  }

  /** Takes inputs in their order; gives all outputs they cause, also those of earlier turns' long polls. */
  turn(inputs: readonly ShardInput[], nowMs: number): ShardOutput[] {
    this.#outputs = [];
    this.#reads = [];
    let stop: Extract<ShardInput, { kind: "stop" }> | null = null;
    for (const input of inputs) {
      if (input.kind === "stop") stop = input;
      else this.#take(input, nowMs);
    }
    this.#flushing.run(this.#touched, nowMs);
    this.#publish();
    this.#keepUp(nowMs, inputs.length === 0);
    for (const input of this.#reads) this.#read(input, nowMs);
    this.#wake(nowMs);
    this.#outputs.push(...noticesOfRead(this.#reads, this.#hosts), ...this.#upkeep.look(nowMs));
    if (stop !== null) this.#stop(stop.id);
    return this.#outputs;
  }

  /** Takes in a log that somebody else in this thread writes to, flushes and closes: here it is read. */
  adopt(handle: number, name: string, log: Log): void {
    assert(!this.#hosts.has(handle), "a handle is opened once");
    this.#hosts.set(handle, new HostedLog(handle, name, log, LOG_SETTINGS_DEFAULT));
  }

  /** Records of an adopted log were flushed: whoever waits for them is answered in the next turn. */
  flushed(handle: number): void {
    const host = this.#hosts.get(handle);
    if (host !== undefined) this.#touch(host);
  }

  #touch(host: HostedLog): void {
    if (!host.appendedInTurn) this.#touched.push(host);
    host.appendedInTurn = true;
  }

  #take(input: Exclude<ShardInput, { kind: "stop" }>, nowMs: number): void {
    switch (input.kind) {
      case "append":
        return this.#append(input, nowMs);
      case "open":
        return this.#open(input, nowMs);
      case "configure":
        return this.#configure(input);
      case "delete":
        return this.#delete(input);
      case "trim":
        this.#outputs.push(trim(this.#hosts.get(input.handle), input));
        return;
      default:
        this.#reads.push(input);
    }
  }

  #append({ id, handle, acks, batch }: AppendInput, nowMs: number): void {
    const host = this.#hosts.get(handle);
    const result = host === undefined ? notHere() : this.#admission.append(host, batch, nowMs, this.#outputs);
    const failed = "code" in result ? result : null;
    if (host !== undefined && failed === null) {
      this.#touch(host);
      if (acks === -1) host.flushPromised = true;
    }
    const logStartOffset = host?.log.logStartOffset ?? -1;
    const { baseOffset, logAppendTimeMs } = "code" in result ? NOWHERE : result;
    this.#outputs.push({ kind: "appended", id, baseOffset, logAppendTimeMs, logStartOffset, fault: failed });
  }

  #open(input: OpenInput, nowMs: number): void {
    const { id, handle } = input;
    assert(!this.#hosts.has(handle), "a handle is opened once");
    const opened = openHost(this.#options, input, nowMs);
    if ("code" in opened) {
      this.#outputs.push({ kind: "opened", id, handle, report: [], fault: opened });
      return;
    }
    this.#hosts.set(handle, opened.host);
    this.#flushing.add(opened.host);
    this.#upkeep.add(opened.host, nowMs);
    this.#outputs.push({ kind: "opened", id, handle, report: opened.report, fault: null });
  }

  #configure(input: Extract<ShardInput, { kind: "configure" }>): void {
    const host = this.#hosts.get(input.handle);
    if (host === undefined) return;
    host.settings = input.settings;
    host.log.configure(input.settings);
    this.#flushing.add(host);
    this.#upkeep.reconfigured(host);
  }

  #delete(input: DeleteInput): void {
    const host = this.#hosts.get(input.handle);
    if (host !== undefined) this.#forget(host);
    else removeFiles(this.#options, input);
    this.#outputs.push({ kind: "deleted", id: input.id, handle: input.handle, fault: null });
  }

  #forget(host: HostedLog): void {
    this.#hosts.delete(host.handle);
    for (const waiter of [...host.waiters]) this.#answer(waiter);
    this.#flushing.drop(host);
    this.#upkeep.drop(host);
    host.appendedInTurn = false;
    host.flushPromised = false;
    host.log.remove();
  }

  /** One replica: what is in the log is committed, once the turn's flushes are done. */
  #publish(): void {
    for (const host of this.#touched) {
      if (!host.appendedInTurn) continue;
      host.log.setHighWatermark(host.log.logEndOffset);
      this.#outputs.push(...noticesOf(host));
    }
  }

  /** A slice of upkeep; who waits for records that are gone is answered. */
  #keepUp(nowMs: number, isIdle: boolean): void {
    for (const { host, outputs } of this.#upkeep.change(nowMs)) {
      this.#touch(host);
      this.#outputs.push(...outputs);
    }
    this.#outputs.push(...this.#upkeep.clean(nowMs, isIdle));
  }

  #read(input: ReadInput, nowMs: number): void {
    switch (input.kind) {
      case "fetch":
        return this.#fetch(input, nowMs);
      case "cancel": {
        const waiter = this.#waiters.find(input.id);
        if (waiter !== undefined) this.#answer(waiter);
        return;
      }
      case "list_offset":
        this.#outputs.push(listOffset(this.#hosts.get(input.handle), input));
        return;
      case "epoch_end":
        this.#outputs.push(findEpochEnd(this.#hosts.get(input.handle), input));
        return;
      case "describe_producers":
        this.#outputs.push(describeProducers(this.#hosts.get(input.handle), input.id, nowMs));
        return;
      case "describe_segments":
        this.#outputs.push(describeSegmentsOf(this.#hosts.get(input.handle), input.id));
        return;
      case "describe":
        this.#outputs.push({
          kind: "described",
          id: input.id,
          logs: describeLogs(this.#hosts, input.handles),
        });
    }
  }

  #fetch(input: FetchInput, nowMs: number): void {
    const found = survey(input, this.#hosts);
    if (found.isUrgent || found.bytes >= input.bytesMin || input.waitMsMax <= 0) {
      this.#outputs.push(collect(input.id, found, this.#options.allocate));
      return;
    }
    if (this.#waiters.count >= this.#options.waitersMax) {
      this.#outputs.push(refuseWaiting(input, found, this.#options.waitersMax));
      return;
    }
    const hosts: HostedLog[] = [];
    for (const entry of found.entries) if (entry.host !== null) hosts.push(entry.host);
    this.#waiters.add({ input, deadlineMs: nowMs + input.waitMsMax, hosts });
  }

  #answer(waiter: Waiter): void {
    this.#waiters.remove(waiter);
    this.#outputs.push(collect(waiter.input.id, survey(waiter.input, this.#hosts), this.#options.allocate));
  }

  /** Answers the long polls that this turn's appends filled, then those whose time is over. */
  #wake(nowMs: number): void {
    for (const host of this.#touched) {
      host.appendedInTurn = false;
      for (const waiter of [...host.waiters]) {
        const found = survey(waiter.input, this.#hosts);
        if (!found.isUrgent && found.bytes < waiter.input.bytesMin) continue;
        this.#waiters.remove(waiter);
        this.#outputs.push(collect(waiter.input.id, found, this.#options.allocate));
      }
    }
    this.#touched.length = 0;
    for (const waiter of this.#waiters.due(nowMs)) this.#answer(waiter);
  }

  #stop(id: number): void {
    for (const waiter of this.#waiters.due(Infinity)) this.#answer(waiter);
    this.#upkeep.stop();
    const logs: LogDescription[] = [];
    for (const host of this.#hosts.values()) {
      host.log.close();
      logs.push(describeLog(host));
    }
    this.#hosts.clear();
    this.#outputs.push({ kind: "stopped", id, logs });
  }
}
