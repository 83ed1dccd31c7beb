/** What the coordinator's tests share: a broker's settings, ids that count, commands in short, a coordinator on a disk. */
import assert from "node:assert/strict";
import { Coordinator, openCoordinator } from "../../../src/coordinator/mod.ts";
import type {
  CoordinatorCommand,
  CoordinatorInput,
  CoordinatorOutput,
  CoordinatorSettings,
  NewTopic,
  TopicAnswer,
} from "../../../src/model/mod.ts";
import type { Disk } from "../../../src/storage/mod.ts";
import { GROUP_SETTINGS } from "./groups/settings.ts";

export const SETTINGS: CoordinatorSettings = {
  nodeId: 1,
  partitionsDefault: 2,
  replicationFactorDefault: 1,
  deletionEnabled: true,
  groups: GROUP_SETTINGS,
  given: {},
};

export const NOW_MS = 1_700_000_000_000;

let idsGiven = 0;

/** Ids that count up, never the same twice in one process. */
export function newId(): string {
  return (idsGiven++).toString(16).padStart(21, "A").replaceAll(/[^0-9a-fA-F]/g, "A") + "A";
}

/** A command that creates one topic; what is not said is the default. */
export function create(name: string, topic: Partial<NewTopic> = {}): CoordinatorCommand {
  const whole = { name, partitions: -1, replicationFactor: -1, assignments: null, settings: {}, ...topic };
  return { kind: "create_topics", topics: [whole], validateOnly: false };
}

export interface OpenOptions {
  readonly clean?: boolean;
  readonly recoveryPoint?: number;
  readonly snapshotBytesMin?: number;
  readonly settings?: CoordinatorSettings;
}

/** Opens the coordinator whose journal lies on `disk`. Fails the test when it is refused. */
export function open(
  disk: Disk,
  options: OpenOptions = {},
): { coordinator: Coordinator; report: readonly string[] } {
  const { coordinator, output } = openOutput(disk, options);
  assert(coordinator !== null && output.kind === "ready", output.kind === "refused" ? output.message : "");
  return { coordinator, report: output.report };
}

/** The same, whatever comes of it. */
export function openOutput(disk: Disk, options: OpenOptions = {}) {
  // The data directory itself is there, and durable, before a coordinator is started.
  disk.makeDirectory("data");
  disk.syncDirectory("");
  const { settings = SETTINGS, clean = false, recoveryPoint = 0, snapshotBytesMin = 1_048_576 } = options;
  const journal = { disk, dataDirectory: "data", clean, recoveryPoint, snapshotBytesMin };
  return openCoordinator({ journal, settings, newId }, NOW_MS);
}

/** Sends commands in one turn and gives the answers of each; of those that are not about topics there are none. */
export function decide(
  coordinator: Coordinator,
  ...commands: CoordinatorCommand[]
): (readonly TopicAnswer[])[] {
  const inputs: CoordinatorInput[] = commands.map((command, id) => ({ kind: "decide", id, command }));
  return decided(coordinator.turn(inputs, NOW_MS)).map(({ reply }) => {
    return reply.kind === "topics_changed" ? reply.topics : [];
  });
}

export function decided(outputs: readonly CoordinatorOutput[]) {
  return outputs.filter((output) => output.kind === "decided");
}

/** Stops it cleanly; gives the recovery point. */
export function stop(coordinator: Coordinator): number {
  const output = coordinator.turn([{ kind: "stop", id: 99 }], NOW_MS).at(-1);
  assert(output?.kind === "stopped");
  return output.recoveryPoint;
}
