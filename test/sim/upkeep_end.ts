/**
 * The end of a run with upkeep: nothing is sent and nothing goes wrong for so long
 * that all that is due must be gone, from the logs and from the disk.
 */
import type { PartitionModel } from "./partition_model.ts";
import { segmentBytesMax } from "./broker.ts";
import type { Simulation } from "./simulation.ts";
import { Violation } from "./world.ts";

/** Longer than all times of upkeep together; and than the cleaner waits after a full disk. */
const CALM_MS = 6_000;
const FULL_MS = 16_000;
/** Of a segment: what one batch may have beyond its size. */
const BATCH_BYTES_MAX = 16_000;

/** Waits, reads everything once more, and has the oracle judge what is left. */
export async function finishUpkeep(simulation: Simulation): Promise<void> {
  const { oracle, plan, upkeep } = simulation;
  if (upkeep === null) return;
  await simulation.sleep(CALM_MS + (plan.mishaps.includes("full") ? FULL_MS : 0));
  await simulation.readBack();
  for (const partition of oracle.livePartitions) {
    if (partition.isDamaged || partition.upkeep === null) continue;
    const sealedEnd = checkFiles(simulation, partition);
    check(simulation, partition, sealedEnd);
  }
}

function check({ world: { wallMs } }: Simulation, partition: PartitionModel, sealedEnd: number): void {
  const { upkeep, lastStart, knownEnd } = partition;
  const bytesMax = segmentBytesMax(8_388_608) + BATCH_BYTES_MAX;
  const complaint = upkeep!.checkExpired(lastStart, knownEnd, wallMs, bytesMax) ??
    upkeep!.checkCompacted(lastStart, sealedEnd, wallMs);
  if (complaint !== null) {
    throw new Violation(`Partition "${partition.name}" after all was calm: ${complaint}`);
  }
}

/** Nothing that is out of a log is on the disk any more. Gives the base of the last segment. */
function checkFiles({ disk }: Simulation, partition: PartitionModel): number {
  const names = disk.list(`data/${partition.name}`).map((entry) => entry.name);
  const left = names.find((name) => /\.(deleted|cleaned|swap)$/.test(name));
  if (left !== undefined && partition.upkeep!.keeping.isSettled) {
    throw new Violation(`File "${left}" of "${partition.name}" is left after all was calm`);
  }
  return Number(names.filter((name) => name.endsWith(".log")).at(-1)?.slice(0, 20) ?? 0);
}
