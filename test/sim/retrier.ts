/**
 * An idempotent producer: one batch at a time for each partition, acks=all, sent
 * again with the same sequence until it is answered, through cut connections,
 * crashes and power cuts. So each record it was told of is in the log exactly
 * once, none is refused that is next in order, and a repeated one is where its
 * readers saw it: the oracle knows each record's only offset.
 */
import { type Actor, pause, withConnection } from "./actor.ts";
import { encodeSent } from "./encode.ts";
import type { WireReply } from "./network.ts";
import type { PartitionModel } from "./partition_model.ts";
import type { SentRecord } from "./sent_record.ts";
import { drawKey } from "./producer.ts";
import { Violation } from "./world.ts";

const PRODUCER_ID_FIRST = 1_000;
/** Sequences wrap in some runs. */
const FIRST_SEQUENCES = [0, 2_147_483_620] as const;
const SEQUENCES = 2 ** 31;
/** A reply that takes longer may be lost. */
const ANSWER_MS_MAX = 400;

/** A producer's part in one partition. */
interface Line {
  readonly partition: PartitionModel;
  nextSequence: number;
}

/** What a batch came to: "unclear" may be in the log, or come into it still. */
type Outcome = "written" | "refused" | "unclear" | "over";

/** Sends until the load is over. */
export async function retry(actor: Actor): Promise<void> {
  const { simulation, random } = actor;
  const lines = new Map<PartitionModel, Line>();
  const busy = new Set<PartitionModel>();
  while (!simulation.isOver) {
    await pause(actor);
    const partitions = simulation.oracle.livePartitions.filter((partition) => !busy.has(partition));
    if (!simulation.isOpen || partitions.length === 0) continue;
    const partition = random.pick(partitions);
    if (partition.isDamaged) continue;
    const line = lines.get(partition) ?? { partition, nextSequence: random.pick(FIRST_SEQUENCES) };
    lines.set(partition, line);
    busy.add(partition);
    partition.topic.outstanding++;
    void deliver(actor, line).finally(() => {
      partition.topic.outstanding--;
      busy.delete(partition);
    }).catch((error) => simulation.fail(error));
  }
}

/** One batch, as often as it takes. */
async function deliver(actor: Actor, line: Line): Promise<void> {
  const { simulation, random, number } = actor;
  const { plan, oracle, world } = simulation;
  const { partition } = line;
  const records: SentRecord[] = [];
  for (let count = random.integer(1, plan.recordsMax); count > 0; count--) {
    const size = random.integer(0, plan.valueBytesMax);
    const keyed = drawKey(simulation, partition, false);
    const record = oracle.send(partition, -1, number, world.wallMs, size, keyed);
    record.isRetried = true;
    records.push(record);
  }
  const batch = encodeSent(records, {
    producerId: PRODUCER_ID_FIRST + number,
    producerEpoch: 0,
    baseSequence: line.nextSequence,
  });
  const outcome = await settle(actor, partition, records, batch);
  for (const record of records) {
    record.isRetried = false;
    if (outcome === "refused") record.state = "failed";
  }
  if (outcome === "written") line.nextSequence = (line.nextSequence + records.length) % SEQUENCES;
}

async function settle(
  actor: Actor,
  partition: PartitionModel,
  records: readonly SentRecord[],
  batch: Uint8Array,
): Promise<Outcome> {
  const { simulation } = actor;
  for (let attempt = 0;; attempt++) {
    const isOver = simulation.isOver || partition.isDamaged || partition.topic.state !== "live";
    if (isOver) return attempt === 0 ? "refused" : "over";
    if (simulation.isOpen) {
      if (attempt > 0) simulation.oracle.counts.retried++;
      const outcome = await attemptOnce(actor, partition, records, batch);
      // A refusal of a repeated batch says nothing of the attempts before.
      if (outcome === "written" || (outcome === "refused" && attempt === 0)) return outcome;
    }
    await pause(actor);
    await simulation.sleep(1);
  }
}

/** Sends the batch once; a lost reply leaves it unclear. */
async function attemptOnce(
  actor: Actor,
  partition: PartitionModel,
  records: readonly SentRecord[],
  batch: Uint8Array,
): Promise<Outcome> {
  const { simulation } = actor;
  const { life } = simulation;
  const entries = [{ topic: partition.topic.name, partition: partition.index, batch }];
  let answer: Promise<WireReply | null> = Promise.resolve(null);
  withConnection(actor, (connection) => {
    // A client that gives up on a reply cuts the connection: what it sends next must not overtake.
    const timeout = simulation.sleep(ANSWER_MS_MAX).then(() => null);
    answer = Promise.race([connection.request("produce", { acks: -1, entries }), timeout]);
    void timeout.then(() => isAnswered || connection.cut());
  });
  let isAnswered = false;
  const reply = await answer;
  isAnswered = reply !== null;
  if (reply === null || simulation.life !== life) return "unclear";
  if (reply.e !== undefined) throw new Violation(`A produce failed as a whole: ${reply.e.message}`);
  return judge(simulation.oracle.counts, partition, records, reply.entries[0]);
}

function judge(
  counts: { acked: number; refused: number },
  partition: PartitionModel,
  records: readonly SentRecord[],
  entry: WireReply,
): Outcome {
  if (entry.e === undefined) {
    partition.acknowledge(records, entry.baseOffset, entry.logAppendTimeMs);
    counts.acked += records.length;
    return "written";
  }
  counts.refused += records.length;
  const { code, message } = entry.e;
  const isWrong = ["OUT_OF_ORDER_SEQUENCE_NUMBER", "INVALID_PRODUCER_EPOCH"].includes(code);
  if (isWrong && !partition.isDamaged) {
    throw new Violation(
      `Partition "${partition.name}": a batch that is next in order is refused: ${message}`,
    );
  }
  const isUnclear = ["REQUEST_TIMED_OUT", "NOT_LEADER_OR_FOLLOWER", "UNKNOWN_SERVER_ERROR"].includes(code) ||
    (code === "KAFKA_STORAGE_ERROR" && !message.includes("can't be stored"));
  return isUnclear ? "unclear" : "refused";
}
