/**
 * The pool of partition workers: which partition lives on which worker, and what
 * happens when a worker dies. Each partition has exactly one owner. It gets a
 * worker of its own until `partition.workers.max` are running; after that the
 * worker with the fewest partitions takes it. A dead worker is replaced and
 * recovers its logs from their files; until then its partitions answer a
 * retriable fault, and the other workers never notice.
 */
import type { Clock, Logger } from "../host/mod.ts";
import { fault, type LogSettings, type ShardNews } from "../model/mod.ts";
import { answerOf } from "./answer.ts";
import { openFromPartitionWorker, type PartitionWorkerOptions } from "./envelope.ts";
import {
  countsOf,
  describeSlot,
  type Done,
  type Doomed,
  type KnownOfLog,
  type NamedLog,
  nameLogs,
  nameOf,
  newSlot,
  type Partition,
  type PartitionSpecification,
  type Placement,
  placeOn,
  remember,
  type Slot,
  type WorkerCounts,
} from "./placement.ts";
import { type Spawn, spawn } from "./spawn.ts";

/** First pause before a dead worker is replaced; it doubles up to the maximum while it keeps dying. */
const RESTART_MS_MIN = 50;
const RESTART_MS_MAX = 5_000;
/** Pause before a partition that could not be opened is tried again. */
const REOPEN_MS = 2_000;

export interface PoolOptions {
  readonly workersMax: number;
  readonly worker: PartitionWorkerOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Starts the workers. Default: as threads. */
  readonly spawn?: Spawn;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #slots: Slot[] = [];
  readonly #partitions = new Map<string, Partition>();
  readonly #doomed = new Map<string, Doomed>();
  #nextHandle = 0;
  #stopping = false;
  #diskKind = "";

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** "mapped", "file" or "memory", once a worker told; empty before. */
  get diskKind(): string {
    return this.#diskKind;
  }

  /** The partition's place; `undefined` when it was never opened. */
  find(topic: string, partition: number): Placement | undefined {
    return this.#partitions.get(`${topic}-${partition}`);
  }

  /** Opens a partition on a worker. It can be sent inputs at once: they queue behind the opening. */
  open(specification: PartitionSpecification, done: Done): void {
    const slot = this.#choose();
    const partition = placeOn(slot, this.#nextHandle++, specification);
    this.#partitions.set(nameOf(specification), partition);
    slot.partitions.add(partition);
    const doomed = this.#doomed.get(nameOf(specification));
    if (doomed === undefined) return this.#open(partition, done);
    partition.isWaiting = true;
    partition.fault = fault("KAFKA_STORAGE_ERROR", "A deleted partition of the same name goes first");
    doomed.afterwards.push(() => {
      partition.isWaiting = false;
      partition.fault = null;
      if (slot.partitions.has(partition)) this.#open(partition, done);
      else done(null);
    });
  }

  /** Hands a partition new settings, effective with its next turn. */
  configure(topic: string, partitionIndex: number, settings: LogSettings): void {
    const partition = this.#partitions.get(`${topic}-${partitionIndex}`);
    if (partition === undefined) return;
    partition.specification = { ...partition.specification, settings };
    partition.outbox.tell({ kind: "configure", handle: partition.handle, settings });
  }

  /** Deletes a partition's files and forgets it. A worker that dies over it goes on when it is back. */
  delete(topic: string, partitionIndex: number, done: Done): void {
    const name = `${topic}-${partitionIndex}`;
    const partition = this.#partitions.get(name);
    if (partition === undefined) return done(null);
    this.#partitions.delete(name);
    if (partition.isWaiting) {
      this.#slots[partition.worker]!.partitions.delete(partition);
      return done(null);
    }
    const doomed = { partition, done, afterwards: [] };
    this.#doomed.set(name, doomed);
    this.#askToDelete(doomed);
  }

  /** The state of every log of every worker that answers, with its topic and partition. */
  async describeAll(): Promise<NamedLog[]> {
    const answers = this.runningWorkers.map((worker) => this.describe(worker));
    return (await Promise.all(answers)).flat();
  }

  /** The numbers of the workers that run. */
  get runningWorkers(): number[] {
    return this.#slots.filter((slot) => slot.worker !== null).map(({ number }) => number);
  }

  /** The state of every log of one worker; none when it dies before it answers. */
  async describe(worker: number): Promise<NamedLog[]> {
    const slot = this.#slots[worker]!;
    const handles = Array.from(slot.partitions, ({ handle }) => handle);
    return nameLogs(slot.partitions, [await answerOf(slot.outbox, { kind: "describe", handles })]);
  }

  /** Keeps what a restarted worker needs to know of a log besides its files. */
  remember(topic: string, partitionIndex: number, known: KnownOfLog): void {
    const partition = this.#partitions.get(`${topic}-${partitionIndex}`);
    if (partition !== undefined) remember(partition, known);
  }

  /** What `describe_broker` shows of the workers. */
  describeWorkers(): ReturnType<typeof describeSlot>[] {
    return this.#slots.map(describeSlot);
  }

  /** What was counted of each worker, by itself up to the last `describeAll`. */
  counts(): WorkerCounts[] {
    return this.#slots.map(countsOf);
  }

  /** How many partitions cannot be used now. */
  get offlineCount(): number {
    let count = 0;
    for (const { fault } of this.#partitions.values()) if (fault !== null) count++;
    return count;
  }

  /** Closes every log cleanly and ends the workers; gives their last state. */
  async stop(): Promise<{ clean: boolean; logs: NamedLog[] }> {
    this.#stopping = true;
    const alive = this.#slots.filter((slot) => slot.worker !== null);
    const outputs = await Promise.all(alive.map((slot) => answerOf(slot.outbox, { kind: "stop" })));
    const clean = alive.length === this.#slots.length && !outputs.includes(null) && this.offlineCount === 0;
    const logs = nameLogs(this.#partitions.values(), outputs);
    const stopped = fault("NOT_LEADER_OR_FOLLOWER", "The broker is stopping");
    for (const partition of this.#partitions.values()) partition.fault = stopped;
    for (const slot of this.#slots) {
      slot.worker?.end();
      slot.outbox.disconnect(stopped);
    }
    return { clean, logs };
  }

  #choose(): Slot {
    if (this.#slots.length < this.#options.workersMax) {
      const idle = this.#slots.find((slot) => slot.partitions.size === 0);
      return idle ?? this.#addSlot();
    }
    let least = this.#slots[0]!;
    for (const slot of this.#slots) if (slot.partitions.size < least.partitions.size) least = slot;
    return least;
  }

  #addSlot(): Slot {
    const slot = newSlot(this.#slots.length, RESTART_MS_MIN);
    this.#slots.push(slot);
    this.#start(slot);
    return slot;
  }

  #start(slot: Slot): void {
    const worker = (this.#options.spawn ?? spawn)("partition", {
      message: (data) => this.#hear(slot, data),
      died: (why) => this.#bury(slot, why),
    });
    slot.worker = worker;
    worker.post({ kind: "start", options: this.#options.worker }, []);
    slot.outbox.connect((message, transfer) => worker.post(message, transfer));
  }

  #hear(slot: Slot, data: unknown): void {
    const message = openFromPartitionWorker(data);
    if (message.kind === "turned") {
      if (message.counts !== undefined) slot.tally.heard(message.counts);
      return slot.outbox.turned(message, this.#hearNews);
    }
    if (this.#diskKind === "" && message.notice !== null) this.#options.logger.log("warning", message.notice);
    this.#diskKind = message.disk;
  }

  readonly #hearNews = (news: ShardNews): void => {
    if (news.kind === "notice") return this.#options.logger.log("warning", news.text);
    for (const partition of this.#partitions.values()) {
      if (partition.handle === news.handle) remember(partition, news);
    }
  };

  #bury(slot: Slot, why: string): void {
    slot.worker = null;
    slot.tally.ended();
    if (this.#stopping) return slot.outbox.disconnect(fault("KAFKA_STORAGE_ERROR", `Worker stopped: ${why}`));
    slot.restarts++;
    const failed = fault(
      "KAFKA_STORAGE_ERROR",
      `Worker "${slot.number}" stopped and recovers its partitions`,
    );
    for (const partition of slot.partitions) partition.fault = failed;
    const facts = { worker: slot.number, partitions: slot.partitions.size, pauseMs: slot.restartMs };
    this.#options.logger.log("error", `partition worker died: ${why}`, facts);
    slot.outbox.disconnect(failed);
    this.#options.clock.after(slot.restartMs, () => this.#restart(slot));
    slot.restartMs = Math.min(slot.restartMs * 2, RESTART_MS_MAX);
  }

  #restart(slot: Slot): void {
    if (this.#stopping) return;
    this.#start(slot);
    for (const partition of slot.partitions) {
      if (partition.isWaiting) continue;
      const doomed = this.#doomed.get(nameOf(partition.specification));
      this.#askToOpen(partition, true, (failed) => {
        if (doomed?.partition === partition) this.#askToDelete(doomed);
        else if (failed === null) slot.restartMs = RESTART_MS_MIN;
      });
    }
  }

  /** Tries again to open what could not be opened: the disk may have space by now, or somebody has mended it. */
  #reopen(partition: Partition): void {
    const isCurrent = this.#partitions.get(nameOf(partition.specification)) === partition;
    const { worker } = this.#slots[partition.worker]!;
    if (this.#stopping || !isCurrent || worker === null || partition.fault === null) return;
    this.#askToOpen(partition, true, () => {});
  }

  /** Opens a new partition, or leaves that to the restart of its worker. */
  #open(partition: Partition, done: Done): void {
    if (this.#slots[partition.worker]!.worker !== null) {
      return this.#askToOpen(partition, false, done);
    }
    partition.opened = done;
    partition.fault = fault("KAFKA_STORAGE_ERROR", "The partition's worker is restarting");
  }

  /** Has the files deleted, now or when the worker is back. */
  #askToDelete(doomed: Doomed): void {
    const { partition, done, afterwards } = doomed;
    const slot = this.#slots[partition.worker]!;
    const end: Done = (failed) => {
      this.#doomed.delete(nameOf(partition.specification));
      slot.partitions.delete(partition);
      done(failed);
      for (const go of afterwards) go();
    };
    if (slot.worker === null) return;
    const { handle, specification: { topic, partition: index, topicId } } = partition;
    partition.outbox.ask({ kind: "delete", handle, topic, partition: index, topicId }, {
      receive: (output) => end(output.kind === "deleted" ? output.fault : null),
      fail: (failed) => this.#stopping && end(failed),
    });
  }

  /** `isAgain`: its worker died, so what the files say of the last stop counts no more. */
  #askToOpen(partition: Partition, isAgain: boolean, done: Done): void {
    const { specification, handle } = partition;
    const clean = specification.clean && !isAgain;
    const question = { kind: "open", handle, ...specification, clean, isSuspect: isAgain } as const;
    partition.outbox.ask(question, {
      receive: (output) => {
        if (output.kind !== "opened") return;
        const isNews = output.fault?.message !== partition.fault?.message;
        partition.fault = output.fault;
        for (const line of output.report) this.#options.logger.log("info", line);
        if (output.fault !== null && isNews) this.#options.logger.log("error", output.fault.message);
        if (output.fault !== null) this.#options.clock.after(REOPEN_MS, () => this.#reopen(partition));
        partition.opened?.(output.fault);
        partition.opened = null;
        done(output.fault);
      },
      fail: done,
    });
  }
}
