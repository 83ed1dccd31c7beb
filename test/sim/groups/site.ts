/**
 * What the parts of a run of groups share: the world, the coordinator's lives,
 * the members, the topics as members see them. Holds no rules.
 */
import type { SeededRandom } from "../random.ts";
import type { World } from "../world.ts";
import type { Cluster } from "./cluster.ts";
import type { Member } from "./member.ts";
import type { Plan } from "./plan.ts";

export interface Site {
  readonly world: World;
  readonly random: SeededRandom;
  readonly plan: Plan;
  readonly cluster: Cluster;
  /** Everyone who ever was, the dead too. */
  readonly members: Member[];
  /** Things that happened, by name: a run in which nothing happens proves nothing. */
  readonly counts: Record<string, number>;
  /** No more mishaps, no more load. */
  isCalm: boolean;
}

export function count(site: Site, what: string): void {
  site.counts[what] = (site.counts[what] ?? 0) + 1;
}

/** Partitions of a topic as its members see it; 0 when there is none of that name. */
export function partitionsOf(site: Site, topic: string): number {
  return site.cluster.image.topics.get(topic)?.partitions.length ?? 0;
}

/** Names of topics that members may subscribe to. */
export function topicsOf(site: Site): string[] {
  return [...site.cluster.image.topics.values()].filter(({ internal }) => !internal).map(({ name }) => name);
}
