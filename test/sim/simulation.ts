/**
 * One run of one seed: a disk that lives through everything, a broker process
 * that dies and comes back, clients that load it, and the oracle that listens.
 *
 *     load and mishaps  ->  (crash -> start -> audit -> load ...)  ->  calm
 *       ->  everything must work  ->  audit  ->  one last end  ->  start, audit
 */
import type { BrokerSettings } from "../../src/config/mod.ts";
import { Shard } from "../../src/partition/mod.ts";
import { type Disk, DiskError, FaultyDisk } from "../../src/storage/mod.ts";
import { audit } from "./audit.ts";
import { brokerSettings, SimulatedBroker } from "./broker.ts";
import { ClientConnection, type NetworkOptions } from "./network.ts";
import { Oracle } from "./oracle.ts";
import { drawPlan, type Plan } from "./plan.ts";
import type { SeededRandom } from "./random.ts";
import { drawUpkeep, type Upkeep } from "./upkeep_plan.ts";
import type { Machine } from "./workers.ts";
import { Violation, World } from "./world.ts";

/** A broker broken on purpose, to see the oracle complain. */
export interface Sabotage {
  readonly disk?: (disk: Disk) => Disk;
  readonly makeShard?: Machine["makeShard"];
  readonly assignments?: readonly string[];
  readonly mishaps?: Plan["mishaps"];
}

/** Seeds of version 1 are from before there was upkeep: they go on meaning what they meant. */
export type PlanVersion = 1 | 2;

/** The network of an audit: nothing is lost, little is late. */
const CALM: NetworkOptions = { delayMsMax: 0.2, stallChance: 0 };
/** Within so long everything asked must be answered, once all is calm. */
const ANSWER_MS_MAX = 200_000;

export class Simulation {
  readonly world: World;
  readonly plan: Plan;
  /** `null`: nothing is retained or compacted. */
  readonly upkeep: Upkeep | null;
  readonly upkeepRandom: SeededRandom;
  readonly oracle = new Oracle();
  readonly disk: FaultyDisk;
  readonly random: SeededRandom;
  readonly connections = new Set<ClientConnection>();
  /** Grows with each process. */
  life = 0;
  /** The next failed operation on the disk takes the process along. */
  armed: "kill" | "power" | null = null;
  /** Load may run: a broker serves, and what the last crash left is known. */
  isOpen = false;
  /** No more load. */
  isOver = false;
  broker: SimulatedBroker | null = null;
  readonly #sabotage: Sabotage;
  readonly #settings: BrokerSettings;
  readonly #disk: Disk;
  #failure: unknown = null;

  constructor(seed: number, keepsLines: boolean, sabotage: Sabotage = {}, version: PlanVersion = 2) {
    this.world = new World(seed, keepsLines);
    this.upkeepRandom = this.world.random.fork(4);
    this.upkeep = version === 1 ? null : drawUpkeep(this.upkeepRandom);
    const drawn = drawPlan(this.world.random.fork(1));
    this.plan = { ...drawn, mishaps: sabotage.mishaps ?? drawn.mishaps };
    this.random = this.world.random.fork(2);
    this.disk = new FaultyDisk({ nowMs: () => this.world.wallMs });
    this.#disk = sabotage.disk?.(this.disk) ?? this.disk;
    this.#sabotage = sabotage;
    const { upkeep } = this;
    const interval = upkeep === null ? [] : [`log.retention.check.interval.ms=${upkeep.retentionIntervalMs}`];
    this.#settings = brokerSettings([
      ...this.plan.assignments,
      ...interval,
      ...(sabotage.assignments ?? []),
    ]);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.world.after(ms, resolve));
  }

  /** Runs an actor; what it throws ends the run. */
  spawn(actor: Promise<void>): void {
    actor.catch((error) => this.fail(error));
  }

  /** Ends the run: something is wrong. */
  fail(error: unknown): void {
    this.#failure ??= error;
  }

  /** Lets the world run until `isDone`, at most `ms`. Throws what went wrong in it. */
  async run(ms: number, isDone: () => boolean): Promise<void> {
    await this.world.run(this.world.nowMs + ms, () => this.#failure !== null || isDone());
    if (this.#failure !== null) throw this.#failure;
  }

  /** Waits for something that must come to be. */
  async expect(what: string, isDone: () => boolean): Promise<void> {
    await this.run(ANSWER_MS_MAX, isDone);
    if (!isDone()) throw new Violation(`${what} did not come to be in ${ANSWER_MS_MAX / 1_000} s`);
  }

  connect(random: SeededRandom, network: NetworkOptions = this.plan.network): ClientConnection | null {
    if (this.broker === null) return null;
    const connection = new ClientConnection(this.world, random, network, this.broker);
    if (!connection.isOpen) return null;
    this.connections.add(connection);
    return connection;
  }

  /** Starts a broker process now. */
  start(): void {
    const life = ++this.life;
    const machine: Machine = {
      world: this.world,
      random: this.random.fork(10 + life),
      disk: lifeDisk(countingDisk(this.#disk, this.oracle.counts), () => this.life === life),
      isAlive: () => this.life === life,
      endsProcess: (error) => this.#endsProcess(error),
      makeShard: this.#sabotage.makeShard ?? ((options) => new Shard(options)),
      upkeep: this.upkeep,
      noteFullCleaning: () => this.oracle.counts.fullCleanings++,
      sliceMs: () => this.upkeep === null ? 0 : this.upkeepRandom.fraction() * this.upkeep.sliceMsMax,
    };
    this.world.trace(`start of life ${life}`);
    const broker = new SimulatedBroker(machine, this.#settings);
    this.broker = broker;
    broker.start().then(() => this.#opened(life), (error) => this.#refused(life, error));
  }

  /** The process is gone, as by kill -9 or a power cut; another starts after a while. */
  crash(kind: "kill" | "power"): void {
    this.world.trace(`crash by ${kind}`);
    this.#end();
    if (kind === "power") {
      this.disk.crash(this.random.fraction);
      this.oracle.losePower();
      this.oracle.counts.powerCuts++;
    } else {
      this.disk.kill();
      this.oracle.counts.kills++;
    }
    this.oracle.restart();
    this.world.after(this.random.integer(1, 200), () => this.start());
  }

  /** A clean stop and a start. */
  async stop(): Promise<void> {
    const { life, broker } = this;
    this.isOpen = false;
    try {
      await broker!.stop();
    } catch (error) {
      // The last writes failed: the process ends all the same.
      if (!(error instanceof DiskError)) throw error;
      if (this.life === life && !this.#endsProcess(error)) this.crash("kill");
    }
    if (this.life !== life) return;
    this.#end();
    this.disk.kill();
    this.oracle.restart();
    this.world.after(this.random.integer(1, 200), () => this.start());
  }

  /** Reads everything back. */
  async readBack(): Promise<void> {
    const { life } = this;
    await audit(this, () => this.connect(this.random, CALM), () => this.life === life);
  }

  #end(): void {
    this.life++;
    this.isOpen = false;
    this.broker = null;
    this.armed = null;
    this.disk.full = false;
    for (const connection of this.connections) connection.lose();
    this.connections.clear();
  }

  async #opened(life: number): Promise<void> {
    if (this.life !== life) return;
    try {
      await this.readBack();
      if (this.life === life) this.isOpen = true;
    } catch (error) {
      this.#failure ??= error;
    }
  }

  /** A start that failed is fine when the disk was made to fail. */
  #refused(life: number, error: unknown): void {
    if (this.life !== life) return;
    const message = String(error);
    this.world.trace(`start refused: ${message}`);
    if (message.includes("the power is cut")) return this.crash("power");
    if (message.includes("a fault was asked for")) return this.crash("kill");
    this.#failure ??= error;
  }

  #endsProcess(error: DiskError): boolean {
    if (error.message.includes("the power is cut")) this.crash("power");
    else if (this.armed !== null && error.message.includes("a fault was asked for")) this.crash(this.armed);
    else return error.message.includes("before the crash");
    return true;
  }
}

/** Counts what upkeep does to it. */
function countingDisk(disk: Disk, counts: Oracle["counts"]): Disk {
  return {
    kind: disk.kind,
    open: (path, mode) => disk.open(path, mode),
    list: (path) => disk.list(path),
    stat: (path) => disk.stat(path),
    makeDirectory: (path) => disk.makeDirectory(path),
    rename(from, to) {
      disk.rename(from, to);
      if (to.endsWith(".log.swap")) counts.swaps++;
      if (to.endsWith(".log.deleted")) counts.retired++;
    },
    remove: (path) => disk.remove(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    space: (path) => disk.space(path),
  };
}

/** The disk as one process sees it: nothing of a process that is gone reaches the disk any more. */
function lifeDisk(disk: Disk, isAlive: () => boolean): Disk {
  const check = (path: string) => {
    if (!isAlive()) throw new DiskError("io", path, `Can't use "${path}": it was used before the crash`);
  };
  return {
    kind: disk.kind,
    open: (path, mode) => (check(path), disk.open(path, mode)),
    list: (path) => (check(path), disk.list(path)),
    stat: (path) => (check(path), disk.stat(path)),
    makeDirectory: (path) => (check(path), disk.makeDirectory(path)),
    rename: (from, to) => (check(from), disk.rename(from, to)),
    remove: (path) => (check(path), disk.remove(path)),
    syncDirectory: (path) => (check(path), disk.syncDirectory(path)),
    space: (path) => (check(path), disk.space(path)),
  };
}
