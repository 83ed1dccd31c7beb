/**
 * `weir kafka-configs`: settings of topics and of the broker, shown and changed
 * while it runs, as in Kafka's command of that name.
 */
import type { Weir } from "../../client/mod.ts";
import type { SettingDescription } from "../../model/mod.ts";
import type { Arguments } from "../arguments.ts";
import { type Command, CommandError, type Context, type ExitStatus } from "../command.ts";
import { changesOf, CONFIGS_OPTIONS, configsAction, type Entity } from "./configs_entity.ts";
import { completedText, configsText, DYNAMIC_SOURCE } from "./configs_words.ts";
import { reporting, withAdmin } from "./run.ts";

export const kafkaConfigs: Command = {
  operands: [],
  options: CONFIGS_OPTIONS,
  notes: [
    "Changes take effect at once, without a restart. A broker's settings are those topics fall back on; one broker's " +
    "own and the default of all brokers are the same here.",
  ],
  examples: [
    "weir kafka-configs --describe --topic orders --bootstrap-server localhost:9092",
    "weir kafka-configs --alter --entity-type topics --entity-name orders --add-config " +
    "retention.ms=3600000,cleanup.policy=[compact,delete] --bootstrap-server localhost:9092",
  ],
  run: (given, context) => {
    return reporting(context, "Error while executing config command: ", () => {
      const { action, entity } = configsAction(given);
      const act = action === "describe" ? describe : alter;
      return withAdmin(given, context, (weir) => act(weir, entity, given, context));
    });
  },
};

async function describe(
  weir: Weir,
  entity: Entity,
  given: Arguments,
  { output, signal }: Context,
): Promise<ExitStatus> {
  for (const name of entity.name === null ? await allNames(weir, entity, signal) : [entity.name]) {
    const settings = await settingsOf(weir, { ...entity, name }, signal);
    await output.write(configsText(entity.type, name, given.has("all"), settings));
  }
  return 0;
}

async function alter(
  weir: Weir,
  entity: Entity,
  given: Arguments,
  { output, signal }: Context,
): Promise<ExitStatus> {
  const changes = await changesOf(given);
  const current = await settingsOf(weir, entity, signal);
  const own = current.filter(({ source }) => source === DYNAMIC_SOURCE[entity.type]).map(({ name }) => name);
  const absent = [...changes].filter(([name, value]) => value === null && !own.includes(name));
  if (absent.length > 0) {
    throw new CommandError(`Invalid config(s): ${absent.map(([name]) => name).join(",")}`);
  }
  await change(weir, entity, Object.fromEntries(changes), signal);
  await output.write(completedText(entity.type, entity.name!));
  return 0;
}

async function allNames(weir: Weir, { type }: Entity, signal: AbortSignal): Promise<string[]> {
  if (type === "brokers") return [String(weir.broker.node), ""];
  return (await weir.admin.listTopics({ internal: true, signal })).map(({ name }) => name);
}

async function settingsOf(
  weir: Weir,
  { type, name }: Entity,
  signal: AbortSignal,
): Promise<readonly SettingDescription[]> {
  if (type === "brokers") checkBroker(weir, name!);
  return await weir.admin.describeSettings(type === "topics" ? name! : null, { signal });
}

async function change(
  weir: Weir,
  { type, name }: Entity,
  settings: Readonly<Record<string, string | null>>,
  signal: AbortSignal,
): Promise<void> {
  if (type === "topics") await weir.admin.alterTopic(name!, settings, { signal });
  else await weir.admin.alterBroker(settings, { signal });
}

function checkBroker(weir: Weir, id: string): void {
  if (id === "" || Number(id) === weir.broker.node) return;
  throw new CommandError(`There is no broker with id "${id}": broker ${weir.broker.node} is the only one`);
}
