/**
 * All of the broker's own metrics at this moment: what the threads counted, and
 * what only looking tells. Asks every worker once, for its counts and for the
 * state of its logs, in one message each. Loaded when somebody asks for the first
 * time; the HTTP door does.
 */
import type { Doors } from "../doors.ts";
import { type Clock, Patience } from "../host/mod.ts";
import type { CoordinatorClient, NamedLog, Pool } from "../mailbox/mod.ts";
import { familiesOf, type Family, joinFamilies, LOOP_SHEET } from "../meter/mod.ts";
import type { Image } from "../model/mod.ts";
import { coordinatorFamilies } from "./coordinator.ts";
import { doorFamilies } from "./doors.ts";
import { topicFamilies } from "./kafka_topics.ts";
import { partitionFamilies } from "./partitions.ts";
import { type BrokerFacts, processFamilies } from "./process.ts";
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
  const ofLogs = new Patience<readonly NamedLog[]>(clock, WAIT_MS_MAX, []);
  const ofCoordinator = new Patience<void>(clock, WAIT_MS_MAX, undefined);
  return async (parts) => {
    const [logs] = await Promise.all([
      ofLogs.answer(() => parts.pool.describeAll()),
      ofCoordinator.answer(() => parts.coordinator.measure()),
    ]);
    return familiesNow(parts, logs);
  };
}

function familiesNow(parts: MeteredParts, logs: readonly NamedLog[]): Family[] {
  const { facts, image, doors, pool, coordinator, waitingCount } = parts;
  return joinFamilies([
    topicFamilies(image, logs, coordinator.groupLogs),
    processFamilies(facts),
    familiesOf(LOOP_SHEET, doors.loop),
    doorFamilies(doors.counts(), doors.inFlight, waitingCount),
    ...Array.from(doors.requests, (meter) => meter.families()),
    workerFamilies(pool.counts()),
    coordinatorFamilies(coordinator.counts()),
    partitionFamilies(image, logs, pool.offlineCount),
  ]);
}
