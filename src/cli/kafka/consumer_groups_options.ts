/**
 * The options of `kafka-consumer-groups`, and Kafka's rules of which of them stand
 * together, in its words. What the values mean is read here; nothing is asked.
 */
import type { Arguments } from "../arguments.ts";
import { type Option, UsageError } from "../command.ts";
import { GROUP_STATES, GROUP_TYPES, knownNames } from "../group_states.ts";
import { COMMON } from "./bootstrap.ts";
import { COMMAND_CONFIG } from "./client_settings.ts";
import { actionOf, refuseTogether } from "./run.ts";

const ACTIONS = ["list", "describe", "delete", "reset-offsets", "delete-offsets"] as const;

/** What `kafka-consumer-groups` can do. */
export type GroupsAction = typeof ACTIONS[number];

/** Where `--reset-offsets` can put a group, by the options that say so. */
const SCENARIOS = [
  "to-offset",
  "to-earliest",
  "to-current",
  "to-latest",
  "by-duration",
  "to-datetime",
  "from-file",
  "shift-by",
] as const;

export type Scenario = typeof SCENARIOS[number];

export const GROUPS_OPTIONS: readonly Option[] = [
  ...COMMON,
  COMMAND_CONFIG,
  { name: "list", help: "list the groups" },
  { name: "describe", help: "show where groups are and how far behind, their members, their state" },
  { name: "reset-offsets", help: "set where a group without members goes on" },
  { name: "delete", help: "delete groups without members" },
  { name: "delete-offsets", help: "delete committed offsets of topics" },
  { name: "group", value: "GROUP", help: "the group to act on", repeated: true },
  { name: "all-groups", help: "act on all groups" },
  {
    name: "topic",
    value: "TOPIC[:P,...]",
    help: "the topic to reset or to delete offsets of, all of it or some partitions",
    repeated: true,
  },
  { name: "all-topics", help: "reset all that the group has committed" },
  { name: "offsets", help: "with --describe: partition by partition, as without it" },
  { name: "members", help: "with --describe: who is in the group" },
  {
    name: "state",
    value: "STATE,...",
    optional: true,
    help: "with --describe: the group as a whole; with --list: show states, or only groups in these",
  },
  {
    name: "type",
    value: "TYPE,...",
    optional: true,
    help: "with --list: show types, or only groups of these: classic, consumer",
  },
  { name: "verbose", help: "with --describe: epochs and assignments too" },
  { name: "to-earliest", help: "go on at the first record there is" },
  { name: "to-latest", help: "go on at the end" },
  { name: "to-current", help: "go on where the group is, at the end where it has committed nothing" },
  { name: "to-offset", value: "OFFSET", help: "go on at an offset" },
  { name: "shift-by", value: "N", help: "go on so many records further, or before with -N" },
  {
    name: "to-datetime",
    value: "TIME",
    help: "go on at a time: YYYY-MM-DDThh:mm:ss.sss, UTC without a zone",
  },
  { name: "by-duration", value: "PnDTnHnMnS", help: "go on so long before now" },
  { name: "from-file", value: "FILE", help: "go on as a CSV file of --export says" },
  { name: "dry-run", help: "show what --reset-offsets would do; so it is without --execute" },
  { name: "execute", help: "do what --reset-offsets shows" },
  { name: "export", help: "show what --reset-offsets does as CSV" },
  { name: "timeout", value: "MS", help: "how long to wait for an answer", fallback: "30000" },
];

/** The action, after Kafka's checks. Throws {@linkcode UsageError} in Kafka's words. */
export function groupsAction(given: Arguments): GroupsAction {
  checkAvailable(given);
  if (given.has("describe")) checkDescribe(given);
  if (given.has("delete")) checkDelete(given);
  if (given.has("delete-offsets") && (!given.has("group") || !given.has("topic"))) {
    throw new UsageError("Option [delete-offsets] takes the following options: [group], [topic]");
  }
  if (given.has("reset-offsets")) checkReset(given);
  refuseTogether(given, "group", ["all-groups", "list"]);
  refuseTogether(given, "topic", ["list", "describe"]);
  return actionOf(given, ACTIONS);
}

/** Which options mean nothing without another one. */
function checkAvailable(given: Arguments): void {
  const alone = ["members", "verbose", "offsets"].filter((name) => given.has(name) && !given.has("describe"))
    .concat(given.has("state") && !given.has("describe") && !given.has("list") ? ["state"] : [])
    .concat(given.has("type") && !given.has("list") ? ["type"] : []);
  if (alone.length === 0) return;
  throw new UsageError(
    `Option(s) [${alone.join(", ")}] are unavailable given other options on the command line`,
  );
}

function checkDescribe(given: Arguments): void {
  checkScope(given, "describe");
  if (["members", "offsets", "state"].filter((name) => given.has(name)).length > 1) {
    throw new UsageError(
      "Option [describe] takes at most one of these options: [members], [offsets], [state]",
    );
  }
  if (given.text("state")) throw new UsageError("Option [describe] does not take a value for [state]");
}

function checkDelete(given: Arguments): void {
  checkScope(given, "delete");
  if (!given.has("topic")) return;
  throw new UsageError(
    "The consumer does not support topic-specific offset deletion from a consumer group.",
  );
}

function checkReset(given: Arguments): void {
  if (given.has("dry-run") && given.has("execute")) {
    throw new UsageError("Option [reset-offsets] only accepts one of [execute] and [dry-run]");
  }
  checkScope(given, "reset-offsets");
  for (const scenario of SCENARIOS) {
    refuseTogether(given, scenario, SCENARIOS.filter((other) => other !== scenario));
  }
  scenarioOf(given);
  if (given.has("all-topics") || given.has("topic") || given.has("from-file")) return;
  throw new UsageError("One of the reset scopes should be defined: --all-topics, --topic.");
}

function checkScope(given: Arguments, action: string): void {
  if (given.has("group") || given.has("all-groups")) return;
  throw new UsageError(`Option [${action}] takes one of these options: [group], [all-groups]`);
}

/** Where the group is to go on. Throws {@linkcode UsageError} when nothing says so. */
export function scenarioOf(given: Arguments): Scenario {
  const scenario = SCENARIOS.find((name) => given.has(name));
  if (scenario !== undefined) return scenario;
  const names = SCENARIOS.map((name) => `[${name}]`).join(", ");
  throw new UsageError(`Option '[reset-offsets]' requires one of the following scenarios: [${names}]`);
}

/** The filters of `--list`; without a value, no filter. */
export function listFilters(given: Arguments): { readonly states: string[]; readonly types: string[] } {
  return {
    states: namesOf(given.text("state"), GROUP_STATES, "state", "states"),
    types: namesOf(given.text("type"), GROUP_TYPES, "types", "types"),
  };
}

/** Throws {@linkcode UsageError} in Kafka's words. */
function namesOf(list: string | undefined, known: readonly string[], kind: string, kinds: string): string[] {
  if (list === undefined || list === "") return [];
  const names = knownNames(list.split(","), known);
  if (!names.includes(null)) return names as string[];
  throw new UsageError(`Invalid ${kind} list '${list}'. Valid ${kinds} are: ${known.join(", ")}`);
}

/** A topic of `--topic`, all of it (`null`) or some of its partitions. */
export interface TopicArgument {
  readonly topic: string;
  readonly partitions: readonly number[] | null;
}

/** Reads each `--topic TOPIC[:P,...]`. Throws {@linkcode UsageError} in Kafka's words. */
export function topicArguments(given: Arguments): TopicArgument[] {
  return given.all("topic").map((text) => {
    const parts = text.split(":");
    const [topic, list] = parts;
    if (list === undefined) return { topic: text, partitions: null };
    if (parts.length !== 2 || topic === "" || list === "") {
      throw new UsageError(`Invalid topic arg '${text}', expected topic name and partitions`);
    }
    const partitions = list.split(",").map((partition) => {
      if (/^\d{1,9}$/.test(partition)) return Number(partition);
      throw new UsageError(`Invalid partition '${partition}' specified in topic arg '${text}''`);
    });
    return { topic: topic!, partitions };
  });
}
