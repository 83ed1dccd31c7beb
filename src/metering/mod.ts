/**
 * All of the broker's own metrics at this moment: what the threads counted, and
 * what only looking tells. Asks every worker once, for its counts and for the
 * state of its logs, in one message each. Loaded when somebody asks for the first
 * time; the HTTP door does.
 */
import type { Doors } from "../doors.ts";
import { type Clock, Patience } from "../host/mod.ts";
import type { CoordinatorClient, NamedLog, Pool } from "../mailbox/mod.ts";
import { familiesOf, type Family, joinFamilies, LOOP_SHEET, single } from "../meter/mod.ts";
import { type Image, OFFSETS_TOPIC } from "../model/mod.ts";
import { coordinatorFamilies } from "./coordinator.ts";
import { doorFamilies } from "./doors.ts";
import { GroupMetrics } from "./groups.ts";
import { imageFamilies, offsetColumns, offsetFamilies } from "./kafka_topics.ts";
import { partitionFamilies } from "./partitions.ts";
import { type BrokerFacts, processFamilies } from "./process.ts";
import { PartitionRows } from "./rows.ts";
import { workerFamilies } from "./workers.ts";

/** What is measured. */
export interface MeteredParts {
  readonly facts: BrokerFacts;
  readonly image: Image;
  readonly doors: Doors;
  readonly pool: Pool;
  readonly coordinator: CoordinatorClient;
  /** Commands that wait for workers. */
  readonly waitingCount: number;
}

/** How long a worker may take to say what it counted before its last word is taken: a scraper waits no longer. */
const WAIT_MS_MAX = 1_000;

/** Makes what gives the metrics of one broker, again and again. */
export function makeMeasuring(clock: Clock): (parts: MeteredParts) => Promise<Family[]> {
  const measuring = new Measuring(clock);
  return (parts) => measuring.measure(parts);
}

class Measuring {
  readonly #clock: Clock;
  /** Of each worker: one that is slow keeps nobody from telling of the others. */
  readonly #ofWorkers = new Map<number, Patience<readonly NamedLog[]>>();
  readonly #ofCoordinator: Patience<void>;
  readonly #groups = new GroupMetrics();
  #rows: PartitionRows | null = null;
  #ofImage: Family[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ofCoordinator = new Patience<void>(clock, WAIT_MS_MAX, undefined);
  }

  async measure(parts: MeteredParts): Promise<Family[]> {
    const { pool, coordinator } = parts;
    const [logs] = await Promise.all([
      Promise.all(pool.runningWorkers.map((worker) => this.#describe(pool, worker))),
      this.#ofCoordinator.answer(() => coordinator.measure()),
    ]);
    return this.#familiesOf(parts, logs.flat());
  }

  #describe(pool: Pool, worker: number): Promise<readonly NamedLog[]> {
    let patience = this.#ofWorkers.get(worker);
    if (patience === undefined) {
      patience = new Patience<readonly NamedLog[]>(this.#clock, WAIT_MS_MAX, []);
      this.#ofWorkers.set(worker, patience);
    }
    return patience.answer(() => pool.describe(worker));
  }

  #familiesOf(parts: MeteredParts, logs: readonly NamedLog[]): Family[] {
    const { facts, image, doors, pool, coordinator, waitingCount } = parts;
    const rows = this.#rowsOf(image);
    const counts = coordinator.counts();
    const offsets = offsetColumns(rows, logs, coordinator.groupLogs);
    const groups = this.#groups.families(counts.groups, rows, offsets.current);
    return joinFamilies([
      this.#ofImage,
      offsetFamilies(rows, offsets),
      processFamilies(facts),
      familiesOf(LOOP_SHEET, doors.loop),
      doorFamilies(doors.counts(), doors.inFlight, waitingCount),
      ...Array.from(doors.requests, (meter) => meter.families()),
      workerFamilies(pool.counts()),
      coordinatorFamilies(counts),
      partitionFamilies(rows, logs, offlineCount(parts, counts.isUp)),
      groups.families,
      [single("gauge", "weir_metrics_left_out_series", LEFT_OUT, groups.leftOut)],
    ]);
  }

  /** The rows stay as long as the image does, and with them what tells of the image alone. */
  #rowsOf(image: Image): PartitionRows {
    if (this.#rows?.image === image) return this.#rows;
    this.#rows = new PartitionRows(image, this.#rows);
    this.#ofImage = imageFamilies(this.#rows);
    return this.#rows;
  }
}

const LEFT_OUT = "Series that are not told here because there are too many";

/** The groups' own logs cannot be used while the coordinator is down. */
function offlineCount({ image, pool }: MeteredParts, isUp: boolean): number {
  return pool.offlineCount + (isUp ? 0 : image.topics.get(OFFSETS_TOPIC)?.partitions.length ?? 0);
}
