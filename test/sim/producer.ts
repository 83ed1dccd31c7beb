/**
 * A producer: sends batches of records of its own to partitions at random, some
 * requests to several at once, now and then one that must be refused. It never
 * sends a record twice, so a record seen twice is the broker's doing.
 */
import { CODEC_NAMES } from "../../src/record/mod.ts";
import "../../src/record/codecs/mod.ts";
import { type Actor, pause, withConnection } from "./actor.ts";
import { encodeSent } from "./encode.ts";
import type { ClientConnection, WireReply } from "./network.ts";
import type { PartitionModel } from "./partition_model.ts";
import type { Keyed, SentRecord } from "./sent_record.ts";
import type { Simulation } from "./simulation.ts";
import { Violation } from "./world.ts";

interface Sending {
  readonly partition: PartitionModel;
  readonly records: readonly SentRecord[];
  readonly batch: Uint8Array;
  /** The code it must be refused with. */
  readonly refusal: string | null;
}

/** The network keeps nothing for longer. */
const UNDER_WAY_MS_MAX = 1_100;
/** Requests of one producer that may be unanswered at once. */
const IN_FLIGHT_MAX = 5;

/** Sends until the load is over. */
export async function produce(actor: Actor): Promise<void> {
  const { simulation, random } = actor;
  let inFlight = 0;
  while (!simulation.isOver) {
    await pause(actor);
    const partitions = simulation.oracle.livePartitions;
    if (simulation.isOver || !simulation.isOpen || partitions.length === 0 || inFlight >= IN_FLIGHT_MAX) {
      continue;
    }
    const acks = random.pick([-1, -1, 1, 1, 0] as const);
    const count = random.chance(0.8) ? 1 : Math.min(partitions.length, random.integer(2, 3));
    const first = random.integer(0, partitions.length - 1);
    const sendings: Sending[] = [];
    for (let index = 0; index < count; index++) {
      sendings.push(prepare(actor, partitions[(first + index) % partitions.length]!, acks));
    }
    withConnection(actor, (connection) => {
      const entries = sendings.map(({ partition, batch }) => ({
        topic: partition.topic.name,
        partition: partition.index,
        batch,
      }));
      if (acks === 0) return tell(simulation, connection, entries, sendings);
      inFlight++;
      const life = simulation.life;
      for (const { partition } of sendings) partition.topic.outstanding++;
      void connection.request("produce", { acks, entries }).then((reply) => {
        inFlight--;
        for (const { partition } of sendings) partition.topic.outstanding--;
        if (reply !== null && simulation.life === life) settle(simulation, sendings, reply);
      }).catch((error) => simulation.fail(error));
    });
  }
}

/** Sends what nobody answers: for a while it may still arrive. */
function tell(
  simulation: Simulation,
  connection: ClientConnection,
  entries: readonly object[],
  sendings: readonly Sending[],
): void {
  connection.tell("produce", { acks: 0, entries });
  for (const { partition: { topic } } of sendings) {
    topic.outstanding++;
    simulation.world.after(UNDER_WAY_MS_MAX, () => topic.outstanding--);
  }
}

function prepare(
  { simulation, random, number }: Actor,
  partition: PartitionModel,
  acks: -1 | 0 | 1,
): Sending {
  const { plan, oracle, world } = simulation;
  const records: SentRecord[] = [];
  const count = random.integer(1, plan.recordsMax);
  for (let index = 0; index < count; index++) {
    const timestamp = world.wallMs - random.integer(0, 200);
    const size = random.integer(0, plan.valueBytesMax);
    records.push(oracle.send(partition, acks, number, timestamp, size, drawKey(simulation, partition)));
  }
  const codec = random.chance(0.15) ? random.pick(CODEC_NAMES) : "none";
  const batch = encodeSent(records, { codec });
  const isSpoilt = random.chance(0.03);
  if (isSpoilt) batch[random.integer(17, batch.length - 1)]! ^= 1 << random.integer(0, 7);
  const isKeyless = partition.topic.isCompacted && records.some((record) => record.key === null);
  if (isSpoilt || isKeyless) { for (const record of records) record.state = "failed"; }
  return {
    partition,
    records,
    batch,
    refusal: isSpoilt ? "CORRUPT_MESSAGE" : isKeyless ? "INVALID_RECORD" : null,
  };
}

/** Records of compacted topics have one of few keys, and now and then no value, or no key, with which they are refused. */
export function drawKey(
  { upkeep, upkeepRandom }: Simulation,
  { topic }: PartitionModel,
  mayLack = true,
): Keyed {
  if (upkeep === null || !topic.isCompacted || (mayLack && upkeepRandom.chance(0.01))) return {};
  return {
    key: `key${upkeepRandom.integer(1, upkeep.keys)}`,
    isTombstone: upkeepRandom.chance(upkeep.tombstoneShare),
  };
}

function settle(simulation: Simulation, sendings: readonly Sending[], reply: WireReply): void {
  if (reply.e !== undefined) throw new Violation(`A produce failed as a whole: ${reply.e.message}`);
  const { counts } = simulation.oracle;
  sendings.forEach(({ partition, records, refusal }, index) => {
    const entry = reply.entries[index];
    if (entry.topic !== partition.topic.name || entry.partition !== partition.index) {
      throw new Violation(
        `A produce reply of "${partition.name}" is for "${entry.topic}-${entry.partition}"`,
      );
    }
    if (entry.e === undefined) {
      if (refusal !== null) {
        throw new Violation(`A batch to "${partition.name}" was acknowledged, wanted is ${refusal}`);
      }
      partition.acknowledge(records, entry.baseOffset, entry.logAppendTimeMs);
      counts.acked += records.length;
      return;
    }
    counts.refused += records.length;
    if (!isCertain(entry.e)) return;
    for (const record of records) {
      if (record.offset !== -1) throw new Violation(`A record of "${partition.name}" was read, then refused`);
      record.state = "failed";
    }
  });
}

/** True when the fault says that nothing was written; otherwise it may or may not have been. */
function isCertain(failed: WireReply): boolean {
  if (failed.code === "KAFKA_STORAGE_ERROR") return failed.message.includes("can't be stored");
  return !["REQUEST_TIMED_OUT", "NOT_LEADER_OR_FOLLOWER", "UNKNOWN_SERVER_ERROR"].includes(failed.code);
}
