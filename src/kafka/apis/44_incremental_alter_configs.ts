/**
 * IncrementalAlterConfigs, key 44, versions 0 to 1: changes the settings that are
 * named, of topics and of the broker, and leaves the others: set (0), reset (1),
 * append to a list (2), take out of a list (3). Each resource succeeds or fails
 * on its own, and whole.
 *
 * Not done: broker loggers, client metrics and groups, which are refused. KIP-339.
 */
import type { MessageOf } from "../../bytes/mod.ts";
import { type Fault, fault, type SettingsChange } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { changeResources, refuseSettings } from "../config_changes.ts";
import {
  INCREMENTAL_ALTER_CONFIGS_REQUEST,
  INCREMENTAL_ALTER_CONFIGS_RESPONSE,
} from "../schemas/incremental_alter_configs.ts";

type Resource = MessageOf<typeof INCREMENTAL_ALTER_CONFIGS_REQUEST>["resources"][number];
type Config = Resource["configs"][number];

const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;

export const incrementalAlterConfigs = defineApi({
  key: 44,
  request: INCREMENTAL_ALTER_CONFIGS_REQUEST,
  response: INCREMENTAL_ALTER_CONFIGS_RESPONSE,
  versions: [0, 1],
  serve({ resources, validateOnly }, call) {
    const target = { broker: call.broker, nodeId: call.endpoint.nodeId, validateOnly };
    const changes = resources.map(({ resourceType, resourceName, configs }) => (
      { resourceType, resourceName, change: refuse(configs) ?? changeOf(configs) }
    ));
    changeResources(changes, target, (responses) => call.answer({ responses }));
  },
});

function refuse(configs: readonly Config[]): Fault | null {
  const odd = configs.find(({ configOperation }) => configOperation < SET || configOperation > SUBTRACT);
  if (odd !== undefined) {
    const words =
      `Operation "${odd.configOperation}" on setting "${odd.name}" is unknown, wanted is ${SET} to ` +
      SUBTRACT;
    return fault("INVALID_REQUEST", words);
  }
  return refuseSettings(configs, (position) => configs[position]!.configOperation === DELETE);
}

function changeOf(configs: readonly Config[]): SettingsChange {
  const named = (operation: number) => configs.filter(({ configOperation }) => configOperation === operation);
  const texts = (operation: number) => named(operation).map(({ name, value }) => [name, value!] as const);
  const resets = named(DELETE).map(({ name }) => [name, null] as const);
  return {
    settings: Object.fromEntries<string | null>([...texts(SET), ...resets]),
    append: Object.fromEntries(texts(APPEND)),
    subtract: Object.fromEntries(texts(SUBTRACT)),
  };
}
