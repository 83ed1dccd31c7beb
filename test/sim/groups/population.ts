/**
 * Who is there: members come while there is load, each with a protocol of its
 * group's mix, some with an instance id that an earlier one had. Called by the
 * run and by mishaps.
 */
import type { SeededRandom } from "../random.ts";
import { ClassicMember } from "./classic_member.ts";
import { ConsumerMember } from "./consumer_member.ts";
import type { Member } from "./member.ts";
import type { GroupPlan, Kind } from "./plan.ts";
import { count, type Site } from "./site.ts";

/** Mean time between two newcomers of a group. */
const COMING_MS = 900;
/** Share of static newcomers that take the instance id of one who lives. */
const TWIN_SHARE = 0.05;

/** The first members of all groups; more come now and then until all is calm. */
export function populate(site: Site, random: SeededRandom): void {
  for (const plan of site.plan.groups) {
    for (let number = random.integer(plan.membersMin, plan.membersMax); number > 0; number--) {
      site.world.after(random.integer(0, 2_000), () => add(site, plan, random));
    }
    comeLater(site, plan, random);
  }
}

/** Members of a group that live. */
export function livingOf(site: Site, group: string): Member[] {
  return site.members.filter((member) => member.isAlive && member.group === group);
}

function comeLater(site: Site, plan: GroupPlan, random: SeededRandom): void {
  site.world.after(-Math.log(1 - random.fraction()) * COMING_MS, () => {
    if (site.isCalm) return;
    const living = livingOf(site, plan.name);
    const kind = kindOf(site, plan, random);
    if (living.length < plan.membersMax) add(site, plan, random, kind);
    // A group that changes its protocol while it runs: one of the old kind goes for one of the new.
    const old = living.find((member) => member.isClassic === (kind === "consumer"));
    if (old !== undefined && random.chance(0.8)) old.leave();
    comeLater(site, plan, random);
  });
}

/** Members of one kind come for a third of the load, then those of another. */
function kindOf({ plan: { loadMs }, world }: Site, { kinds }: GroupPlan, random: SeededRandom): Kind {
  if (random.chance(0.2)) return random.pick(kinds);
  return kinds[Math.floor(world.nowMs / loadMs * 3) % kinds.length]!;
}

function add(site: Site, plan: GroupPlan, random: SeededRandom, kind = kindOf(site, plan, random)): void {
  const number = site.members.length;
  const own = random.fork(100 + number);
  const instanceId = random.chance(plan.staticShare) ? freeInstance(site, plan, random) : null;
  const label = `${plan.name}.${kind}${number}`;
  const member = kind === "consumer"
    ? new ConsumerMember(site, plan, own, label, instanceId)
    : new ClassicMember(site, plan, own, label, instanceId, kind);
  site.members.push(member);
  count(site, instanceId === null ? "dynamic members" : "static members");
  site.world.trace(`${label} comes${instanceId === null ? "" : ` as ${instanceId}`}`);
  member.start();
}

function freeInstance(site: Site, plan: GroupPlan, random: SeededRandom): string | null {
  const used = new Set(livingOf(site, plan.name).map(({ instanceId }) => instanceId));
  const names = Array.from({ length: plan.membersMax }, (_, index) => `${plan.name}.instance${index}`);
  const free = names.filter((name) => random.chance(TWIN_SHARE) || !used.has(name));
  return free.length === 0 ? null : random.pick(free);
}
