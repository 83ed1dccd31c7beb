/**
 * Where `kafka-consumer-groups --reset-offsets` puts one group: which partitions,
 * and what each scenario makes of them. Offsets outside a log become its nearest
 * end, and Kafka's words on that are handed out beside the plan.
 */
import type { GroupReset, ResetTarget, TopicPartition, Weir } from "../../client/mod.ts";
import { WeirError } from "../../client/mod.ts";
import { systemClock } from "../../host/mod.ts";
import type { Arguments } from "../arguments.ts";
import { CommandError, UsageError } from "../command.ts";
import { type Scenario, scenarioOf, type TopicArgument, topicArguments } from "./consumer_groups_options.ts";
import { parseDatetime, parseDuration } from "./moments.ts";
import { type NewOffset, parseResetFile } from "./reset_file.ts";

/** What is asked for, read from the command line before anything is asked of the broker. */
export interface ResetWish {
  readonly scenario: Scenario;
  /** `null`: whatever the group has committed. */
  readonly topics: readonly TopicArgument[] | null;
  /** An offset, or by how much. */
  readonly amount: number;
  /** For times: milliseconds since 1970. */
  readonly timestampMs: number;
  /** The plan of `--from-file`, by group. */
  readonly file: ReadonlyMap<string, readonly NewOffset[]>;
}

/** Where a group is put, and what is to be said of it. */
export interface GroupPlan {
  readonly entries: readonly NewOffset[];
  /** Of partitions without a record at the time: on standard output, as Kafka has it. */
  readonly warnings: readonly string[];
  /** Of offsets that are not in the log: on standard error. */
  readonly notes: readonly string[];
}

/** Reads the options. Throws {@linkcode UsageError} and {@linkcode CommandError} in Kafka's words. */
export async function resetWish(given: Arguments): Promise<ResetWish> {
  const scenario = scenarioOf(given);
  const topics = given.has("all-topics") || !given.has("topic") ? null : topicArguments(given);
  const amount = scenario === "to-offset" || scenario === "shift-by"
    ? given.integer(scenario, Number.MIN_SAFE_INTEGER)!
    : 0;
  return { scenario, topics, amount, timestampMs: momentOf(given), file: await fileOf(given) };
}

function momentOf(given: Arguments): number {
  const datetime = given.text("to-datetime");
  if (datetime !== undefined) return parseDatetime(datetime);
  const duration = given.text("by-duration");
  return duration === undefined ? 0 : systemClock.now() - parseDuration(duration);
}

async function fileOf(given: Arguments): Promise<ResetWish["file"]> {
  const path = given.text("from-file");
  if (path === undefined) return new Map();
  const groups = given.all("group");
  try {
    return parseResetFile(await Deno.readTextFile(path), groups.length === 1 ? groups[0]! : null);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : (error as Error).message;
    throw new CommandError(`Cannot read "${path}": ${reason}`);
  }
}

/** Finds out where `group` would be put; changes nothing. */
export async function planReset(
  weir: Weir,
  group: string,
  wish: ResetWish,
  signal: AbortSignal,
): Promise<GroupPlan> {
  if (wish.scenario === "from-file") return await planOfFile(weir, group, wish, signal);
  const partitions = await partitionsOf(weir, group, wish, signal);
  if (partitions.length === 0) return { entries: [], warnings: [], notes: [] };
  if (wish.scenario === "to-datetime" || wish.scenario === "by-duration") {
    return await planOfTime(weir, partitions, wish.timestampMs, signal);
  }
  const resets = await dryRun(weir, group, partitions, targetOf(wish), signal);
  const wanted = ({ before }: GroupReset) =>
    wish.scenario === "to-offset" ? wish.amount : wish.scenario === "shift-by" ? before + wish.amount : null;
  return planOf(resets, wanted);
}

function targetOf({ scenario, amount }: ResetWish): ResetTarget {
  if (scenario === "to-offset") return Math.max(0, amount);
  if (scenario === "shift-by") return { shiftBy: amount };
  if (scenario === "to-earliest") return "earliest";
  return scenario === "to-latest" ? "latest" : "current";
}

async function partitionsOf(
  weir: Weir,
  group: string,
  { topics }: ResetWish,
  signal: AbortSignal,
): Promise<TopicPartition[]> {
  if (topics === null) return await weir.admin.groupOffsets(group, null, { signal });
  const known = await weir.admin.listTopics({ internal: true, signal });
  return topics.flatMap(({ topic, partitions }) => {
    const there = known.find(({ name }) => name === topic)?.partitions.map(({ partition }) => partition);
    if (there === undefined) throw new CommandError(`Topic "${topic}" does not exist`);
    const missing = (partitions ?? []).filter((partition) => !there.includes(partition));
    if (missing.length > 0) {
      const names = missing.map((partition) => `${topic}-${partition}`).join(",");
      throw new CommandError(`The partitions "${names}" do not exist`);
    }
    return (partitions ?? there).map((partition) => ({ topic, partition }));
  });
}

async function planOfFile(
  weir: Weir,
  group: string,
  { file }: ResetWish,
  signal: AbortSignal,
): Promise<GroupPlan> {
  const wanted = file.get(group);
  if (wanted === undefined) throw new CommandError(`No reset plan for group ${group} found`);
  const plans: GroupPlan[] = [];
  for (const { offset, ...where } of wanted) {
    const resets = await dryRun(weir, group, [where], Math.max(0, offset), signal);
    plans.push(planOf(resets, () => offset));
  }
  const notes = plans.flatMap((plan) => plan.notes);
  return { entries: plans.flatMap((plan) => plan.entries), warnings: [], notes };
}

async function planOfTime(
  weir: Weir,
  partitions: readonly TopicPartition[],
  timestampMs: number,
  signal: AbortSignal,
): Promise<GroupPlan> {
  const entries: NewOffset[] = [];
  const warnings: string[] = [];
  for (const topic of new Set(partitions.map((where) => where.topic))) {
    const indexes = partitions.filter((where) => where.topic === topic).map(({ partition }) => partition);
    const found = await weir.admin.offsets(topic, new Date(timestampMs), { partitions: indexes, signal });
    const ends = await weir.admin.offsets(topic, "latest", { partitions: indexes, signal });
    for (const [index, { partition, offset }] of found.entries()) {
      entries.push({ topic, partition, offset: offset < 0 ? ends[index]!.offset : offset });
      if (offset >= 0) continue;
      const words = `Partition ${partition} from topic ${topic} is empty`;
      warnings.push(`\nWarn: ${words}. Falling back to latest known offset.\n`);
    }
  }
  return { entries, warnings, notes: [] };
}

async function dryRun(
  weir: Weir,
  group: string,
  partitions: readonly TopicPartition[],
  to: ResetTarget,
  signal: AbortSignal,
): Promise<GroupReset[]> {
  const where = partitions.map(({ topic, partition }) => ({ topic, partition }));
  try {
    return await weir.admin.resetGroupOffsets(group, { partitions: where, to, dryRun: true, signal });
  } catch (error) {
    // Kafka's tool takes this for wrong usage.
    if (!(error instanceof WeirError) || error.code !== "INVALID_ARGUMENT") throw error;
    throw new UsageError(`Cannot shift offset: ${error.message}`);
  }
}

function planOf(resets: readonly GroupReset[], wanted: (reset: GroupReset) => number | null): GroupPlan {
  const notes = resets.flatMap((reset) => {
    const offset = wanted(reset);
    if (offset === null || offset === reset.offset) return [];
    const [side, end] = offset > reset.offset ? ["higher", "latest"] : ["lower", "earliest"];
    const where = `${reset.topic}-${reset.partition}`;
    return [
      `WARN New offset (${offset}) is ${side} than ${end} offset for topic partition ${where}. ` +
      `Value will be set to ${reset.offset}`,
    ];
  });
  const entries = resets.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
  return { entries, warnings: [], notes };
}
