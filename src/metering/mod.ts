/**
 * All of the broker's own metrics at this moment: what the threads counted, and
 * what only looking tells. Asks every worker once, for its counts and for the
 * state of its logs, in one message each. Loaded when somebody asks for the first
 * time; the HTTP door does.
 */
import type { Doors } from "../doors.ts";
import type { CoordinatorClient, Pool } from "../mailbox/mod.ts";
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

/** The metrics now. */
export async function meterBroker(parts: MeteredParts): Promise<Family[]> {
  const { facts, image, doors, pool, coordinator, waitingCount } = parts;
  const [logs, counts] = await Promise.all([pool.describeAll(), coordinator.counts()]);
  return joinFamilies([
    topicFamilies(image, logs, coordinator.groupLogs),
    processFamilies(facts),
    familiesOf(LOOP_SHEET, doors.loop),
    doorFamilies(doors.counts(), doors.inFlight, waitingCount),
    ...Array.from(doors.requests, (meter) => meter.families()),
    workerFamilies(pool.counts()),
    coordinatorFamilies(counts),
    partitionFamilies(image, logs, pool.offlineCount),
  ]);
}
