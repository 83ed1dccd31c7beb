/**
 * A consumer: follows every partition with long polls over several at once, and
 * asks by time where to begin. What it is shown goes to the oracle.
 */
import { type Actor, pause, withConnection } from "./actor.ts";
import type { ClientConnection, WireReply } from "./network.ts";
import type { Floor, PartitionModel } from "./partition_model.ts";
import { takeFetched } from "./read.ts";
import { Violation } from "./world.ts";

/** Reads until the load is over. */
export async function consume(actor: Actor): Promise<void> {
  const { simulation, random } = actor;
  const positions = new Map<PartitionModel, number>();
  let isWaiting = false;
  while (!simulation.isOver) {
    await pause(actor);
    const partitions = simulation.oracle.livePartitions.filter(() => random.chance(0.7));
    if (simulation.isOver || !simulation.isOpen || isWaiting || partitions.length === 0) continue;
    withConnection(actor, (connection) => {
      isWaiting = true;
      const lost = simulation.upkeep === null
        ? []
        : partitions.filter((partition) => !positions.has(partition));
      const work = lost.length > 0 ? reset : random.chance(0.8) ? poll : lookUp;
      for (const { topic } of partitions) topic.outstanding++;
      void work(actor, connection, partitions, positions).then(() => {
        isWaiting = false;
        for (const { topic } of partitions) topic.outstanding--;
      }).catch((error) => simulation.fail(error));
    });
  }
}

async function poll(
  { simulation, random }: Actor,
  connection: ClientConnection,
  partitions: readonly PartitionModel[],
  positions: Map<PartitionModel, number>,
): Promise<void> {
  const asked = partitions.map((partition) => ({
    partition,
    offset: positions.get(partition) ?? 0,
    floor: partition.floor,
  }));
  const { life } = simulation;
  const reply = await connection.request("fetch", {
    waitMsMax: random.pick([0, 20, 300]),
    bytesMin: random.pick([0, 1, 200, 5_000]),
    bytesMax: random.pick([100, 2_000, 1_000_000]),
    entries: asked.map(({ partition, offset }) => ({
      topic: partition.topic.name,
      partition: partition.index,
      offset,
      bytesMax: random.pick([1, 500, 100_000]),
    })),
  });
  if (reply === null || simulation.life !== life) return;
  if (reply.e !== undefined) throw new Violation(`A fetch failed as a whole: ${reply.e.message}`);
  asked.forEach(({ partition, offset, floor }, index) => {
    const entry = reply.entries[index];
    if (entry.topic !== partition.topic.name || entry.partition !== partition.index) {
      throw new Violation(`A fetch reply of "${partition.name}" is for "${entry.topic}-${entry.partition}"`);
    }
    if (entry.e !== undefined) {
      const next = positionAfter(partition, offset, floor, entry.e);
      return next === null ? positions.delete(partition) : positions.set(partition, next);
    }
    partition.bounds(entry.logStartOffset, entry.highWatermark, floor);
    const next = takeFetched(simulation.oracle, partition, offset, entry);
    // Now and then from the start again, or nobody would read old segments.
    positions.set(partition, random.chance(0.05) ? partition.trimmedTo : next);
  });
}

/** Where to go on after a fault; `null`: where the reset policy says. */
function positionAfter(
  partition: PartitionModel,
  offset: number,
  floor: Floor,
  failed: WireReply,
): number | null {
  if (failed.code === "OFFSET_OUT_OF_RANGE") {
    partition.outOfRange(offset, floor);
    return partition.upkeep === null ? Math.max(partition.trimmedTo, partition.trimAsked) : null;
  }
  if (failed.code !== "CORRUPT_MESSAGE") return offset;
  if (!partition.isDamaged) throw new Violation(`Partition "${partition.name}": ${failed.message}`);
  return offset + 1;
}

/** Finds where to begin, or to go on after what was asked for is gone: the log's start or its end. */
async function reset(
  { simulation }: Actor,
  connection: ClientConnection,
  partitions: readonly PartitionModel[],
  positions: Map<PartitionModel, number>,
): Promise<void> {
  const timestamp = simulation.upkeepRandom.chance(0.7) ? -2 : -1;
  const asked = partitions.filter((partition) => !positions.has(partition));
  const floors = asked.map((partition) => partition.floor);
  const { life } = simulation;
  const reply = await connection.request("list_offsets", {
    entries: asked.map(({ topic: { name }, index }) => ({ topic: name, partition: index, timestamp })),
  });
  if (reply === null || simulation.life !== life) return;
  asked.forEach((partition, index) => {
    const { e, offset } = reply.entries[index];
    if (e !== undefined) return;
    const floor = floors[index]!;
    if (timestamp === -1) partition.endsAt(offset, floor);
    else partition.beginsAt(offset, floor);
    positions.set(partition, offset);
    simulation.oracle.counts.resets++;
  });
}

async function lookUp(
  { simulation, random }: Actor,
  connection: ClientConnection,
  partitions: readonly PartitionModel[],
): Promise<void> {
  const asked: { partition: PartitionModel; timestamp: number; floor: Floor }[] = partitions.map((
    partition,
  ) => ({
    partition,
    timestamp: random.chance(0.4)
      ? random.pick([-1, -2, -3])
      : simulation.world.wallMs - random.integer(0, 3_000),
    floor: partition.floor,
  }));
  const { life } = simulation;
  const reply = await connection.request("list_offsets", {
    entries: asked.map(({ partition: { topic, index }, timestamp }) => ({
      topic: topic.name,
      partition: index,
      timestamp,
    })),
  });
  if (reply === null || simulation.life !== life) return;
  asked.forEach(({ partition, timestamp, floor }, index) => {
    const { e, offset, timestamp: found } = reply.entries[index];
    if (e?.code === "CORRUPT_MESSAGE" && !partition.isDamaged) {
      throw new Violation(`Partition "${partition.name}": ${e.message}`);
    }
    if (e !== undefined || partition.isDamaged) return;
    if (timestamp === -1) partition.endsAt(offset, floor);
    else if (timestamp === -2) partition.beginsAt(offset, floor);
    else if (timestamp === -3) checkLargest(partition, found, floor);
    else partition.checkLookup(timestamp, offset, found, floor);
  });
}

/** The largest timestamp is at least what every known record has that can't have been trimmed. */
function checkLargest(partition: PartitionModel, found: number, floor: Floor): void {
  const known = partition.records.get(floor.knownEnd - 1);
  if (known === undefined || known.offset < partition.trimAsked || known.timestamp <= found) return;
  if (partition.upkeep?.mayBeGone(known.offset) === true) return;
  throw new Violation(
    `Partition "${partition.name}" has largest timestamp ${found}, but ${known.timestamp} at ${known.offset}`,
  );
}
