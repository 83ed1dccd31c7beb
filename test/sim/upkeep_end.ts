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
/** So often: a cleaner with room for a dozen keys goes over many logs many times. */
const WAITS_MAX = 10;
/** Of a segment: what one batch may have beyond its size. */
const BATCH_BYTES_MAX = 16_000;

/** Waits, reads everything once more, and has the oracle judge what is left. */
export async function finishUpkeep(simulation: Simulation): Promise<void> {
  if (simulation.upkeep === null) return;
  let complaint: string | null = null;
  for (let wait = 0; wait < WAITS_MAX; wait++) {
    await simulation.sleep(CALM_MS + (simulation.plan.mishaps.includes("full") ? FULL_MS : 0));
    await simulation.readBack();
    complaint = findComplaint(simulation);
    if (complaint === null) return;
  }
  throw new Violation(complaint!);
}

/** What is due and still there, of the first partition that has such; `null`: nothing. */
function findComplaint(simulation: Simulation): string | null {
  for (const partition of simulation.oracle.livePartitions) {
    if (partition.isDamaged || partition.upkeep === null) continue;
    const complaint = check(simulation, partition);
    if (complaint !== null) return `Partition "${partition.name}" after all was calm: ${complaint}`;
  }
  return null;
}

function check({ disk, world: { wallMs } }: Simulation, partition: PartitionModel): string | null {
  const upkeep = partition.upkeep!;
  const names = disk.list(`data/${partition.name}`).map(({ name }) => name);
  const left = names.find((name) => /\.(deleted|cleaned|swap)$/.test(name));
  if (left !== undefined && upkeep.keeping.isSettled) return `file "${left}" is left`;
  const sealedEnd = Number(names.filter((name) => name.endsWith(".log")).at(-1)?.slice(0, 20) ?? 0);
  const bytesMax = segmentBytesMax(8_388_608) + BATCH_BYTES_MAX;
  return upkeep.checkExpired(partition.lastStart, partition.knownEnd, wallMs, bytesMax) ??
    upkeep.checkCompacted(partition.lastStart, sealedEnd, wallMs);
}
