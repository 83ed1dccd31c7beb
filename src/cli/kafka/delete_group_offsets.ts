/**
 * `kafka-consumer-groups --delete-offsets`: forgets what one group has committed
 * in topics, all of them or some partitions, and says how it went one by one.
 */
import { type TopicPartition, type Weir, WeirError } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import type { Context, ExitStatus } from "../command.ts";
import { type TopicArgument, topicArguments } from "./consumer_groups_options.ts";
import { deletedOffsetsText, type PartitionResultView } from "./reset_words.ts";

export async function deleteOffsets(
  weir: Weir,
  given: Arguments,
  { output, signal }: Context,
): Promise<ExitStatus> {
  const group = given.text("group")!;
  const { partitions, missing } = await partitionsOf(weir, topicArguments(given), signal);
  const { results, failure } = await forget(weir, group, partitions, signal);
  if (failure !== null) output.note(`\nError: ${failure.message}`);
  else if (results.some(({ error }) => error !== null)) {
    output.note("\nError: Encountered some partition-level error, see the follow-up details.");
  } else await output.write(`Request succeeded for deleting offsets from group ${group}.\n`);
  await output.write(deletedOffsetsText([...results, ...missing]));
  return [...results, ...missing].some(({ error }) => error !== null) ? 1 : 0;
}

interface Forgotten {
  readonly results: readonly PartitionResultView[];
  /** Of the group as a whole. */
  readonly failure: WeirError | null;
}

async function forget(
  weir: Weir,
  group: string,
  partitions: readonly TopicPartition[],
  signal: AbortSignal,
): Promise<Forgotten> {
  if (partitions.length === 0) return { results: [], failure: null };
  try {
    return { results: await weir.admin.deleteGroupOffsets(group, partitions, { signal }), failure: null };
  } catch (error) {
    if (!(error instanceof WeirError) || error.code === "ABORTED") throw error;
    return { results: partitions.map((where) => ({ ...where, error })), failure: error };
  }
}

/** The partitions that are meant, and the topics that are not there. */
async function partitionsOf(
  weir: Weir,
  topics: readonly TopicArgument[],
  signal: AbortSignal,
): Promise<{ readonly partitions: TopicPartition[]; readonly missing: PartitionResultView[] }> {
  const known = await weir.admin.listTopics({ internal: true, signal });
  const missing: PartitionResultView[] = [];
  const partitions = topics.flatMap(({ topic, partitions }) => {
    const there = known.find(({ name }) => name === topic)?.partitions.map(({ partition }) => partition);
    const meant = partitions ?? there;
    if (meant === undefined) {
      const error = new Error(`Topic "${topic}" does not exist`);
      missing.push({ topic, partition: -1, error });
    }
    return (meant ?? []).map((partition) => ({ topic, partition }));
  });
  return { partitions, missing };
}
