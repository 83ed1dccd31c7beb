/**
 * DescribeConfigs, key 32, versions 1 to 4: the settings in force of topics and
 * of the broker, all or those named, with where each value comes from; synonyms,
 * types and documentation where asked for. The broker under its id shows all of
 * its settings, under the empty name only those changed while it runs. Broker
 * loggers, client metrics and groups have no settings here: an empty list.
 *
 * Not done: sensitive values, for there are none. KIP-133, KIP-226, KIP-569.
 */
import { type Fault, fault, type SettingDescription, type SettingsAnswer } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { configEntries } from "../config_entries.ts";
import { BROKER_RESOURCE, isEmptyResource, refuseResource, type ResourceName } from "../config_resources.ts";
import { errorCode, errorMessage, failureOf } from "../faults.ts";
import { DESCRIBE_CONFIGS_REQUEST, DESCRIBE_CONFIGS_RESPONSE } from "../schemas/describe_configs.ts";

export const describeConfigs = defineApi({
  key: 32,
  request: DESCRIBE_CONFIGS_REQUEST,
  response: DESCRIBE_CONFIGS_RESPONSE,
  versions: [1, 4],
  serve({ resources, includeSynonyms, includeDocumentation }, call) {
    const known = resources.map((resource) => knownAnswer(resource, call.endpoint.nodeId));
    const finish = (answerAt: (position: number) => SettingsAnswer) => {
      let next = 0;
      const results = resources.map((resource, position) => {
        const answer = known[position] ?? answerAt(next++);
        const { resourceType, resourceName, configurationKeys: keys } = resource;
        const shown = settingsShown(resource, answer.settings);
        return {
          errorCode: errorCode(answer.fault),
          errorMessage: errorMessage(answer.fault),
          resourceType,
          resourceName,
          configs: configEntries(shown, { keys, includeSynonyms, includeDocumentation }),
        };
      });
      call.answer({ results });
    };
    const asked = resources.filter((_, position) => known[position] === null).map(commandResource);
    if (asked.length === 0) return finish(() => nothing(null));
    call.broker.submit({ kind: "describe_settings", resources: asked }, (reply) => {
      if (reply.kind === "settings_described") return finish((position) => reply.resources[position]!);
      const failed = nothing(failureOf(reply));
      finish(() => failed);
    });
  },
});

function nothing(failed: Fault | null): SettingsAnswer {
  return { fault: failed, settings: [] };
}

/** The answer for what the broker need not be asked about, or `null`. */
function knownAnswer(resource: ResourceName, nodeId: number): SettingsAnswer | null {
  if (isEmptyResource(resource.resourceType)) {
    const isNamed = resource.resourceName !== "";
    return nothing(isNamed ? null : fault("INVALID_REQUEST", "The name of a resource is empty"));
  }
  const refused = refuseResource(resource, nodeId);
  return refused === null ? null : nothing(refused);
}

function commandResource({ resourceType, resourceName }: ResourceName) {
  return resourceType === BROKER_RESOURCE
    ? { kind: "broker" } as const
    : { kind: "topic", name: resourceName } as const;
}

function settingsShown(
  { resourceType, resourceName }: ResourceName,
  settings: readonly SettingDescription[],
) {
  if (resourceType !== BROKER_RESOURCE || resourceName !== "") return settings;
  return settings.filter(({ source }) => source === "dynamic");
}
