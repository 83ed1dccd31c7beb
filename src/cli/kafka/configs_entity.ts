/**
 * The options of `kafka-configs` and what they name: whose settings, and what
 * becomes of them. Kafka's rules of which options stand together, and its words.
 */
import type { Arguments } from "../arguments.ts";
import { CommandError, type Option, UsageError } from "../command.ts";
import { COMMON } from "./bootstrap.ts";
import { COMMAND_CONFIG } from "./client_settings.ts";
import { type Properties, readProperties } from "./properties.ts";
import { actionOf, refuseTogether } from "./run.ts";

/** What kinds of settings there are here. */
export type EntityType = "topics" | "brokers";

/** Whose settings: of one topic or broker, of the default, or (without a name) of all. */
export interface Entity {
  readonly type: EntityType;
  /** Empty for the default; `null` for all. */
  readonly name: string | null;
}

/** Kafka's other kinds, by the options that name them. */
const UNSERVED = {
  client: "clients",
  "client-defaults": "clients",
  user: "users",
  "user-defaults": "users",
  "broker-logger": "broker-loggers",
  ip: "ips",
  "ip-defaults": "ips",
  "client-metrics": "client-metrics",
  group: "groups",
} as const;

const SHORTHANDS = ["topic", "broker", "broker-defaults", ...Object.keys(UNSERVED)];
const TYPES = ["topics", "clients", "users", "brokers", "broker-loggers", "ips", "client-metrics", "groups"];

export const CONFIGS_OPTIONS: readonly Option[] = [
  ...COMMON,
  COMMAND_CONFIG,
  { name: "describe", help: "show settings" },
  { name: "alter", help: "change settings" },
  { name: "entity-type", value: "TYPE", help: "topics or brokers", repeated: true },
  { name: "entity-name", value: "NAME", help: "a topic's name, or a broker's id", repeated: true },
  { name: "entity-default", help: "the default of all brokers" },
  { name: "topic", value: "TOPIC", help: "the same as --entity-type topics --entity-name TOPIC" },
  { name: "broker", value: "ID", help: "the same as --entity-type brokers --entity-name ID" },
  { name: "broker-defaults", help: "the same as --entity-type brokers --entity-default" },
  { name: "all", help: "with --describe: also settings that nobody changed" },
  { name: "add-config", value: "K=V,...", help: "settings to change; K=[V,V] where a value has commas" },
  { name: "add-config-file", value: "FILE", help: "properties file with settings to change" },
  { name: "delete-config", value: "K,...", help: "settings to take back to their default", repeated: true },
  { name: "force", help: "taken, and means nothing: nothing is ever asked" },
  ...Object.entries(UNSERVED).map(([name, type]): Option => ({
    name,
    ...(name.endsWith("-defaults") ? {} : { value: "NAME" }),
    help: `settings of ${type} (not served)`,
  })),
];

/** The action and its entity. Throws {@linkcode UsageError} in Kafka's words. */
export function configsAction(given: Arguments): { action: "describe" | "alter"; entity: Entity } {
  const action = actionOf(given, ["describe", "alter"] as const);
  refuseTogether(given, "describe", ["add-config", "add-config-file", "delete-config"]);
  const entity = entityOf(given);
  if (entity.type === "brokers" && entity.name !== null && !/^(-?\d+)?$/.test(entity.name)) {
    throw new UsageError(
      `The entity name for brokers must be a valid integer broker id, but it is: ${entity.name}`,
    );
  }
  if (entity.type === "topics" && entity.name === "") {
    throw new UsageError(`--entity-default must not be specified with --${action} of topics`);
  }
  if (action === "alter") checkAlter(given, entity);
  return { action, entity };
}

function checkAlter(given: Arguments, { type, name }: Entity): void {
  if (name === null && type === "topics") {
    throw new UsageError("An entity name must be specified with --alter of topics");
  }
  if (name === null) {
    throw new UsageError(
      "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips",
    );
  }
  if (given.has("add-config") && given.has("add-config-file")) {
    throw new UsageError("Only one of --add-config or --add-config-file must be specified");
  }
  if (given.has("add-config") || given.has("add-config-file") || given.has("delete-config")) return;
  throw new UsageError(
    "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter",
  );
}

function entityOf(given: Arguments): Entity {
  const shorthands = SHORTHANDS.filter((name) => given.has(name));
  const isSpelt = ["entity-type", "entity-name", "entity-default"].some((name) => given.has(name));
  if (isSpelt && shorthands.length > 0) {
    throw new UsageError(
      "--entity-{type,name,default} should not be used in conjunction with specific entity flags",
    );
  }
  const types = [...given.all("entity-type"), ...shorthands.map(typeOfShorthand)];
  if (types.length === 0) throw new UsageError("At least one entity type must be specified");
  const unserved = types.find((type) => type !== "topics" && type !== "brokers");
  if (unserved !== undefined) throw unservedError(unserved);
  if (types.length > 1) {
    throw new UsageError("Only 'users' and 'clients' entity types may be specified together");
  }
  const name = given.text("entity-name") ?? given.text("topic") ?? given.text("broker");
  const isDefault = given.has("entity-default") || given.has("broker-defaults");
  return { type: types[0] as EntityType, name: name ?? (isDefault ? "" : null) };
}

function typeOfShorthand(name: string): string {
  if (name === "topic") return "topics";
  return name in UNSERVED ? UNSERVED[name as keyof typeof UNSERVED] : "brokers";
}

function unservedError(type: string): Error {
  if (TYPES.includes(type)) {
    return new CommandError(`Settings of ${type} are not served yet: topics and brokers are`);
  }
  return new UsageError(
    `Invalid entity type ${type}, the entity type must be one of ${
      TYPES.join(", ")
    } with a --bootstrap-server or ` +
      "--bootstrap-controller argument",
  );
}

/** Settings to change and settings to take back (`null`), as `--alter` was told. */
export async function changesOf(given: Arguments): Promise<Map<string, string | null>> {
  const changes = new Map<string, string | null>();
  for (const list of given.all("delete-config")) {
    for (const name of list.split(",")) changes.set(name.trim(), null);
  }
  const file = given.text("add-config-file");
  const added: Properties = file === undefined
    ? parseAssignments(given.text("add-config") ?? "")
    : await readProperties(file);
  for (const [name, value] of added) {
    if (!/^[a-zA-Z0-9._-]*$/.test(name)) {
      throw new CommandError(`Invalid character found for config key: ${name}`);
    }
    changes.set(name, value);
  }
  return changes;
}

/**
 * Reads `k1=v1,k2=[v1,v2],k3=`: brackets keep a value with commas together.
 *
 * @example
 * ```ts
 * parseAssignments("cleanup.policy=[compact,delete],retention.ms=1"); // two settings
 * ```
 */
export function parseAssignments(list: string): Map<string, string> {
  const outside = "(?=[^\\]]*(?:\\[|$))";
  const assignments = new Map<string, string>();
  if (list === "") return assignments;
  for (const part of list.split(new RegExp(`,${outside}`))) {
    const pair = part.split(new RegExp(`\\s*=\\s*${outside}`));
    if (pair.length !== 2) {
      throw new CommandError(
        'Invalid entity config: all configs to be added must be in the format "key=val".',
      );
    }
    assignments.set(pair[0]!.trim(), pair[1]!.replaceAll(/[[\]]/g, "").trim());
  }
  return assignments;
}
