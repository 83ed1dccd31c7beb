/**
 * AlterConfigs, key 33, versions 0 to 2: sets the settings of topics and of the
 * broker to exactly what is named; those that are not named fall back. Each
 * resource succeeds or fails on its own, and whole. Clients since Kafka 2.3 use
 * IncrementalAlterConfigs instead. KIP-133, KIP-339.
 */
import type { MessageOf } from "../../bytes/mod.ts";
import { defineApi } from "../api.ts";
import { changeResources, refuseSettings, type ResourceChange } from "../config_changes.ts";
import { ALTER_CONFIGS_REQUEST, ALTER_CONFIGS_RESPONSE } from "../schemas/alter_configs.ts";

type Resource = MessageOf<typeof ALTER_CONFIGS_REQUEST>["resources"][number];

export const alterConfigs = defineApi({
  key: 33,
  request: ALTER_CONFIGS_REQUEST,
  response: ALTER_CONFIGS_RESPONSE,
  versions: [0, 2],
  serve({ resources, validateOnly }, call) {
    const target = { broker: call.broker, nodeId: call.endpoint.nodeId, validateOnly };
    changeResources(resources.map(replacementOf), target, (responses) => call.answer({ responses }));
  },
});

function replacementOf({ resourceType, resourceName, configs }: Resource): ResourceChange {
  const settings = Object.fromEntries(configs.map(({ name, value }) => [name, value]));
  const change = refuseSettings(configs, () => false) ?? { settings, replaces: true };
  return { resourceType, resourceName, change };
}
