/**
 * After a crash, and at the end: every partition is read from its log start to
 * its end while nothing is sent, and the oracle says whether that is the log it
 * knows. An audit that another crash interrupts is over; the next one counts.
 */
import type { ClientConnection, WireReply } from "./network.ts";
import type { PartitionModel } from "./partition_model.ts";
import { takeFetched } from "./read.ts";
import type { Simulation } from "./simulation.ts";
import { Violation } from "./world.ts";

/** Tries before a fault that may pass counts as one that stays: a worker's restart takes a while. */
const TRIES_MAX = 120;
const PAUSE_MS = 100;

type Ask = (k: string, fields: object, partition: PartitionModel) => Promise<WireReply | null>;

/** Reads everything; `isCurrent` turns false when the process it reads from is gone. */
export async function audit(
  simulation: Simulation,
  connect: () => ClientConnection | null,
  isCurrent: () => boolean,
): Promise<void> {
  const connection = connect();
  if (connection === null) throw new Violation("A broker that started takes no connection");
  const ask: Ask = async (k, fields, partition) => {
    for (let tries = 1;; tries++) {
      const reply = await connection.request(k, fields);
      if (!isCurrent()) return null;
      if (reply === null) throw new Violation("The broker closed a connection during an audit");
      const failed = reply.e ?? reply.entries[0].e;
      const isMoved = failed?.code === "OFFSET_OUT_OF_RANGE" && partition.upkeep !== null;
      if (failed === undefined || partition.isDamaged || isMoved) return reply;
      if (tries === TRIES_MAX) {
        throw new Violation(`${k} of "${partition.name}" fails in an audit: ${failed.message}`);
      }
      await simulation.sleep(PAUSE_MS);
    }
  };
  for (const partition of simulation.oracle.livePartitions) {
    await auditPartition(simulation, ask, partition);
    if (!isCurrent()) return;
  }
  connection.cut();
  simulation.connections.delete(connection);
  simulation.oracle.counts.audits++;
  simulation.world.trace(`audit of life ${simulation.life} passed`);
}

async function auditPartition(simulation: Simulation, ask: Ask, partition: PartitionModel): Promise<void> {
  const { topic: { name }, index } = partition;
  const at = (timestamp: number) => ({ entries: [{ topic: name, partition: index, timestamp }] });
  const earliest = await ask("list_offsets", at(-2), partition);
  if (earliest === null) return;
  const latest = await ask("list_offsets", at(-1), partition);
  if (latest === null || isFaulty(earliest) || isFaulty(latest)) return;
  let start: number = earliest.entries[0].offset;
  const end: number = latest.entries[0].offset;
  simulation.world.trace(`audit of ${partition.name}: ${start} to ${end}, durable ${partition.durableEnd}`);
  partition.bounds(start, end, partition.floor);
  partition.upkeep?.forgetMissing();
  for (let offset = start; offset < end;) {
    const entries = [{ topic: name, partition: index, offset, bytesMax: 100_000 }];
    const reply = await ask("fetch", { entries }, partition);
    if (reply === null) return;
    if (!partition.isDamaged && reply.entries[0].e !== undefined) {
      const moved = await ask("list_offsets", at(-2), partition);
      if (moved === null) return;
      partition.beginsAt(moved.entries[0].offset, partition.floor);
      if (moved.entries[0].offset <= offset) {
        throw new Violation(`Partition "${partition.name}": ${reply.entries[0].e.message}`);
      }
      offset = start = moved.entries[0].offset;
      continue;
    }
    const next = isFaulty(reply)
      ? offset
      : takeFetched(simulation.oracle, partition, offset, reply.entries[0]);
    if (next === offset && !partition.isDamaged) {
      throw new Violation(
        `Partition "${partition.name}" ends at ${end}, but nothing can be read at ${offset}`,
      );
    }
    offset = Math.max(next, offset + 1);
  }
  partition.settle(start, end);
}

function isFaulty(reply: WireReply): boolean {
  return reply.e !== undefined || reply.entries[0].e !== undefined;
}
