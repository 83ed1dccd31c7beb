/**
 * One crash point: the scenario up to an operation of the disk, the end of the
 * process there, what that leaves, a start by the real start-up path, and the
 * oracle; then the scenario goes on, and the oracle judges again, also what is
 * left when all was calm, and once more after a power cut that takes everything
 * that was not synced. At the second level the start is cut, too, and done again.
 */
import { type Disk, FaultyDisk } from "../../../src/storage/mod.ts";
import { Oracle } from "../oracle.ts";
import type { PartitionModel } from "../partition_model.ts";
import { SeededRandom } from "../random.ts";
import { takeFetched } from "../read.ts";
import type { Sabotage } from "../simulation.ts";
import { Violation } from "../world.ts";
import { Shard } from "../../../src/partition/mod.ts";
import { type Counted, Cut, CuttingDisk } from "./cutting_disk.ts";
import { makeLogs, Scenario } from "./scenario.ts";
import { type Hosted, ScenarioClock, ShardBroker } from "./shard_broker.ts";

/** How a process ends. After a kill everything written is there; after a power cut what was synced, and of the rest: */
export const ENDS = {
  /** Everything. */
  kill: "no",
  /** Everything, and half of the write it was at. */
  "kill in a write": "in memory",
  /** Nothing. */
  "power, nothing kept": "no",
  /** All names of files, and none of their bytes. */
  "power, names kept": "no",
  /** What chance says. */
  "power, some kept": "no",
  /** The same, and half of the write it was at. */
  "power in a write": "on the device",
} as const;
export type End = keyof typeof ENDS;

export interface CrashPoint {
  /** The operation that is not done any more. */
  readonly at: number;
  readonly end: End;
  /** The operation of the start after it that is not done any more either. */
  readonly startAt?: number;
}

export interface PointOutcome {
  readonly violation: string | null;
  /** The operations of the scenario, or of the start after the cut. */
  readonly counted: readonly Counted[];
}

/** The scenario as a whole, without a cut. */
export function runWhole(sabotage: Sabotage = {}): PointOutcome {
  const run = new CrashRun(sabotage, 0);
  return outcomeOf(run, () => {
    run.scenario(Infinity, "kill");
    run.check();
  });
}

/** One crash point from its beginning to its end. */
export function runCrashPoint({ at, end, startAt }: CrashPoint, sabotage: Sabotage = {}): PointOutcome {
  const run = new CrashRun(sabotage, at);
  return outcomeOf(run, () => {
    run.scenario(at, end);
    run.crash(end);
    run.start(startAt ?? Infinity, end);
    run.check();
    run.goOn();
  });
}

function outcomeOf(run: CrashRun, act: () => void): PointOutcome {
  try {
    act();
    return { violation: null, counted: run.counted };
  } catch (error) {
    const violation = error instanceof Violation ? error.message : String((error as Error)?.stack ?? error);
    return { violation, counted: run.counted };
  }
}

class CrashRun {
  counted: readonly Counted[] = [];
  readonly #oracle = new Oracle();
  readonly #clock = new ScenarioClock();
  readonly #faulty = new FaultyDisk({ nowMs: () => this.#clock.wallMs });
  readonly #cutting: CuttingDisk;
  /** What the broker sees of it. */
  readonly #disk: Disk;
  readonly #hosted: readonly Hosted[];
  readonly #scenario: Scenario;
  readonly #random: SeededRandom;
  readonly #makeShard: NonNullable<Sabotage["makeShard"]>;
  #broker: ShardBroker;

  constructor(sabotage: Sabotage, seed: number) {
    this.#random = new SeededRandom(seed);
    this.#makeShard = sabotage.makeShard ?? ((options) => new Shard(options));
    this.#cutting = new CuttingDisk(this.#faulty);
    this.#disk = sabotage.disk?.(this.#cutting) ?? this.#cutting;
    this.#hosted = makeLogs(this.#oracle, this.#clock);
    this.#scenario = new Scenario(this.#oracle, this.#clock, this.#hosted);
    this.#broker = this.#begin();
  }

  /** Runs it until it is cut, or to its end. */
  scenario(cutAt: number, end: End): void {
    this.#cutting.count(cutAt, ENDS[end]);
    this.#untilCut(() =>
      this.#scenario.run(this.#broker, () => {
        this.#broker.stop();
        return this.#broker = this.#begin();
      })
    );
    this.counted = [...this.#cutting.counted];
  }

  /** The process is gone. */
  crash(end: End): void {
    this.#cutting.restart();
    this.#clock.nowMs += 10;
    if (end.startsWith("kill")) this.#faulty.kill();
    else {
      this.#faulty.crash(this.#chance(end));
      this.#oracle.losePower();
    }
    this.#oracle.restart();
  }

  /** Starts, perhaps cut short, and then again. */
  start(cutAt: number, end: End): void {
    this.#cutting.count(cutAt, ENDS[end]);
    const wasCut = this.#untilCut(() => this.#broker = this.#begin());
    this.counted = [...this.#cutting.counted];
    if (wasCut) {
      this.crash(end);
      this.#broker = this.#begin();
    }
    this.#cutting.restart();
  }

  /** Reads everything, and has the oracle judge it. */
  check(): void {
    this.#hosted.forEach(({ partition }, handle) => {
      partition.upkeep!.forgetMissing();
      const start = this.#broker.bound(handle, -2);
      const end = this.#broker.bound(handle, -1);
      partition.bounds(start, end, partition.floor);
      for (let offset = start; offset < end;) offset = this.#read(handle, partition, offset);
      partition.settle(start, end);
    });
  }

  goOn(): void {
    this.#scenario.goOn(this.#broker);
    this.check();
    this.#scenario.calm(this.#broker);
    this.check();
    this.#checkCalm();
    this.crash("power, nothing kept");
    this.#broker = this.#begin();
    this.check();
  }

  #begin(): ShardBroker {
    return new ShardBroker(this.#disk, this.#clock, this.#hosted, this.#makeShard);
  }

  #untilCut(act: () => void): boolean {
    try {
      act();
      return false;
    } catch (error) {
      if (error instanceof Cut) return true;
      throw error;
    }
  }

  #read(handle: number, partition: PartitionModel, offset: number): number {
    const entry = this.#broker.fetch(handle, offset);
    if (entry.fault !== null) throw new Violation(`Fetch of "${partition.name}": ${entry.fault.message}`);
    const next = takeFetched(this.#oracle, partition, offset, entry);
    if (next === offset) {
      throw new Violation(`Partition "${partition.name}": nothing can be read at ${offset}`);
    }
    return next;
  }

  /** What is due is gone, from the logs and from the disk. */
  #checkCalm(): void {
    this.#hosted.forEach(({ partition, settings }) => {
      const names = this.#faulty.list(`data/${partition.name}`).map(({ name }) => name);
      const left = names.find((name) => /\.(deleted|cleaned|swap)$/.test(name));
      if (left !== undefined) throw new Violation(`File "${left}" of "${partition.name}" is left`);
      const sealedEnd = Number(names.filter((name) => name.endsWith(".log")).at(-1)!.slice(0, 20));
      const { lastStart, knownEnd, upkeep } = partition;
      const { wallMs } = this.#clock;
      const complaint = upkeep!.checkExpired(lastStart, knownEnd, wallMs, 2 * settings.segmentBytesMax) ??
        upkeep!.checkCompacted(lastStart, sealedEnd, wallMs);
      if (complaint !== null) {
        throw new Violation(`Partition "${partition.name}" when all is calm: ${complaint}`);
      }
    });
  }

  #chance(end: End): () => number {
    if (end === "power, nothing kept") return () => 0;
    if (end !== "power, names kept") return this.#random.fraction;
    // Each directory asks once, before any file does.
    let directories = this.#hosted.length + 2;
    return () => directories-- > 0 ? 0.3 : 0;
  }
}
