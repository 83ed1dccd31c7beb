/**
 * The coordinator through all of its lives: the real one, opened on a disk that
 * outlives it, given commands in turns, woken when it wants to be, killed, cut
 * off from power and stopped. Nothing of a life that is over is heard. Every
 * command handed to it is answered once, or its life ends before: then the asker is
 * told that nobody is there.
 */
import { compilePattern } from "../../../src/coordinator/groups/consumer/pattern/re2.ts";
import { type Coordinator, type CoordinatorOptions, openCoordinator } from "../../../src/coordinator/mod.ts";
import {
  type CoordinatorCommand,
  type CoordinatorInput,
  type CoordinatorOutput,
  fault,
  type GroupLogPosition,
  type GroupSettings,
  type Image,
  IMAGE_EMPTY,
  type Reply,
} from "../../../src/model/mod.ts";
import { type Disk, DiskError, FaultyDisk } from "../../../src/storage/mod.ts";
import type { SeededRandom } from "../random.ts";
import { Violation, type World } from "../world.ts";
import { lifeDisk } from "./life_disk.ts";

/** What a turn is asked of. */
export type Driven = Pick<Coordinator, "turn" | "wakeMs" | "image">;

/** A coordinator broken on purpose, or the disk under it. */
export interface Broken {
  readonly disk?: (disk: FaultyDisk) => Disk;
  readonly coordinator?: (coordinator: Coordinator) => Driven;
}

/** Who wants to know what the coordinator does. */
export interface Listener {
  /** `command` was answered; in the order in which they were decided. */
  answered(command: CoordinatorCommand, reply: Reply, askedMs: number): void;
  /** The coordinator died while it decided `commands`: they may have happened or not. */
  uncertain(commands: readonly CoordinatorCommand[]): void;
  /** A turn is over; more may be asked within the same moment. */
  turned(): void;
  /** A new life has replayed its logs. */
  opened(): void;
  /** A life ended; `wasClean`: by a stop. */
  ended(wasClean: boolean): void;
}

interface Pending {
  readonly command: CoordinatorCommand;
  readonly askedMs: number;
  readonly answer: (reply: Reply) => void;
}

/** Where the logs stood at the last stop. */
interface Recovery {
  readonly clean: boolean;
  readonly recoveryPoint: number;
  readonly groupLogs: readonly GroupLogPosition[];
}

const UNKNOWN: Recovery = { clean: false, recoveryPoint: 0, groupLogs: [] };
const DATA = "data";
/** Logs of groups are written again when they are so long: often. */
const SHORTEN_BYTES = 20_000;
/** Longest time between two commands of one turn. */
const HOP_MS_MAX = 0.4;
/** A fault that was asked for and did not come in this time is called off by a crash. */
const ARMED_MS_MAX = 500;
const DOWN = fault("COORDINATOR_NOT_AVAILABLE", "The coordinator is down");

export class Cluster {
  readonly disk: FaultyDisk;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #settings: GroupSettings;
  readonly #broken: Broken;
  readonly #disk: Disk;
  readonly #pending = new Map<number, Pending>();
  #listener: Listener | null = null;
  #queue: CoordinatorInput[] = [];
  #coordinator: Driven | null = null;
  #image: Image = IMAGE_EMPTY;
  #nextId = 1;
  #life = 0;
  #turns = 0;
  #armed: "kill" | "power" | null = null;
  #recovery = UNKNOWN;

  constructor(world: World, random: SeededRandom, settings: GroupSettings, broken: Broken) {
    this.#world = world;
    this.#random = random;
    this.#settings = settings;
    this.#broken = broken;
    this.disk = new FaultyDisk({ nowMs: () => world.wallMs });
    this.#disk = broken.disk?.(this.disk) ?? this.disk;
    this.disk.makeDirectory(DATA);
    this.disk.syncDirectory("");
  }

  get isUp(): boolean {
    return this.#coordinator !== null;
  }

  /** Grows with every start. */
  get life(): number {
    return this.#life;
  }

  /** Topics as they stand, or stood when the coordinator died. */
  get image(): Image {
    return this.#image;
  }

  /** Milliseconds of the longest wait of a command that has no answer yet, and what it is. */
  get oldest(): { readonly command: CoordinatorCommand; readonly askedMs: number } | null {
    let oldest: Pending | null = null;
    for (const pending of this.#pending.values()) {
      if (oldest === null || pending.askedMs < oldest.askedMs) oldest = pending;
    }
    return oldest;
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  /** Opens the coordinator; a disk that was made to fail ends that life at once. */
  start(): void {
    const life = ++this.#life;
    const { clean, recoveryPoint, groupLogs } = this.#recovery;
    this.#recovery = UNKNOWN;
    const disk = lifeDisk(this.#disk, () => this.#life === life);
    this.#world.trace(`start of life ${life}${clean ? ", clean" : ""}`);
    try {
      const options: CoordinatorOptions = {
        journal: { disk, dataDirectory: DATA, clean, recoveryPoint, snapshotBytesMin: 2_000 },
        groupLogs: { positions: groupLogs, shortenBytesMin: SHORTEN_BYTES },
        settings: settingsOf(this.#settings),
        newId: () => this.#random.id(),
      };
      const { coordinator, output } = openCoordinator(options, this.#world.wallMs);
      if (coordinator === null) {
        throw new DiskError("io", DATA, output.kind === "refused" ? output.message : "No coordinator");
      }
      coordinator.usePatterns(compilePattern);
      for (const words of output.kind === "ready" ? output.report : []) this.#world.trace(words);
      this.#coordinator = this.#broken.coordinator?.(coordinator) ?? coordinator;
      this.#image = coordinator.image;
    } catch (error) {
      return this.#died(error);
    }
    this.#listener?.opened();
    this.#wake();
  }

  /** Hands a command over; answered at once when there is no coordinator. */
  ask(command: CoordinatorCommand, answer: (reply: Reply) => void): void {
    if (this.#coordinator === null) return answer({ kind: "failed", fault: DOWN });
    const id = this.#nextId++;
    this.#pending.set(id, { command, askedMs: this.#world.nowMs, answer });
    this.#queue.push({ kind: "decide", id, command });
    if (this.#queue.length > 1) return;
    const { life } = this;
    this.#world.after(this.#random.fraction() * HOP_MS_MAX, () => this.#life === life && this.#turn());
  }

  /** A question of the oracle's, in a turn of its own; `null` when there is no coordinator, or none any more. */
  askNow(command: CoordinatorCommand): Reply | null {
    if (this.#coordinator === null) return null;
    let reply: Reply | null = null;
    const id = this.#nextId++;
    const answer = (given: Reply) => reply = given;
    this.#pending.set(id, { command, askedMs: this.#world.nowMs, answer });
    this.#run([{ kind: "decide", id, command }]);
    if (reply === null && this.isUp) throw new Violation(`"${command.kind}" has no answer in its own turn`);
    return reply;
  }

  /** The process is gone, as by kill -9 or a power cut; another starts after a while. */
  crash(kind: "kill" | "power"): void {
    if (this.#coordinator === null && this.#armed === null) return;
    this.#world.trace(`crash by ${kind}`);
    this.#end(false);
    if (kind === "power") this.disk.crash(this.#random.fraction);
    else this.disk.kill();
    this.#startLater();
  }

  /** A clean stop and a start. */
  stop(): void {
    if (this.#coordinator === null) return;
    this.#world.trace("stop");
    // What came before is seen to first, so that the oracle knows what the stop finds.
    this.#turn();
    if (!this.isUp) return;
    const outputs = this.#run([{ kind: "stop", id: this.#nextId++ }]);
    const stopped = outputs?.find((output) => output.kind === "stopped");
    if (stopped === undefined) return;
    this.#recovery = { ...stopped, clean: true };
    this.#end(true);
    this.disk.kill();
    this.#startLater();
  }

  /** The disk fails soon, and takes the process along; a crash does if the disk is not touched. */
  arm(kind: "kill" | "power", request: () => void): void {
    if (this.#armed !== null || this.#coordinator === null) return;
    this.#armed = kind;
    request();
    const { life } = this;
    this.#world.after(ARMED_MS_MAX, () => this.#life === life && this.crash(kind));
  }

  #startLater(): void {
    this.#world.after(this.#random.integer(1, 400), () => this.start());
  }

  #turn(): void {
    this.#run(this.#queue.splice(0));
    if (this.isUp) this.#listener?.turned();
  }

  #run(inputs: readonly CoordinatorInput[]): CoordinatorOutput[] | null {
    const coordinator = this.#coordinator!;
    const turn = ++this.#turns;
    let outputs: CoordinatorOutput[];
    try {
      outputs = coordinator.turn(inputs, this.#world.wallMs);
    } catch (error) {
      const commands = inputs.flatMap((input) => input.kind === "decide" ? [input.command] : []);
      this.#listener?.uncertain(commands);
      this.#died(error);
      return null;
    }
    this.#image = coordinator.image;
    for (const output of outputs) if (output.kind === "decided") this.#answer(output.id, output.reply);
    // An answer may have asked for more: then that turn has set the alarm.
    if (turn === this.#turns && inputs.at(-1)?.kind !== "stop") this.#wake();
    return outputs;
  }

  #answer(id: number, reply: Reply): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) throw new Violation(`Command ${id} is answered twice, or was never asked`);
    this.#pending.delete(id);
    this.#listener?.answered(pending.command, reply, pending.askedMs);
    pending.answer(reply);
  }

  #wake(): void {
    const { wakeMs } = this.#coordinator!;
    if (wakeMs >= Number.MAX_SAFE_INTEGER) return;
    const turn = this.#turns;
    const isDue = () => this.#turns === turn && this.#coordinator !== null;
    this.#world.after(Math.max(wakeMs - this.#world.wallMs, 0.01), () => isDue() && this.#turn());
  }

  #died(error: unknown): void {
    if (!(error instanceof DiskError)) throw error;
    this.#world.trace(`died: ${error.message}`);
    if (error.message.includes("the power is cut")) this.#armed = "power";
    else if (!error.message.includes("a fault was asked for") && error.code !== "full") throw error;
    const kind = this.#armed ?? "kill";
    this.#armed = kind;
    this.crash(kind);
  }

  #end(wasClean: boolean): void {
    this.#life++;
    this.#coordinator = null;
    this.#armed = null;
    this.#queue = [];
    // Whoever waits sees its connection break, or is told by the broker that lost its coordinator.
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { answer } of waiting) answer({ kind: "failed", fault: DOWN });
    this.disk.full = false;
    this.#listener?.ended(wasClean);
  }
}

function settingsOf(groups: GroupSettings): CoordinatorOptions["settings"] {
  return {
    nodeId: 1,
    partitionsDefault: 1,
    replicationFactorDefault: 1,
    deletionEnabled: true,
    groups,
    given: {},
  };
}
