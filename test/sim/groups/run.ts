/** Runs seeds of groups: the acts of a run in their order, and what came of it. */
import type { GroupDescription } from "../../../src/model/mod.ts";
import type { Outcome } from "../run.ts";
import { Violation, World } from "../world.ts";
import { findUnsettled } from "./calm.ts";
import { type Broken, Cluster } from "./cluster.ts";
import { goWrong } from "./mishaps.ts";
import { operate } from "./operator.ts";
import { GroupOracle } from "./oracle.ts";
import { epochOf } from "./ownership.ts";
import { drawPlan, type Mishap } from "./plan.ts";
import { livingOf, populate } from "./population.ts";
import type { Site } from "./site.ts";

/** Groups must settle within so long once all is calm: some sessions, some rebalances, a clock that went back. */
const SETTLE_MS_MAX = 90_000;
/** Whoever paused is awake after so long, and the network empty. */
const WAKE_MS = 5_500;
/** A settled group is watched for so long: nothing may move. */
const WATCH_MS = 4_000;
/** A heartbeat may not come oftener, on the average: faster is a member that spins. */
const BEAT_MS_MIN = 80;
/** No command waits longer for its answer once all is calm. */
const WAIT_MS_MAX = 12_000;

/** A coordinator broken on purpose, in a world of its own mishaps. */
export interface GroupSabotage extends Broken {
  readonly mishaps?: readonly Mishap[];
}

/** Runs one seed from its beginning to its end. */
export function runGroupSeed(seed: number, keepsLines = false, sabotage: GroupSabotage = {}): Outcome {
  const world = new World(seed, keepsLines);
  const counts: Record<string, number> = {};
  let violation: string | null = null;
  try {
    runActs(world, counts, sabotage);
  } catch (error) {
    violation = error instanceof Violation ? error.message : String((error as Error)?.stack ?? error);
    world.trace(`violation: ${violation}`);
  }
  return { seed, hash: world.hash, events: world.events, counts, violation, lines: world.lines };
}

function runActs(world: World, counts: Record<string, number>, sabotage: GroupSabotage): void {
  const drawn = drawPlan(world.random.fork(1));
  const plan = { ...drawn, mishaps: sabotage.mishaps ?? drawn.mishaps };
  const cluster = new Cluster(world, world.random.fork(2), plan.settings, sabotage);
  const site: Site = {
    world,
    random: world.random.fork(3),
    plan,
    cluster,
    members: [],
    counts,
    isCalm: false,
  };
  const oracle = new GroupOracle(site);
  cluster.listen(oracle);
  cluster.start();
  operate(site, oracle, world.random.fork(4));
  populate(site, world.random.fork(5));
  goWrong(site, world.random.fork(6));
  world.runNow(plan.loadMs, () => false);
  calmDown(site);
  settle(site, oracle);
  for (const end of ["stop", "power"] as const) {
    outlive(site, oracle, end);
    settle(site, oracle);
  }
}

/** Nothing goes wrong any more. A fault that was asked for and has not come yet ends with its life. */
function calmDown(site: Site): void {
  site.isCalm = true;
  site.cluster.disk.full = false;
  for (const member of site.members) member.link.isCalm = true;
  site.world.trace("calm");
  site.world.runNow(site.world.nowMs + WAKE_MS, () => false);
  if (site.cluster.isUp) site.cluster.crash("kill");
}

/** Every group comes to rest, and stays so. */
function settle(site: Site, oracle: GroupOracle): void {
  const { world, cluster } = site;
  const endMs = world.nowMs + SETTLE_MS_MAX;
  const isRight = () => cluster.isUp && findUnsettled(site, oracle.described) === null;
  for (let untilMs = world.nowMs; !isRight() && untilMs < endMs; untilMs += 100) {
    world.runNow(untilMs, () => false);
  }
  const wrong = cluster.isUp ? findUnsettled(site, oracle.described) : "The coordinator is down";
  if (wrong !== null) throw new Violation(`${wrong}, ${SETTLE_MS_MAX / 1_000} s after all became calm`);
  world.trace("settled");
  const before = stand(site, oracle.described);
  const beats = site.counts.heartbeats ?? 0;
  world.runNow(world.nowMs + WATCH_MS, () => false);
  const after = stand(site, oracle.described);
  if (before !== after) throw new Violation(`Groups do not rest: ${before} became ${after}`);
  oracle.checkForgotten();
  const beatsMax = site.members.filter((member) => member.isAlive).length * WATCH_MS / BEAT_MS_MIN;
  if ((site.counts.heartbeats ?? 0) - beats > beatsMax) throw new Violation("Members spin in heartbeats");
  const { oldest } = cluster;
  if (oldest !== null && world.nowMs - oldest.askedMs > WAIT_MS_MAX) {
    throw new Violation(`"${oldest.command.kind}" has no answer after ${world.nowMs - oldest.askedMs} ms`);
  }
}

/** What must not move in a settled group. */
function stand(site: Site, described: ReadonlyMap<string, GroupDescription>): string {
  return JSON.stringify([...described.values()].map((group) => {
    const owners = livingOf(site, group.group).map(({ label, owned }) => [label, [...owned.keys()].sort()]);
    return [group.group, group.type, group.state, epochOf(group), owners];
  }));
}

/** The coordinator ends and comes back, and a settled group does not notice. */
function outlive(site: Site, oracle: GroupOracle, end: "stop" | "power"): void {
  const { world, cluster } = site;
  const before = stand(site, oracle.described);
  const { life } = cluster;
  if (end === "stop") cluster.stop();
  else cluster.crash(end);
  world.runNow(world.nowMs + 2_000, () => false);
  if (!cluster.isUp || cluster.life <= life) {
    throw new Violation(`The coordinator does not start after a ${end}`);
  }
  const after = stand(site, oracle.described);
  if (before !== after) throw new Violation(`Groups move over a ${end}: ${before} became ${after}`);
}
