/** What goes wrong in a run: crashes at any point, bad disks, bad networks, bad clocks. */
import type { FaultyOperation } from "../../src/storage/faults.ts";
import type { Mishap } from "./plan.ts";
import type { SeededRandom } from "./random.ts";
import type { Simulation } from "./simulation.ts";

const OPERATIONS: readonly FaultyOperation[] = [
  "write",
  "write",
  "truncate",
  "rename",
  "open",
  "syncDirectory",
];
/**
 * A failed sync loses the pages it stood for, though they can still be read: what a process that starts
 * after it finds in memory can't be told from what is on the device. So syncs fail only where the process
 * that saw it lives on, or everything in memory goes.
 */
const OPERATIONS_WITH_SYNC: readonly FaultyOperation[] = [...OPERATIONS, "sync", "sync"];
/** A fault that was asked for and did not come in this time is called off by a crash. */
const ARMED_MS_MAX = 100;

/** Lets things go wrong, now and then, until the load is over. */
export async function goWrong(simulation: Simulation, random: SeededRandom): Promise<void> {
  const { mishaps, mishapMs } = simulation.plan;
  while (!simulation.isOver && mishaps.length > 0) {
    await simulation.sleep(-Math.log(1 - random.fraction()) * mishapMs);
    if (simulation.isOver || simulation.broker === null) continue;
    const mishap = random.pick(mishaps);
    // While a broker starts and is audited only crashes come: recovery itself must survive them.
    const isCrash = ["kill", "power", "kill in turn", "power in turn", "torn"].includes(mishap);
    if (!simulation.isOpen && !(isCrash && random.chance(0.5))) continue;
    simulation.world.trace(`mishap: ${mishap}`);
    await happen(simulation, random, mishap);
  }
}

async function happen(simulation: Simulation, random: SeededRandom, mishap: Mishap): Promise<void> {
  const { disk, world } = simulation;
  switch (mishap) {
    case "kill":
    case "power":
      return simulation.crash(mishap);
    case "torn":
      disk.tearWrite({ after: random.integer(0, 20), keepBytes: random.integer(0, 400) });
      return crashLater(simulation, "power");
    case "kill in turn":
    case "power in turn":
      // The fault that is asked for already may be a sync's, and then only a power cut may follow.
      if (simulation.armed !== null) return;
      simulation.armed = mishap === "kill in turn" ? "kill" : "power";
      disk.fail({
        operation: random.pick(simulation.armed === "kill" ? OPERATIONS : OPERATIONS_WITH_SYNC),
        after: random.integer(0, 20),
      });
      return crashLater(simulation, simulation.armed);
    case "worker":
      return disk.fail({
        operation: random.pick(endsByKill(simulation) ? OPERATIONS : OPERATIONS_WITH_SYNC),
        after: random.integer(0, 20),
      });
    case "cut":
      for (const connection of simulation.connections) if (random.chance(0.4)) connection.cut();
      return;
    case "clock":
      return world.jump(random.integer(-5_000, 5_000));
    case "full":
      disk.full = true;
      return world.after(random.integer(10, 300), () => disk.full = false);
    case "flip":
      return flip(simulation, random);
    case "checkpoint":
      return void simulation.broker!.writeCheckpoints();
    case "stop":
      return await simulation.stop();
  }
}

/** True when a process of this run may end and leave the system's memory as it is. */
function endsByKill(simulation: Simulation): boolean {
  return simulation.plan.mishaps.some((mishap) => ["kill", "kill in turn", "stop"].includes(mishap));
}

/** If nothing touches the disk, the crash comes by itself. */
function crashLater(simulation: Simulation, kind: "kill" | "power"): void {
  const { life } = simulation;
  simulation.world.after(ARMED_MS_MAX, () => {
    if (simulation.life === life) simulation.crash(kind);
  });
}

/** Turns one bit in one file of one partition. */
function flip(simulation: Simulation, random: SeededRandom): void {
  const partitions = simulation.oracle.livePartitions;
  if (partitions.length === 0 || partitions.some((partition) => partition.isDamaged)) return;
  const partition = random.pick(partitions);
  const directory = `data/${partition.name}`;
  if (simulation.disk.stat(directory) === null) return;
  const paths = simulation.disk.list(directory).map((entry) => `${directory}/${entry.name}`);
  const sizes = paths.map((path) => simulation.disk.stat(path)?.size ?? 0);
  const filled = paths.filter((_, index) => sizes[index]! > 0);
  if (filled.length === 0) return;
  const path = random.pick(filled);
  const size = sizes[paths.indexOf(path)]!;
  const bit = random.integer(0, size * 8 - 1);
  partition.isDamaged = true;
  simulation.oracle.counts.flips++;
  simulation.world.trace(`bit ${bit} of ${path} flips`);
  simulation.disk.flipBit(path, bit);
}
