/**
 * `weir group ...`: list, describe, reset, delete. Data on standard output, what
 * was done in words on standard error.
 */
import type { ResetTarget } from "../client/mod.ts";
import type { Arguments } from "./arguments.ts";
import {
  type Command,
  CommandError,
  type Context,
  type ExitStatus,
  JSON_LINE,
  SERVER,
  UsageError,
} from "./command.ts";
import { countOf } from "./format.ts";
import { GROUP_STATES, knownNames } from "./group_states.ts";
import { describeGroupText, listGroupsText, resetGroupText } from "./group_words.ts";
import { terminalWidth } from "./output.ts";
import { parsePosition } from "./position.ts";
import { withBroker } from "./session.ts";

const GROUP = { name: "GROUP" };

export const list: Command = {
  operands: [],
  options: [
    {
      name: "state",
      value: "STATE",
      help: "only groups in this state, such as Stable or Empty",
      repeated: true,
    },
    JSON_LINE,
    SERVER,
  ],
  notes: ["A line a group, by name; with --json one line with an array of objects."],
  run: (given, context) => {
    const states = statesOf(given);
    return withBroker(given, context, async (weir) => {
      const groups = await weir.admin.listGroups({ states, signal: context.signal });
      if (given.has("json")) await context.output.write(`${JSON.stringify(groups)}\n`);
      else if (groups.length > 0) await context.output.write(listGroupsText(groups));
      else context.output.note(states.length === 0 ? "There are no groups" : "There are no such groups");
      return 0;
    });
  },
};

function statesOf(given: Arguments): string[] {
  return given.all("state").map((text) => {
    const [state] = knownNames([text], GROUP_STATES);
    if (state) return state;
    throw new UsageError(`--state must be one of ${GROUP_STATES.join(", ")}, not "${text}"`);
  });
}

export const describe: Command = {
  operands: [GROUP],
  options: [JSON_LINE, SERVER],
  notes: [
    "committed is the next record the group reads, lag how many records it has not done with, seconds the age of the " +
    "first of them; - stands for what is not known. On a narrow terminal member ids are shortened.",
  ],
  examples: ["weir group describe order-processor"],
  run: (given, context) =>
    withBroker(given, context, async ({ admin }) => {
      const { output, signal } = context;
      const group = given.operands[0]!;
      const detail = await admin.describeGroup(group, { signal });
      const lags = await admin.groupLag(group, { signal });
      if (given.has("json")) {
        const partitions = lags.map(({ owner, ...lag }) => ({ ...lag, owner: owner?.memberId ?? null }));
        await output.write(`${JSON.stringify({ ...detail, partitions })}\n`);
      } else await output.write(describeGroupText(detail, lags, terminalWidth()));
      return 0;
    }),
};

export const reset: Command = {
  operands: [GROUP],
  options: [
    { name: "topic", value: "TOPIC", help: "the topic to reset; required", repeated: true },
    { name: "partition", value: "P", help: "only this partition", repeated: true, fallback: "all of them" },
    { name: "to", value: "WHERE", help: "earliest, latest, an offset or an ISO time; required" },
    { name: "dry-run", help: "show what would be done, do nothing" },
    JSON_LINE,
    SERVER,
  ],
  notes: [
    "The group must have no members; one that is not there is made. An offset outside the log becomes its nearest " +
    "end, a time after the last record the end.",
  ],
  examples: [
    "weir group reset order-processor --topic orders --to earliest",
    "weir group reset order-processor --topic orders --to 2026-01-31T12:00:00Z --dry-run",
  ],
  run: runReset,
};

/** What a reset is told. */
interface ResetRequest {
  readonly group: string;
  readonly topics: readonly string[];
  /** Empty: all of them. */
  readonly partitions: readonly number[];
  readonly to: ResetTarget;
  readonly dryRun: boolean;
}

async function runReset(given: Arguments, context: Context): Promise<ExitStatus> {
  const request = resetRequest(given);
  const { group, topics, to, dryRun } = request;
  return await withBroker(given, context, async ({ admin }) => {
    const { output, signal } = context;
    const partitions = topics.flatMap((topic) =>
      request.partitions.map((partition) => ({ topic, partition }))
    );
    const scope = partitions.length > 0 ? { partitions } : { topics };
    const resets = await admin.resetGroupOffsets(group, { ...scope, to, dryRun, signal });
    await output.write(given.has("json") ? `${JSON.stringify(resets)}\n` : resetGroupText(resets));
    const done = dryRun ? "Would reset" : "Reset";
    output.note(`${done} ${countOf(resets.length, "partition")} of group "${group}"`);
    return 0;
  });
}

function resetRequest(given: Arguments): ResetRequest {
  const topics = [...new Set(given.all("topic"))];
  if (topics.length === 0) throw new UsageError("--topic TOPIC is missing");
  const to = given.text("to");
  if (to === undefined) {
    throw new UsageError("--to WHERE is missing: earliest, latest, an offset or an ISO time");
  }
  const partitions = given.all("partition").map((text) => {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new UsageError(`--partition must be a whole number of at least 0, not "${text}"`);
  });
  return {
    group: given.operands[0]!,
    topics,
    partitions: [...new Set(partitions)],
    to: parsePosition("to", to),
    dryRun: given.has("dry-run"),
  };
}

export const remove: Command = {
  operands: [{ ...GROUP, many: true }],
  options: [SERVER],
  notes: ["The groups must have no members. Their committed offsets go with them."],
  run: (given, context) =>
    withBroker(given, context, async ({ admin }) => {
      const groups = [...new Set(given.operands)];
      const results = await admin.deleteGroups(groups, { signal: context.signal });
      for (const { group, error } of results) {
        if (error === null) context.output.note(`Deleted group "${group}"`);
      }
      const failed = results.filter(({ error }) => error !== null);
      if (failed.length > 0) throw new CommandError(failed.map(({ error }) => error!.message).join("; "));
      return 0;
    }),
};
