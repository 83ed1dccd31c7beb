/**
 * `kafka-consumer-groups --reset-offsets`: plans every group that has no members,
 * shows the plan as a table or CSV, and with `--execute` commits it.
 */
import type { Weir } from "../../client/mod.ts";
import { WeirError } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import type { Context, ExitStatus } from "../command.ts";
import { groupsMeant } from "./groups_meant.ts";
import { csvOf, type NewOffset } from "./reset_file.ts";
import { planReset, type ResetWish, resetWish } from "./reset_plan.ts";
import { resetText } from "./reset_words.ts";

const DRY_RUN_WARNING =
  "WARN: No action will be performed as the --execute option is missing. Add --dry-run to say so, or --execute to " +
  "do what is shown.";

export async function resetOffsets(weir: Weir, given: Arguments, context: Context): Promise<ExitStatus> {
  const { output } = context;
  if (!given.has("dry-run") && !given.has("execute")) output.note(DRY_RUN_WARNING);
  const wish = await resetWish(given);
  const plan = new Map<string, readonly NewOffset[]>();
  let status: ExitStatus = 0;
  for (const group of await groupsMeant(weir, given, context)) {
    const entries = await resetGroup(weir, group, wish, given.has("execute"), context);
    plan.set(group, entries ?? []);
    if (entries === null) status = 1;
  }
  const withGroups = given.all("group").length !== 1;
  await output.write(given.has("export") ? `${csvOf(plan, withGroups)}\n` : resetText(plan));
  return status;
}

/** The group's new offsets, committed where it is to be; `null` when it has members, which is said. */
async function resetGroup(
  weir: Weir,
  group: string,
  wish: ResetWish,
  executes: boolean,
  { output, signal }: Context,
): Promise<readonly NewOffset[] | null> {
  const state = await stateOf(weir, group, signal);
  if (state !== "Empty" && state !== "Dead") {
    const words = `Assignments can only be reset if the group '${group}' is inactive`;
    output.note(`\nError: ${words}, but the current state is ${state}.`);
    return null;
  }
  const { entries, warnings, notes } = await planReset(weir, group, wish, signal);
  for (const note of notes) output.note(note);
  await output.write(warnings.join(""));
  if (executes) await weir.admin.alterGroupOffsets(group, entries, { signal });
  return entries.toSorted(byName);
}

/** A group that is not there has no members either: its offsets make it one. */
async function stateOf(weir: Weir, group: string, signal: AbortSignal): Promise<string> {
  try {
    return (await weir.admin.describeGroup(group, { signal })).state;
  } catch (error) {
    if (error instanceof WeirError && error.code === "GROUP_ID_NOT_FOUND") return "Dead";
    throw error;
  }
}

function byName(one: NewOffset, other: NewOffset): number {
  if (one.topic !== other.topic) return one.topic < other.topic ? -1 : 1;
  return one.partition - other.partition;
}
