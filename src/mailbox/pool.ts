/**
 * The pool of partition workers: which partition lives on which worker, and what
 * happens when a worker dies. Each partition has exactly one owner. It gets a
 * worker of its own until `partition.workers.max` are running; after that the
 * worker with the fewest partitions takes it. A dead worker is replaced and
 * recovers its logs from their files; until then its partitions answer a
 * retriable fault, and the other workers never notice.
 */
import type { Clock, Logger } from "../host/mod.ts";
import {
  type Fault,
  fault,
  type LogDescription,
  type LogSettings,
  type OpenInput,
  type Receiver,
  type ShardOutput,
} from "../model/mod.ts";
import { openFromPartitionWorker, type PartitionWorkerOptions } from "./envelope.ts";
import { Outbox } from "./outbox.ts";
import { spawn, type Spawned } from "./spawn.ts";

/** First pause before a dead worker is replaced; it doubles up to the maximum while it keeps dying. */
const RESTART_MS_MIN = 50;
const RESTART_MS_MAX = 5_000;

/** What the pool needs to know to open a partition. */
export type PartitionSpecification = Omit<OpenInput, "kind" | "id" | "handle">;

/** Where a partition lives. */
export interface Placement {
  readonly handle: number;
  /** The worker's number, from 0. */
  readonly worker: number;
  readonly outbox: Outbox;
  /** Why it cannot be used now; `null` when it can. */
  fault: Fault | null;
}

interface Partition extends Placement {
  specification: PartitionSpecification;
}

interface Slot {
  readonly number: number;
  readonly outbox: Outbox;
  readonly partitions: Set<Partition>;
  worker: Spawned | null;
  restarts: number;
  restartMs: number;
}

export interface PoolOptions {
  readonly workersMax: number;
  readonly worker: PartitionWorkerOptions;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Called once an opening or deletion is over. */
export type Done = (fault: Fault | null) => void;

export class Pool {
  readonly #options: PoolOptions;
  readonly #slots: Slot[] = [];
  readonly #partitions = new Map<string, Partition>();
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
    const partition: Partition = {
      handle: this.#nextHandle++,
      worker: slot.number,
      outbox: slot.outbox,
      fault: null,
      specification,
    };
    this.#partitions.set(`${specification.topic}-${specification.partition}`, partition);
    slot.partitions.add(partition);
    this.#askToOpen(partition, specification.clean, done);
  }

  /** Hands a partition new settings, effective with its next turn. */
  configure(topic: string, partitionIndex: number, settings: LogSettings): void {
    const partition = this.#partitions.get(`${topic}-${partitionIndex}`);
    if (partition === undefined) return;
    partition.specification = { ...partition.specification, settings };
    partition.outbox.tell({ kind: "configure", handle: partition.handle, settings });
  }

  /** Deletes a partition's files and forgets it. */
  delete(topic: string, partitionIndex: number, done: Done): void {
    const name = `${topic}-${partitionIndex}`;
    const partition = this.#partitions.get(name);
    if (partition === undefined) return done(null);
    this.#partitions.delete(name);
    this.#slots[partition.worker]!.partitions.delete(partition);
    const { topicId } = partition.specification;
    const question = {
      kind: "delete",
      handle: partition.handle,
      topic,
      partition: partitionIndex,
      topicId,
    } as const;
    partition.outbox.ask(question, {
      receive: (output) => done(output.kind === "deleted" ? output.fault : null),
      fail: done,
    });
  }

  /** The state of every log of every worker that answers, with its topic and partition. */
  async describeAll(): Promise<(LogDescription & { topic: string; partition: number })[]> {
    const answers = this.#slots.filter((slot) => slot.worker !== null).map((slot) => {
      const handles = [...slot.partitions].map((partition) => partition.handle);
      return ask(slot.outbox, { kind: "describe", handles });
    });
    return this.#named(await Promise.all(answers));
  }

  /** Keeps what a restarted worker needs to know of a log besides its files. */
  remember(
    topic: string,
    partitionIndex: number,
    known: Partial<Pick<LogDescription, "logStartOffset" | "recoveryPoint">>,
  ): void {
    const partition = this.#partitions.get(`${topic}-${partitionIndex}`);
    if (partition === undefined) return;
    const { logStartOffset, recoveryPoint } = { ...partition.specification, ...known };
    partition.specification = { ...partition.specification, logStartOffset, recoveryPoint };
  }

  /** What `describe_broker` shows of the workers. */
  describeWorkers(): { worker: number; partitions: number; restarts: number }[] {
    return this.#slots.map(({ number, partitions, restarts }) => ({
      worker: number,
      partitions: partitions.size,
      restarts,
    }));
  }

  /** Closes every log cleanly and ends the workers; gives their last state. */
  async stop(): Promise<{ clean: boolean; logs: (LogDescription & { topic: string; partition: number })[] }> {
    this.#stopping = true;
    const alive = this.#slots.filter((slot) => slot.worker !== null);
    const outputs = await Promise.all(alive.map((slot) => ask(slot.outbox, { kind: "stop" })));
    const offline = [...this.#partitions.values()].some((partition) => partition.fault !== null);
    const clean = alive.length === this.#slots.length && !outputs.includes(null) && !offline;
    const logs = this.#named(outputs);
    const stopped = fault("NOT_LEADER_OR_FOLLOWER", "The broker is stopping");
    for (const partition of this.#partitions.values()) partition.fault = stopped;
    for (const slot of this.#slots) {
      slot.worker?.end();
      slot.outbox.disconnect(stopped);
    }
    return { clean, logs };
  }

  #named(
    outputs: readonly (ShardOutput | null)[],
  ): (LogDescription & { topic: string; partition: number })[] {
    const byHandle = new Map<number, PartitionSpecification>();
    for (const { handle, specification } of this.#partitions.values()) byHandle.set(handle, specification);
    const named: (LogDescription & { topic: string; partition: number })[] = [];
    for (const output of outputs) {
      if (output?.kind !== "described" && output?.kind !== "stopped") continue;
      for (const log of output.logs) {
        const specification = byHandle.get(log.handle);
        if (specification === undefined || log.fault !== null) continue;
        this.remember(specification.topic, specification.partition, log);
        named.push({ ...log, topic: specification.topic, partition: specification.partition });
      }
    }
    return named;
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
    const slot: Slot = {
      number: this.#slots.length,
      outbox: new Outbox(),
      partitions: new Set(),
      worker: null,
      restarts: 0,
      restartMs: RESTART_MS_MIN,
    };
    this.#slots.push(slot);
    this.#start(slot);
    return slot;
  }

  #start(slot: Slot): void {
    const worker = spawn("partition", {
      message: (data) => this.#hear(slot, data),
      died: (why) => this.#bury(slot, why),
    });
    slot.worker = worker;
    worker.post({ kind: "start", options: this.#options.worker }, []);
    slot.outbox.connect((message, transfer) => worker.post(message, transfer));
  }

  #hear(slot: Slot, data: unknown): void {
    const message = openFromPartitionWorker(data);
    if (message.kind === "turned") return slot.outbox.turned(message, this.#notice);
    if (this.#diskKind === "" && message.notice !== null) this.#options.logger.log("warning", message.notice);
    this.#diskKind = message.disk;
  }

  readonly #notice = (text: string): void => this.#options.logger.log("warning", text);

  #bury(slot: Slot, why: string): void {
    if (this.#stopping) return;
    slot.worker = null;
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
      this.#askToOpen(partition, false, (failed) => {
        if (failed === null) slot.restartMs = RESTART_MS_MIN;
      });
    }
  }

  #askToOpen(partition: Partition, clean: boolean, done: Done): void {
    const { specification } = partition;
    const question = { kind: "open", handle: partition.handle, ...specification, clean } as const;
    partition.outbox.ask(question, {
      receive: (output) => {
        if (output.kind !== "opened") return;
        partition.fault = output.fault;
        for (const line of output.report) this.#options.logger.log("info", line);
        if (output.fault !== null) this.#options.logger.log("error", output.fault.message);
        done(output.fault);
      },
      fail: done,
    });
  }
}

/** The output for a question, or `null` when the worker died before it answered. */
function ask(
  outbox: Outbox,
  question: { kind: "describe"; handles: readonly number[] } | { kind: "stop" },
): Promise<ShardOutput | null> {
  return new Promise((resolve) => {
    const receiver: Receiver = { receive: (output) => resolve(output), fail: () => resolve(null) };
    outbox.ask(question, receiver);
  });
}
