/**
 * The administrator: makes topics, adds partitions, changes settings, trims,
 * describes, deletes. What has no answer is asked again until it is certain: a
 * topic that was acknowledged must be there after every crash, one whose deletion
 * was acknowledged must not.
 */
import { type Actor, pause, withConnection } from "./actor.ts";
import type { WireReply } from "./network.ts";
import { Keeping, rulesOf } from "./keeping.ts";
import { PartitionModel, TopicModel } from "./partition_model.ts";
import { drawPolicy, drawRules } from "./upkeep_plan.ts";
import { Violation } from "./world.ts";

const PARTITIONS_MAX = 5;
/** How many of the changes are of what upkeep goes by: each must have its time to be seen. */
const RULES_CHANGE_SHARE = 0.2;
/** Codes after which the same request is sent again. */
const AGAIN = ["COORDINATOR_NOT_AVAILABLE", "REQUEST_TIMED_OUT", "KAFKA_STORAGE_ERROR"];

/** Administers until the load is over. */
export async function administer(actor: Actor): Promise<void> {
  const { simulation, random } = actor;
  while (!simulation.isOver) {
    await pause(actor);
    if (simulation.isOver || !simulation.isOpen) continue;
    const live = simulation.oracle.topics.filter((topic) => topic.state === "live");
    const topic = live.length === 0 ? undefined : random.pick(live);
    const roll = random.fraction();
    if (topic === undefined || (roll < 0.1 && live.length < simulation.plan.topicsMax)) await create(actor);
    else if (roll < 0.14) await addPartitions(actor, topic);
    else if (roll < 0.3) await alter(actor, topic);
    else if (roll < 0.5) await trim(actor, random.pick(topic.partitions));
    else if (roll < 0.7) await look(actor, topic);
    else if (roll < 0.73) await remove(actor, topic);
    else await simulation.sleep(random.integer(5, 40));
  }
}

/** Asks until there is an answer that means something; `null` when the load is over before. */
async function insist(actor: Actor, k: string, fields: object): Promise<WireReply | null> {
  const { simulation } = actor;
  for (let tries = 0; !simulation.isOver || tries === 0; tries++) {
    const entry = await new Promise<WireReply | null>((resolve) => {
      if (!simulation.isOpen) return resolve(null);
      let asked = false;
      withConnection(actor, (connection) => {
        asked = true;
        connection.request(k, fields).then((reply) => resolve(reply?.topics?.[0] ?? reply));
      });
      if (!asked) resolve(null);
    });
    if (entry !== null && (entry.e === undefined || !AGAIN.includes(entry.e.code))) {
      return { ...entry, tries };
    }
    await simulation.sleep(20);
  }
  return null;
}

async function create(actor: Actor): Promise<void> {
  const { oracle } = actor.simulation;
  const { random } = actor;
  const partitions = random.integer(1, 3);
  const topic = new TopicModel(chooseName(actor));
  topic.usesLogAppendTime = random.chance(0.2);
  const settings: Record<string, string> = drawSettings(actor);
  keepBySettings(actor, topic, settings);
  for (let index = 0; index < partitions; index++) topic.partitions.push(new PartitionModel(topic, index));
  oracle.topics.push(topic);
  if (topic.usesLogAppendTime) settings["message.timestamp.type"] = "LogAppendTime";
  const answer = await insist(actor, "create_topics", {
    topics: [{ name: topic.name, partitions, settings }],
  });
  if (answer === null) return;
  const wasMade = answer.e?.code === "TOPIC_ALREADY_EXISTS" && answer.tries > 0;
  if (answer.e !== undefined && !wasMade) throw new Violation(`Topic "${topic.name}": ${answer.e.message}`);
  topic.state = "live";
}

/** Draws what upkeep goes by, and tells the oracle. */
function keepBySettings({ simulation }: Actor, topic: TopicModel, settings: Record<string, string>): void {
  const { upkeep, upkeepRandom, world } = simulation;
  if (upkeep === null) return;
  Object.assign(settings, drawPolicy(upkeepRandom, upkeep), drawRules(upkeepRandom));
  topic.settings = settings;
  topic.keeping = new Keeping(world, rulesOf(settings), topic.usesLogAppendTime);
}

/** A new name, or one that a deleted topic had. */
function chooseName({ simulation: { oracle }, random }: Actor): string {
  const isFree = (name: string) =>
    oracle.topics.every((topic) =>
      topic.name !== name ||
      (topic.state === "gone" && topic.outstanding === 0)
    );
  const old = oracle.topics.map((topic) => topic.name).filter(isFree);
  return old.length > 0 && random.chance(0.5) ? random.pick(old) : `topic${oracle.topics.length}`;
}

function drawSettings({ random }: Actor): Record<string, string> {
  const settings: Record<string, string> = {};
  if (random.chance(0.6)) settings["segment.bytes"] = `${random.pick([1_048_576, 2_097_152, 8_388_608])}`;
  if (random.chance(0.3)) settings["segment.ms"] = `${random.pick([1, 50, 500])}`;
  if (random.chance(0.5)) settings["index.interval.bytes"] = `${random.pick([0, 64, 512])}`;
  if (random.chance(0.2)) settings["flush.messages"] = `${random.pick([1, 10])}`;
  if (random.chance(0.2)) settings["flush.ms"] = `${random.pick([0, 10, 100])}`;
  if (random.chance(0.1)) settings["max.message.bytes"] = `${random.pick([300, 20_000])}`;
  return settings;
}

async function addPartitions(actor: Actor, topic: TopicModel): Promise<void> {
  const partitions = topic.partitions.length + 1;
  if (partitions > PARTITIONS_MAX) return;
  const answer = await insist(actor, "add_partitions", { topics: [{ name: topic.name, partitions }] });
  if (answer === null) return;
  const wasMade = answer.e?.code === "INVALID_PARTITIONS" && answer.tries > 0;
  if (answer.e !== undefined && !wasMade) throw new Violation(`Topic "${topic.name}": ${answer.e.message}`);
  topic.partitions.push(new PartitionModel(topic, partitions - 1));
}

async function alter(actor: Actor, topic: TopicModel): Promise<void> {
  const settings: Record<string, string | null> = drawSettings(actor);
  if (actor.random.chance(0.3)) settings["segment.bytes"] = null;
  if (topic.keeping !== null) {
    const { upkeepRandom } = actor.simulation;
    // How segments roll is upkeep's here, too.
    for (const key of ["segment.bytes", "segment.ms"]) delete settings[key];
    if (upkeepRandom.chance(RULES_CHANGE_SHARE)) Object.assign(settings, drawRules(upkeepRandom));
    topic.settings = { ...topic.settings, ...settings };
    topic.keeping.begin(rulesOf(topic.settings));
  }
  const answer = await insist(actor, "alter_topics", { topics: [{ name: topic.name, settings }] });
  if (answer?.e !== undefined) throw new Violation(`Topic "${topic.name}": ${answer.e.message}`);
  if (answer !== null) topic.keeping?.acknowledged();
}

async function trim(actor: Actor, partition: PartitionModel): Promise<void> {
  const { random, simulation } = actor;
  const { knownEnd, topic: { name }, index } = partition;
  const toWatermark = random.chance(0.2);
  const before = toWatermark ? -1 : random.integer(0, knownEnd);
  const askedBefore = partition.trimAsked;
  const { floor } = partition;
  partition.trimAsked = toWatermark ? Number.MAX_SAFE_INTEGER : Math.max(partition.trimAsked, before);
  const reply = await new Promise<WireReply | null>((resolve) => {
    let asked = false;
    withConnection(actor, (connection) => {
      asked = true;
      connection.request("trim", { entries: [{ topic: name, partition: index, before }] }).then(resolve);
    });
    if (!asked) resolve(null);
  });
  const entry = reply?.entries?.[0];
  if (entry?.e?.code === "POLICY_VIOLATION") partition.trimAsked = askedBefore;
  if (entry === undefined || entry.e !== undefined) return;
  if (entry.logStartOffset < before) {
    throw new Violation(`A trim of "${partition.name}" to ${before} says "${entry.logStartOffset}"`);
  }
  partition.trimAsked = Math.max(askedBefore, before, toWatermark ? entry.logStartOffset : 0);
  partition.beginsAt(entry.logStartOffset, floor);
  partition.trimAsked = Math.max(partition.trimAsked, entry.logStartOffset);
  simulation.world.trace(`trimmed ${partition.name} to ${entry.logStartOffset}`);
  partition.trimmed(entry.logStartOffset);
}

/** Asks for what an operator looks at; the topic must be there. */
async function look(actor: Actor, topic: TopicModel): Promise<void> {
  const k = actor.random.pick(["describe_topics", "metadata"]);
  const count = topic.partitions.length;
  const answer = await insist(actor, k, { topics: [topic.name] });
  if (answer === null) return;
  if (answer.e !== undefined) throw new Violation(`Topic "${topic.name}" is gone: ${answer.e.message}`);
  if (answer.partitions.length < count) throw new Violation(`Topic "${topic.name}" has lost partitions`);
}

async function remove(actor: Actor, topic: TopicModel): Promise<void> {
  topic.state = "deleting";
  const answer = await insist(actor, "delete_topics", { topics: [topic.name] });
  if (answer === null) return;
  const wasGone = answer.e?.code === "UNKNOWN_TOPIC_OR_PARTITION" && answer.tries > 0;
  if (answer.e !== undefined && !wasGone) throw new Violation(`Topic "${topic.name}": ${answer.e.message}`);
  topic.state = "gone";
}
