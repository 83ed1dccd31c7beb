/**
 * Worker threads, simulated: the loops of `workers/partition.ts` and
 * `workers/coordinator.ts` around the real Shard and the real Coordinator, over
 * the run's disk. Messages are cloned and transferred as `postMessage` would,
 * arrive in order after a while, and are lost with their thread. A turn that
 * throws kills its thread, as it does there.
 */
import { type Coordinator, openCoordinator } from "../../src/coordinator/mod.ts";
import { OpenFiles } from "../../src/log/mod.ts";
import { Arena, openToPartitionWorker, type Spawn, type Spawned } from "../../src/mailbox/mod.ts";
import type { WorkerEvents } from "../../src/mailbox/mod.ts";
import type { CoordinatorInput, CoordinatorOutput, CoordinatorStart } from "../../src/model/mod.ts";
import { Shard } from "../../src/partition/mod.ts";
import { type Disk, DiskError } from "../../src/storage/mod.ts";
import type { SeededRandom } from "./random.ts";
import type { Upkeep } from "./upkeep_plan.ts";
import { Violation, type World, worldClock } from "./world.ts";

/** What the threads of one broker process share. */
export interface Machine {
  readonly world: World;
  readonly random: SeededRandom;
  readonly disk: Disk;
  /** False once the process is gone. */
  isAlive(): boolean;
  /** An operation on the disk failed: true when the failure takes the whole process with it. */
  endsProcess(error: DiskError): boolean;
  /** `null`: no log is cleaned. */
  readonly upkeep: Upkeep | null;
  /** How long a slice of upkeep that asked to go on at once is put off. */
  sliceMs(): number;
  /** A full disk ended a cleaning. */
  noteFullCleaning(): void;
  /** Swapped by tests that break the broker on purpose. */
  makeShard(options: ConstructorParameters<typeof Shard>[0]): Pick<Shard, "turn" | "wakeMs">;
}

/** Longest time a message takes between threads. */
const HOP_MS_MAX = 0.4;

/** Starts simulated threads. */
export function simulatedSpawn(machine: Machine): Spawn {
  return (kind, events) => new Thread(machine, kind, events);
}

class Thread implements Spawned {
  readonly #machine: Machine;
  readonly #events: WorkerEvents;
  readonly #loop: { take(message: unknown): void };
  #isOver = false;
  #sentMs = 0;
  #heardMs = 0;

  constructor(machine: Machine, kind: "partition" | "coordinator", events: WorkerEvents) {
    this.#machine = machine;
    this.#events = events;
    const reply = (message: unknown, transfer: ArrayBuffer[]) => this.#reply(message, transfer);
    const isAlive = () => !this.#isOver && machine.isAlive();
    const guard = (action: () => void) => this.#guard(action);
    this.#loop = kind === "partition"
      ? new PartitionLoop(machine, reply, isAlive, guard)
      : new CoordinatorLoop(machine, reply);
  }

  post(message: unknown, transfer: ArrayBuffer[]): void {
    const { world } = this.#machine;
    const received = structuredClone(message, { transfer });
    this.#sentMs = Math.max(this.#sentMs, world.nowMs + this.#hop());
    world.at(this.#sentMs, () => this.#guard(() => this.#loop.take(received)));
  }

  end(): void {
    this.#isOver = true;
  }

  #reply(message: unknown, transfer: ArrayBuffer[]): void {
    const { world, isAlive } = this.#machine;
    const received = structuredClone(message, { transfer });
    this.#heardMs = Math.max(this.#heardMs, world.nowMs + this.#hop());
    world.at(this.#heardMs, () => {
      if (!this.#isOver && isAlive()) this.#events.message(received);
    });
  }

  /** A DiskError ends the thread; anything else is a bug and ends the run. */
  #guard(action: () => void): void {
    if (this.#isOver || !this.#machine.isAlive()) return;
    try {
      action();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (!this.#machine.isAlive() || this.#machine.endsProcess(error)) return;
      this.#isOver = true;
      this.#machine.world.trace(`thread died: ${error.message}`);
      this.#machine.world.after(this.#hop(), () => {
        if (this.#machine.isAlive()) this.#events.died(error.message);
      });
    }
  }

  #hop(): number {
    return this.#machine.random.fraction() * HOP_MS_MAX;
  }
}

type Send = (message: unknown, transfer: ArrayBuffer[]) => void;

class PartitionLoop {
  readonly #machine: Machine;
  readonly #reply: Send;
  readonly #guard: (action: () => void) => void;
  readonly #clock: ReturnType<typeof worldClock>;
  readonly #arena = new Arena(1_048_576);
  #shard: Pick<Shard, "turn" | "wakeMs"> | null = null;
  #callOffWake = () => {};

  constructor(machine: Machine, reply: Send, isAlive: () => boolean, guard: (action: () => void) => void) {
    this.#machine = machine;
    this.#reply = reply;
    this.#guard = guard;
    this.#clock = worldClock(machine.world, isAlive);
  }

  take(data: unknown): void {
    const message = openToPartitionWorker(data);
    if (message.kind === "turn") {
      for (const buffer of message.returned) {
        // Whoever still reads a buffer that was given back reads this.
        new Uint8Array(buffer).fill(0xee);
        this.#arena.giveBack(buffer);
      }
      return this.#turn(message.inputs, message.buffers, true);
    }
    const { disk, random, upkeep } = this.#machine;
    this.#shard = this.#machine.makeShard({
      ...message.options,
      disk,
      openFiles: new OpenFiles(disk, message.options.openFilesMax),
      jitter: random.fraction,
      ...(upkeep === null ? {} : { cleanerSecret: Uint32Array.from({ length: 4 }, () => random.next()) }),
      allocate: (length) => this.#arena.take(length),
    });
    this.#reply({ kind: "started", disk: disk.kind, notice: null }, []);
  }

  #turn(inputs: Parameters<Shard["turn"]>[0], returned: readonly ArrayBuffer[], asked: boolean): void {
    const shard = this.#shard;
    if (shard === null) throw new Violation("A turn came before the start");
    const outputs = shard.turn(inputs, this.#clock.now());
    const buffers = this.#arena.seal();
    if (asked || outputs.length > 0) {
      this.#reply({ kind: "turned", outputs, buffers, returned, asked }, [...buffers, ...returned]);
    }
    this.#callOffWake();
    if (shard.wakeMs >= Number.MAX_SAFE_INTEGER) return;
    const wait = shard.wakeMs - this.#clock.now();
    const delay = wait > 0 ? wait : this.#machine.sliceMs();
    this.#callOffWake = this.#clock.after(delay, () => this.#guard(() => this.#turn([], [], false)));
  }
}

class CoordinatorLoop {
  readonly #machine: Machine;
  readonly #reply: Send;
  #coordinator: Coordinator | null = null;

  constructor(machine: Machine, reply: Send) {
    this.#machine = machine;
    this.#reply = reply;
  }

  take(data: unknown): void {
    const message = data as CoordinatorStart | readonly CoordinatorInput[];
    if ("kind" in message) return this.#reply(this.#start(message), []);
    if (this.#coordinator === null) throw new Violation("A turn came before the start");
    this.#reply(this.#coordinator.turn(message, this.#machine.world.wallMs), []);
  }

  #start({ dataDirectory, clean, recoveryPoint, settings }: CoordinatorStart): CoordinatorOutput[] {
    const { disk, random, world } = this.#machine;
    try {
      const journal = { disk, dataDirectory, clean, recoveryPoint, snapshotBytesMin: 2_000 };
      const opened = openCoordinator({ journal, settings, newId: () => random.id() }, world.wallMs);
      this.#coordinator = opened.coordinator;
      return [opened.output];
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (this.#machine.endsProcess(error)) return [];
      return [{ kind: "refused", message: error.message }];
    }
  }
}
