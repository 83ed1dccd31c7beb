/**
 * ListConfigResources, key 74, versions 0 to 1: what has settings, by type; no
 * types are all of them. Version 0 is older and asks for client metrics alone.
 * There are topics and the broker; broker loggers, client metrics and groups have
 * no settings here. A type Kafka doesn't know is refused. KIP-714, KIP-1142.
 */
import { fault } from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { BROKER_RESOURCE, isEmptyResource, TOPIC_RESOURCE } from "../config_resources.ts";
import { errorCode } from "../faults.ts";
import {
  LIST_CONFIG_RESOURCES_REQUEST,
  LIST_CONFIG_RESOURCES_RESPONSE,
} from "../schemas/list_config_resources.ts";

export const listConfigResources = defineApi({
  key: 74,
  request: LIST_CONFIG_RESOURCES_REQUEST,
  response: LIST_CONFIG_RESOURCES_RESPONSE,
  versions: [0, 1],
  serve({ resourceTypes }, call) {
    if (call.version === 0) return call.answer({ configResources: [] });
    const odd = resourceTypes.find((type) => !isKnown(type));
    if (odd !== undefined) {
      const failed = fault("UNSUPPORTED_VERSION", `Resource type "${odd}" is unknown`);
      return call.answer({ errorCode: errorCode(failed), configResources: [] });
    }
    const isAsked = (type: number) => resourceTypes.length === 0 || resourceTypes.includes(type);
    const topics = isAsked(TOPIC_RESOURCE) ? [...call.broker.image().topics.keys()].sort() : [];
    const brokers = isAsked(BROKER_RESOURCE) ? [String(call.endpoint.nodeId)] : [];
    call.answer({
      configResources: [
        ...topics.map((resourceName) => ({ resourceName, resourceType: TOPIC_RESOURCE })),
        ...brokers.map((resourceName) => ({ resourceName, resourceType: BROKER_RESOURCE })),
      ],
    });
  },
});

function isKnown(type: number): boolean {
  return type === TOPIC_RESOURCE || type === BROKER_RESOURCE || isEmptyResource(type);
}
