/**
 * Changes to the settings of several resources, each of which succeeds or fails
 * on its own: topics go into one command, the broker into one of its own for each
 * name it has. The answer waits for all of them. Called by AlterConfigs and
 * IncrementalAlterConfigs.
 */
import { type Command, type Fault, fault, type Reply, type SettingsChange } from "../model/mod.ts";
import type { KafkaBroker } from "./api.ts";
import { refuseResource, type ResourceName, TOPIC_RESOURCE } from "./config_resources.ts";
import { errorCode, errorMessage, failureOf } from "./faults.ts";

/** A resource with what becomes of its settings, or why nothing does. */
export interface ResourceChange extends ResourceName {
  readonly change: SettingsChange | Fault;
}

/** One resource's answer, as both messages have it. */
interface ResourceAnswer extends ResourceName {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** Where the change is done, and how. */
interface Target {
  readonly broker: KafkaBroker;
  readonly nodeId: number;
  readonly validateOnly: boolean;
}

/** A command, and the positions of the resources it is about. */
interface Part {
  readonly command: Command;
  readonly positions: readonly number[];
}

/** The fault of a setting named more than once for one resource, or of one without a value where one is wanted. */
export function refuseSettings(
  settings: readonly { readonly name: string; readonly value: string | null }[],
  mayBeNull: (position: number) => boolean,
): Fault | null {
  const seen = new Set<string>();
  for (const [position, { name, value }] of settings.entries()) {
    if (seen.has(name)) return fault("INVALID_REQUEST", `Setting "${name}" is changed more than once`);
    seen.add(name);
    if (value === null && !mayBeNull(position)) {
      return fault("INVALID_REQUEST", `Setting "${name}" is null, wanted is a value`);
    }
  }
  return null;
}

/** Changes settings; calls `done` once, with an answer for each resource in its place. */
export function changeResources(
  resources: readonly ResourceChange[],
  target: Target,
  done: (answers: readonly ResourceAnswer[]) => void,
): void {
  const faults = refusalsOf(resources, target.nodeId);
  const parts = partsOf(resources, faults, target.validateOnly);
  let left = parts.length;
  const finish = () => done(resources.map((resource, position) => answerOf(resource, faults[position]!)));
  if (left === 0) return finish();
  for (const { command, positions } of parts) {
    target.broker.submit(command, (reply) => {
      for (const [index, position] of positions.entries()) faults[position] = faultOf(reply, index);
      if (--left === 0) finish();
    });
  }
}

function refusalsOf(resources: readonly ResourceChange[], nodeId: number): (Fault | null)[] {
  const keyOf = ({ resourceType, resourceName }: ResourceName) => `${resourceType} ${resourceName}`;
  const counts = new Map<string, number>();
  for (const resource of resources) counts.set(keyOf(resource), (counts.get(keyOf(resource)) ?? 0) + 1);
  return resources.map((resource) => {
    if (counts.get(keyOf(resource))! > 1) {
      const words = `Resource "${resource.resourceName}" is named more than once in one request`;
      return fault("INVALID_REQUEST", words);
    }
    return refuseResource(resource, nodeId) ?? ("code" in resource.change ? resource.change : null);
  });
}

function partsOf(
  resources: readonly ResourceChange[],
  faults: readonly (Fault | null)[],
  validateOnly: boolean,
): Part[] {
  const topics: (SettingsChange & { readonly name: string })[] = [];
  const topicPositions: number[] = [];
  const parts: Part[] = [];
  for (const [position, { resourceType, resourceName, change }] of resources.entries()) {
    if (faults[position] !== null || "code" in change) continue;
    if (resourceType === TOPIC_RESOURCE) {
      topics.push({ ...change, name: resourceName });
      topicPositions.push(position);
    } else {
      parts.push({ command: { ...change, kind: "alter_broker", validateOnly }, positions: [position] });
    }
  }
  if (topics.length === 0) return parts;
  return [{ command: { kind: "alter_topics", topics, validateOnly }, positions: topicPositions }, ...parts];
}

function faultOf(reply: Reply, index: number): Fault | null {
  if (reply.kind === "broker_altered") return null;
  return reply.kind === "topics_changed" ? reply.topics[index]!.fault : failureOf(reply);
}

function answerOf({ resourceType, resourceName }: ResourceChange, wrong: Fault | null): ResourceAnswer {
  return { resourceType, resourceName, errorCode: errorCode(wrong), errorMessage: errorMessage(wrong) };
}
