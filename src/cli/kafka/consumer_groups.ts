/**
 * `weir kafka-consumer-groups`: Kafka's command of that name, flags, output and
 * all: list, describe, reset, delete. Tables on standard output as Kafka prints
 * them; what failed on standard error, with status 1 where Kafka's ends with 0.
 */
import { type GroupDetail, type Weir, WeirError } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import { type Command, type Context, type ExitStatus } from "../command.ts";
import { GROUPS_OPTIONS, type GroupsAction, groupsAction, listFilters } from "./consumer_groups_options.ts";
import { listText, membersText, offsetsText, stateText, stateWarning } from "./consumer_groups_words.ts";
import { deleteOffsets } from "./delete_group_offsets.ts";
import { memberRows, offsetRows, stateRow } from "./group_rows.ts";
import { groupsMeant, isOfConsumers } from "./groups_meant.ts";
import { resetOffsets } from "./reset_offsets.ts";
import { quotedNames } from "./reset_words.ts";
import { reporting, withAdmin } from "./run.ts";

export const kafkaConsumerGroups: Command = {
  operands: [],
  options: GROUPS_OPTIONS,
  notes: [
    "CURRENT-OFFSET is the next record the group reads, LAG how many records it has not done with; - stands for what " +
    "is not known. --reset-offsets needs a group without members, and does nothing without --execute.",
    "The CSV of --export and --from-file: topic,partition,offset a line, with the group before it for several groups.",
  ],
  examples: [
    "weir kafka-consumer-groups --list --state --bootstrap-server localhost:9092",
    "weir kafka-consumer-groups --describe --group order-processor --bootstrap-server localhost:9092",
    "weir kafka-consumer-groups --reset-offsets --group order-processor --topic orders --to-earliest --execute " +
    "--bootstrap-server localhost:9092",
  ],
  run: (given, context) => {
    const action = groupsAction(given);
    const timeoutMs = given.integer("timeout", 1);
    const own = timeoutMs === undefined ? {} : { requestTimeoutMs: timeoutMs };
    const act = (weir: Weir) => ACTIONS[action](weir, given, context);
    const words = "\nError: Executing consumer group command failed due to ";
    return reporting(context, words, () => withAdmin(given, context, act, own));
  },
};

const ACTIONS: Readonly<
  Record<GroupsAction, (weir: Weir, given: Arguments, context: Context) => Promise<ExitStatus>>
> = { list, describe, "reset-offsets": resetOffsets, delete: remove, "delete-offsets": deleteOffsets };

async function list(weir: Weir, given: Arguments, { output, signal }: Context): Promise<ExitStatus> {
  const { states, types } = listFilters(given);
  const listed = await weir.admin.listGroups({ states, types, signal });
  const groups = listed.filter(isOfConsumers);
  await output.write(listText(groups, { type: given.has("type"), state: given.has("state") }));
  return 0;
}

async function describe(weir: Weir, given: Arguments, context: Context): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  for (const group of (await groupsMeant(weir, given, context)).sort()) {
    const detail = await detailOf(weir, group, context);
    if (detail === null) status = 1;
    else await describeGroup(weir, detail, given, context);
  }
  return status;
}

/** The group, or `null` where there is none, which is said. */
async function detailOf(
  weir: Weir,
  group: string,
  { output, signal }: Context,
): Promise<GroupDetail | null> {
  try {
    return await weir.admin.describeGroup(group, { signal });
  } catch (error) {
    if (!(error instanceof WeirError) || error.code !== "GROUP_ID_NOT_FOUND") throw error;
    output.note(`\nError: Consumer group '${group}' does not exist.`);
    return null;
  }
}

async function describeGroup(
  weir: Weir,
  detail: GroupDetail,
  given: Arguments,
  { output, signal }: Context,
): Promise<void> {
  const { group } = detail;
  const warning = stateWarning(group, detail.state);
  if (warning !== null) output.note(warning);
  const verbose = given.has("verbose");
  if (given.has("members")) return await output.write(membersText(group, memberRows(detail), verbose));
  if (given.has("state")) return await output.write(stateText(stateRow(detail), verbose));
  const rows = offsetRows(detail, await weir.admin.groupLag(group, { signal }));
  if (rows.length > 0) await output.write(offsetsText(group, rows, verbose));
}

async function remove(weir: Weir, given: Arguments, context: Context): Promise<ExitStatus> {
  const { output, signal } = context;
  const groups = await groupsMeant(weir, given, context);
  const results = await weir.admin.deleteGroups(groups, { signal });
  const failed = results.filter(({ error }) => error !== null);
  const deleted = quotedNames(results.filter(({ error }) => error === null).map(({ group }) => group));
  if (failed.length === 0) {
    await output.write(`Deletion of requested consumer groups (${deleted}) was successful.\n`);
    return 0;
  }
  output.note("\nError: Deletion of some consumer groups failed:");
  for (const { group, error } of failed) {
    output.note(`* Group '${group}' could not be deleted due to: ${error!.message}`);
  }
  if (deleted !== "") await output.write(`\nThese consumer groups were deleted successfully: ${deleted}\n`);
  return 1;
}
