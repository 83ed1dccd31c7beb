/** Runs seeds: the acts of a run in their order, and what came of it. */
import type { Actor } from "./actor.ts";
import { administer } from "./administrator.ts";
import { consume } from "./consumer.ts";
import { encodeSent } from "./encode.ts";
import { goWrong } from "./mishaps.ts";
import type { WireReply } from "./network.ts";
import type { PartitionModel } from "./partition_model.ts";
import { drawKey, produce } from "./producer.ts";
import { retry } from "./retrier.ts";
import { type PlanVersion, type Sabotage, Simulation } from "./simulation.ts";
import { finishUpkeep } from "./upkeep_end.ts";
import { Violation } from "./world.ts";

/** The network keeps nothing for longer. */
const UNDER_WAY_MS_MAX = 3_000;

/** What came of a seed. */
export interface Outcome {
  readonly seed: number;
  /** Stands for the whole trace: the same seed gives the same number. */
  readonly hash: number;
  readonly events: number;
  /** Things that happened, by name. */
  readonly counts: Readonly<Record<string, number>>;
  /** What went wrong, `null` when nothing did. */
  readonly violation: string | null;
  readonly lines: readonly string[];
}

/** Runs one seed from its beginning to its end. */
export async function runSeed(
  seed: number,
  keepsLines = false,
  sabotage: Sabotage = {},
  version: PlanVersion = 2,
): Promise<Outcome> {
  const simulation = new Simulation(seed, keepsLines, sabotage, version);
  let violation: string | null = null;
  try {
    await load(simulation);
    await calmDown(simulation);
    await finish(simulation);
  } catch (error) {
    violation = error instanceof Violation ? error.message : String((error as Error)?.stack ?? error);
    simulation.world.trace(`violation: ${violation}`);
  }
  const { world, oracle, upkeep } = simulation;
  const counts = { ...oracle.counts, expired: oracle.expiries, withUpkeep: upkeep === null ? 0 : 1 };
  return { seed, hash: world.hash, events: world.events, counts, violation, lines: world.lines };
}

async function load(simulation: Simulation): Promise<void> {
  const { plan, world } = simulation;
  simulation.start();
  await simulation.expect("The first start", () => simulation.isOpen);
  let number = 0;
  const actor = (): Actor => {
    number++;
    return { simulation, random: world.random.fork(1_000 + number), number, connection: null };
  };
  simulation.spawn(administer(actor()));
  for (let index = 0; index < plan.producers; index++) simulation.spawn(produce(actor()));
  for (let index = 0; index < plan.consumers; index++) simulation.spawn(consume(actor()));
  for (let index = 0; index < plan.retriers; index++) simulation.spawn(retry(actor()));
  simulation.spawn(goWrong(simulation, world.random.fork(3)));
  await simulation.run(plan.loadMs, () => false);
  simulation.isOver = true;
}

/** Nothing goes wrong any more: a broker comes up, and every request is answered. */
async function calmDown(simulation: Simulation): Promise<void> {
  const { disk, oracle } = simulation;
  disk.full = false;
  // What is under way without an answer arrives.
  await simulation.run(UNDER_WAY_MS_MAX, () => false);
  await simulation.expect("A broker that serves", () => simulation.isOpen);
  if (
    simulation.plan.mishaps.some((mishap) =>
      ["worker", "torn", "kill in turn", "power in turn"].includes(mishap)
    )
  ) {
    // Faults that were asked for and have not come yet end with the process.
    simulation.crash("kill");
    await simulation.expect("A broker that serves", () => simulation.isOpen);
  }
  await simulation.expect(
    "An answer to everything",
    () => oracle.topics.every((topic) => topic.outstanding === 0),
  );
}

/** Everything works, everything is there, and still after one more end. */
async function finish(simulation: Simulation): Promise<void> {
  const { random, oracle } = simulation;
  let isDone = false;
  const check = async () => {
    for (const partition of oracle.livePartitions) {
      if (!partition.isDamaged) await mustTake(simulation, partition);
    }
    await simulation.readBack();
    await finishUpkeep(simulation);
    isDone = true;
  };
  simulation.spawn(check());
  await simulation.expect("An end of the last checks", () => isDone);
  checkDirectories(simulation);
  const last = random.pick(["kill", "power", "stop"] as const);
  if (last === "stop") simulation.spawn(simulation.stop());
  else simulation.crash(last);
  const { life } = simulation;
  await simulation.expect("The last start", () => simulation.isOpen && simulation.life >= life);
}

/** A partition that is not damaged takes records again once all is well. */
async function mustTake(simulation: Simulation, partition: PartitionModel): Promise<void> {
  const { oracle, world, random } = simulation;
  const connection = simulation.connect(random);
  if (connection === null) throw new Violation("A broker that serves takes no connection");
  for (let tries = 0;; tries++) {
    const record = oracle.send(partition, -1, 0, world.wallMs, 3, drawKey(simulation, partition, false));
    const batch = encodeSent([record]);
    const entries = [{ topic: partition.topic.name, partition: partition.index, batch }];
    const reply: WireReply | null = await connection.request("produce", { acks: -1, entries });
    if (reply === null) throw new Violation("The broker closed a connection while all was calm");
    const entry = reply.entries[0];
    if (entry.e === undefined) {
      partition.acknowledge([record], entry.baseOffset, entry.logAppendTimeMs);
      break;
    }
    if (tries === 100) throw new Violation(`Partition "${partition.name}" takes nothing: ${entry.e.message}`);
    await simulation.sleep(100);
  }
  connection.cut();
}

/** What was deleted is gone from the disk. */
function checkDirectories(simulation: Simulation): void {
  const { disk, oracle } = simulation;
  const known = new Set(oracle.topics.filter((topic) => topic.state !== "gone").map((topic) => topic.name));
  for (const { name, isDirectory } of disk.list("data")) {
    // What a crash left between the decision and the removal is kept under another name.
    if (!isDirectory || name.startsWith("__") || name.endsWith("-stray")) continue;
    const topic = name.slice(0, name.lastIndexOf("-"));
    if (known.has(topic)) continue;
    throw new Violation(`Directory "${name}" is left of a topic that was deleted`);
  }
}
