/** What goes wrong in a run of groups: the coordinator, its disk and clock, the network, the members. */
import type { FaultyOperation } from "../../../src/storage/faults.ts";
import type { SeededRandom } from "../random.ts";
import type { Mishap } from "./plan.ts";
import { count, type Site } from "./site.ts";

const OPERATIONS: readonly FaultyOperation[] = ["write", "write", "write", "truncate", "rename", "open"];
/** A failed sync loses what it stood for: only where everything in memory goes too. */
const OPERATIONS_WITH_SYNC: readonly FaultyOperation[] = [...OPERATIONS, "sync", "sync", "syncDirectory"];

/** Lets things go wrong, now and then, until all is calm. */
export function goWrong(site: Site, random: SeededRandom): void {
  const { mishaps, mishapMs } = site.plan;
  if (mishaps.length === 0) return;
  const next = () => {
    site.world.after(-Math.log(1 - random.fraction()) * mishapMs, () => {
      if (site.isCalm) return;
      const mishap = random.pick(mishaps);
      site.world.trace(`mishap: ${mishap}`);
      count(site, mishap);
      happen(site, random, mishap);
      next();
    });
  };
  next();
}

function happen(site: Site, random: SeededRandom, mishap: Mishap): void {
  const { cluster, cluster: { disk }, world } = site;
  switch (mishap) {
    case "kill":
    case "power":
      return cluster.crash(mishap);
    case "torn": {
      const request = { after: random.integer(0, 10), keepBytes: random.integer(0, 400) };
      return cluster.arm("power", () => disk.tearWrite(request));
    }
    case "kill in turn":
    case "power in turn": {
      const kind = mishap === "kill in turn" ? "kill" : "power";
      const operation = random.pick(kind === "kill" ? OPERATIONS : OPERATIONS_WITH_SYNC);
      const after = random.integer(0, 10);
      return cluster.arm(kind, () => disk.fail({ operation, after }));
    }
    case "stop":
      return cluster.stop();
    case "full":
      disk.full = true;
      return world.after(random.integer(10, 1_000), () => disk.full = false);
    case "clock":
      return world.jump(random.pick([-20_000, random.integer(-3_000, 3_000), 20_000]));
    default:
      return happenToMember(site, random, mishap);
  }
}

function happenToMember(site: Site, random: SeededRandom, mishap: Mishap): void {
  const living = site.members.filter((member) => member.isAlive);
  if (living.length === 0) return;
  const member = random.pick(living);
  if (mishap === "crash member") member.crash();
  else if (mishap === "pause member") member.pause(random.integer(100, 5_000));
  else if (mishap === "leave") member.leave();
  else if (mishap === "resubscribe") member.resubscribe();
  else for (const one of living) if (random.chance(0.4)) one.link.cut();
}
