/**
 * What is done to the broker whose every disk operation is a crash point: four
 * logs that roll every few batches, one that is kept by age, one by size, one
 * compacted, one both; a trim, a clean stop and checkpoints between. Always the
 * same, so that operation k is operation k.
 */
import { LOG_SETTINGS_DEFAULT, type LogSettings } from "../../../src/model/mod.ts";
import { CODEC_NAMES } from "../../../src/record/mod.ts";
import { encodeSent } from "../encode.ts";
import { Keeping, type Rules } from "../keeping.ts";
import type { Oracle } from "../oracle.ts";
import { PartitionModel, TopicModel } from "../partition_model.ts";
import { SeededRandom } from "../random.ts";
import type { SentRecord } from "../sent_record.ts";
import type { Hosted, ScenarioClock, ShardBroker } from "./shard_broker.ts";

const SMALL: Partial<LogSettings> = { segmentBytesMax: 500, indexIntervalBytes: 100, deleteDelayMs: 30 };
const LOGS: Readonly<Record<string, Partial<LogSettings>>> = {
  aged: { ...SMALL, retentionMs: 120, segmentMs: 90 },
  sized: { ...SMALL, retentionBytes: 900, deleteDelayMs: 0 },
  keyed: { ...SMALL, cleanupDelete: false, cleanupCompact: true, cleanableRatioMin: 0, tombstoneMs: 40 },
  both: {
    ...SMALL,
    cleanupCompact: true,
    cleanableRatioMin: 0.2,
    compactionLagMsMin: 20,
    retentionMs: 150,
    tombstoneMs: 0,
  },
};
const KEYS = 5;
const PRODUCER_ID = 7;
/** Time from one round to the next. */
const ROUND_MS = 25;
/** Rounds before the crash, at most, and after it. */
const ROUNDS = 12;
const ROUNDS_AFTER = 4;
/** Longer than all times of upkeep together. */
const CALM_MS = 2_200;

/** The logs, as the oracle sees them. */
export function makeLogs(oracle: Oracle, clock: ScenarioClock): Hosted[] {
  return Object.entries(LOGS).map(([name, changes]) => {
    const settings = { ...LOG_SETTINGS_DEFAULT, retentionMs: Number.MAX_SAFE_INTEGER, ...changes };
    const topic = new TopicModel(name);
    topic.state = "live";
    topic.keeping = new Keeping(clock, rulesOf(settings), false);
    topic.partitions.push(new PartitionModel(topic, 0));
    oracle.topics.push(topic);
    return { partition: topic.partitions[0]!, settings };
  });
}

function rulesOf(settings: LogSettings): Rules {
  return {
    deletes: settings.cleanupDelete,
    compacts: settings.cleanupCompact,
    retentionMs: settings.retentionMs,
    retentionBytes: settings.retentionBytes,
    lagMsMin: settings.compactionLagMsMin,
    lagMsMax: settings.compactionLagMsMax,
    tombstoneMs: settings.tombstoneMs,
    ratioMin: settings.cleanableRatioMin,
    deleteDelayMs: settings.deleteDelayMs,
  };
}

/** A batch of an idempotent producer that is not answered: it is sent again before the next. */
interface Sending {
  readonly records: readonly SentRecord[];
  readonly batch: Uint8Array;
}

export class Scenario {
  readonly #random = new SeededRandom(11);
  readonly #oracle: Oracle;
  readonly #clock: ScenarioClock;
  readonly #hosted: readonly Hosted[];
  readonly #unanswered = new Map<number, Sending>();
  readonly #sequences = new Map<number, number>();

  constructor(oracle: Oracle, clock: ScenarioClock, hosted: readonly Hosted[]) {
    this.#oracle = oracle;
    this.#clock = clock;
    this.#hosted = hosted;
  }

  /** Everything that a crash may cut short; `restart` is called for a clean stop and a start. */
  run(broker: ShardBroker, restart: () => ShardBroker): void {
    let current = broker;
    for (let round = 0; round < ROUNDS; round++) {
      this.#round(current, round);
      if (round === 4) current.trim(1, this.#hosted[1]!.partition.knownEnd - 3);
      if (round === 7) current = restart();
    }
    current.pass(CALM_MS / 10);
    current.writeCheckpoints();
  }

  /** What goes on after a crash. */
  goOn(broker: ShardBroker): void {
    for (const [handle, { records, batch }] of [...this.#unanswered]) {
      this.#deliver(broker, handle, records, batch);
    }
    for (let round = 0; round < ROUNDS_AFTER; round++) this.#round(broker, round);
  }

  /** Until nothing is due any more. */
  calm(broker: ShardBroker): void {
    broker.pass(CALM_MS);
  }

  #round(broker: ShardBroker, round: number): void {
    for (let handle = 0; handle < this.#hosted.length; handle++) {
      for (let count = this.#random.integer(1, 2); count > 0; count--) this.#send(broker, handle);
    }
    broker.pass(ROUND_MS);
    if (round % 4 === 3) broker.writeCheckpoints();
  }

  #send(broker: ShardBroker, handle: number): void {
    const { partition } = this.#hosted[handle]!;
    const random = this.#random;
    const isIdempotent = random.chance(0.5);
    const acks = isIdempotent || random.chance(0.3) ? -1 : 1;
    const records = Array.from({ length: random.integer(1, 3) }, () => {
      const keyed = partition.topic.isCompacted
        ? { key: `key${random.integer(1, KEYS)}`, isTombstone: random.chance(0.2) }
        : {};
      const producer = isIdempotent ? 2 : 1;
      return this.#oracle.send(partition, acks, producer, this.#clock.wallMs, random.integer(5, 60), keyed);
    });
    const codec = random.chance(0.2) ? random.pick(CODEC_NAMES) : "none";
    const baseSequence = this.#sequences.get(handle) ?? 0;
    const identity = { producerId: PRODUCER_ID, producerEpoch: 0, baseSequence };
    const batch = encodeSent(records, { codec, ...(isIdempotent ? identity : {}) });
    if (isIdempotent) this.#deliver(broker, handle, records, batch);
    else broker.append(handle, records, batch);
  }

  #deliver(broker: ShardBroker, handle: number, records: readonly SentRecord[], batch: Uint8Array): void {
    this.#unanswered.set(handle, { records, batch });
    for (const record of records) record.isRetried = true;
    broker.append(handle, records, batch);
    for (const record of records) record.isRetried = false;
    this.#sequences.set(handle, (this.#sequences.get(handle) ?? 0) + records.length);
    this.#unanswered.delete(handle);
  }
}
