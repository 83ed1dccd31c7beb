/**
 * The operator: makes topics grow and come, resets and deletes offsets, deletes
 * groups, commits for a group without members, lists. Asks the coordinator
 * itself; the oracle hears the answers.
 */
import type { CoordinatorCommand, NewTopic } from "../../../src/model/mod.ts";
import type { SeededRandom } from "../random.ts";
import { type GroupOracle, SIMPLE_GROUP } from "./oracle.ts";
import { count, partitionsOf, type Site, topicsOf } from "./site.ts";
import { partsOf } from "./wire.ts";

const PARTITIONS_MAX = 8;
const TOPICS_MAX = 4;
const PAUSE_MS = 600;
const MADE = "topics made";

/** Operates until all is calm. */
export function operate(site: Site, oracle: GroupOracle, random: SeededRandom): void {
  createTopic(site, random);
  const next = () => {
    site.world.after(-Math.log(1 - random.fraction()) * PAUSE_MS, () => {
      if (site.isCalm) return;
      if (site.cluster.isUp) act(site, oracle, random);
      next();
    });
  };
  next();
}

function act(site: Site, oracle: GroupOracle, random: SeededRandom): void {
  const roll = random.fraction();
  const topics = topicsOf(site);
  if (topics.length === 0 || (roll < 0.15 && topics.length < TOPICS_MAX)) createTopic(site, random);
  else if (roll < 0.35) grow(site, random.pick(topics));
  else if (roll < 0.55) commitAlone(site, random, SIMPLE_GROUP);
  else if (roll < 0.7) commitAlone(site, random, random.pick(site.plan.groups).name);
  else if (roll < 0.8) deleteOffsets(site, oracle, random);
  else if (roll < 0.87) deleteGroup(site, random);
  else if (roll < 0.9 && topics.length > 1) {
    ask(site, { kind: "delete_topics", topics: [random.pick(topics)] });
  } else list(site);
}

function ask(site: Site, command: CoordinatorCommand): void {
  count(site, command.kind);
  site.cluster.ask(command, () => {});
}

/** Topics are named topic0, topic1 and so on, and no name comes twice. */
function createTopic(site: Site, random: SeededRandom): void {
  const topic: NewTopic = {
    name: `topic${site.counts[MADE] ?? 0}`,
    partitions: random.integer(1, 4),
    replicationFactor: 1,
    assignments: null,
    settings: {},
  };
  count(site, MADE);
  site.cluster.ask({ kind: "create_topics", topics: [topic], validateOnly: false }, (reply) => {
    // Without a first topic there is nothing to do for anybody.
    if (reply.kind === "failed" && topicsOf(site).length === 0) {
      site.world.after(100, () => createTopic(site, random));
    }
  });
}

function grow(site: Site, name: string): void {
  const partitions = partitionsOf(site, name) + 1;
  if (partitions > PARTITIONS_MAX) return;
  const topics = [{ name, partitions, assignments: null }];
  ask(site, { kind: "add_partitions", topics, validateOnly: false });
}

/** As one who is no member: a reset, refused while there are members. */
function commitAlone(site: Site, random: SeededRandom, group: string): void {
  const topic = random.pick(topicsOf(site));
  const partition = random.integer(0, partitionsOf(site, topic) - 1);
  const entry = { topic, partition, offset: random.integer(0, 500), leaderEpoch: -1, metadata: null };
  const nobody = { memberId: "", instanceId: null, generation: -1, knowsMemberEpochs: random.chance(0.5) };
  ask(site, { kind: "commit_offsets", group, ...nobody, retentionMs: -1, entries: [entry] });
}

function deleteOffsets(site: Site, oracle: GroupOracle, random: SeededRandom): void {
  const group = random.pick([SIMPLE_GROUP, ...site.plan.groups.map(({ name }) => name)]);
  const places = [...oracle.offsets.of(group).keys()];
  if (places.length === 0) return;
  ask(site, { kind: "delete_offsets", group, entries: [partsOf(random.pick(places))] });
}

function deleteGroup(site: Site, random: SeededRandom): void {
  const group = random.pick([SIMPLE_GROUP, ...site.plan.groups.map(({ name }) => name)]);
  ask(site, { kind: "delete_groups", groups: [group] });
}

function list(site: Site): void {
  ask(site, { kind: "list_groups", states: [], types: [] });
}
