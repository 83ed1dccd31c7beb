/**
 * What settings hang on, as Kafka's messages name it: a type's number and a name.
 * Here these are topics and the one broker, under its id or, as the default of
 * all brokers, under the empty name: both mean the same settings. Source:
 * `ConfigResource.Type` of Apache Kafka. Called by the APIs on settings.
 */
import { type Fault, fault } from "../model/mod.ts";

export const TOPIC_RESOURCE = 2;
export const BROKER_RESOURCE = 4;
/** Types Kafka has besides, of which nothing exists here: broker loggers, client metrics, groups. */
const EMPTY_RESOURCES: ReadonlySet<number> = new Set([8, 16, 32]);

/** A resource by Kafka's number and its name. */
export interface ResourceName {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** True for a type that Kafka has and of which there is nothing here. */
export function isEmptyResource(type: number): boolean {
  return EMPTY_RESOURCES.has(type);
}

/** Why there is no such resource as far as the door can tell, or `null`; whether a topic exists is not its matter. */
export function refuseResource({ resourceType, resourceName }: ResourceName, nodeId: number): Fault | null {
  if (resourceType === TOPIC_RESOURCE) return null;
  if (resourceType !== BROKER_RESOURCE) {
    const words =
      `Resource type "${resourceType}" has no settings here, wanted is ${TOPIC_RESOURCE} (topic) ` +
      `or ${BROKER_RESOURCE} (broker)`;
    return fault("INVALID_REQUEST", words);
  }
  if (resourceName === "" || resourceName === String(nodeId)) return null;
  return fault(
    "INVALID_REQUEST",
    `Broker "${resourceName}" is not here, wanted is "${nodeId}" or an empty name`,
  );
}
