/**
 * A small data directory as a broker leaves it after a clean stop, made by the broker's own parts over a
 * disk in memory: a topic of two partitions (segments, two producers, two leader epochs, a trimmed start), one
 * of a compacted topic (a segment that was cleaned and swapped in, with gaps),
 * committed offsets, metadata with two snapshots, checkpoints, meta.properties.
 */
import assert from "node:assert/strict";
import { Checkpoints } from "../../../src/checkpoints.ts";
import { type Coordinator, openCoordinator } from "../../../src/coordinator/mod.ts";
import { Cleaning, findCleanable, type LogOpenOptions, openLog } from "../../../src/log/mod.ts";
import {
  applyEvents,
  type CoordinatorCommand,
  type CoordinatorOutput,
  type GroupLogPosition,
  type Image,
  IMAGE_EMPTY,
  LOG_SETTINGS_DEFAULT,
} from "../../../src/model/mod.ts";
import { encodeBatch } from "../../../src/record/mod.ts";
import { type Disk, FaultyDisk, MemoryDisk, openDataDirectory, readWhole } from "../../../src/storage/mod.ts";
import { GROUP_SETTINGS } from "../coordinator/groups/settings.ts";
import { create, newId, SETTINGS } from "../coordinator/world.ts";
import { append, batchBy, batchOf, NOW_MS, optionsOf } from "./fixtures.ts";

export const DATA = "data";
/** The first offset of orders-0: inside its second segment, inside a batch. */
export const LOG_START = 9;
const LOG_SETTINGS = { ...LOG_SETTINGS_DEFAULT, segmentBytesMax: 600, indexIntervalBytes: 150 };

/** What a partition's log is opened with after the clean stop. */
export function optionsAfter(image: Image, known: Partial<LogOpenOptions>): LogOpenOptions {
  const topicId = image.topics.get("orders")!.id;
  return optionsOf({ settings: LOG_SETTINGS, topicId, leaderEpoch: 1, ...known });
}

/** Opens the coordinator on the directory, with what the checkpoints know after the clean stop. */
export function openCoordinatorOn(disk: Disk, recoveryPoint: number, positions: readonly GroupLogPosition[]) {
  disk.makeDirectory(DATA);
  const settings = { ...SETTINGS, groups: { ...GROUP_SETTINGS, topicPartitions: 1 } };
  const journal = { disk, dataDirectory: DATA, clean: true, recoveryPoint, snapshotBytesMin: 150 };
  return openCoordinator({ journal, groupLogs: { positions }, settings, newId }, NOW_MS);
}

/** The directory, what its metadata says, and what its checkpoints say of the coordinator's logs. */
export interface SmallDirectory {
  readonly disk: FaultyDisk;
  readonly image: Image;
  readonly stopped: Extract<CoordinatorOutput, { kind: "stopped" }>;
}

/** Writes the directory. */
export function smallDirectory(): SmallDirectory {
  const disk = new FaultyDisk();
  const directory = openDataDirectory(DATA, disk);
  directory.identify({ nodeId: 1, newId: () => "MkU3OEVBNTcwNTJENDM2Qg" });
  const { coordinator } = openCoordinatorOn(disk, 0, []);
  assert(coordinator !== null);
  const image = writeMetadata(coordinator);
  const logs = [writeOrders(disk, image), writeOthers(disk, image), writePrices(disk, image)];
  const stopped = coordinator.turn([{ kind: "stop", id: 99 }], NOW_MS).at(-1);
  assert(stopped?.kind === "stopped");
  new Checkpoints(directory, true, () => {}).write(logs, stopped);
  directory.writeCleanMarker(-1);
  return { disk, image, stopped };
}

/** Creates a topic, commits offsets, creates others until two snapshots were written. */
function writeMetadata(coordinator: Coordinator): Image {
  let image = IMAGE_EMPTY;
  const decide = (command: CoordinatorCommand) => {
    for (const output of coordinator.turn([{ kind: "decide", id: 1, command }], NOW_MS)) {
      if (output.kind === "decided" || output.kind === "changed") image = applyEvents(image, output.events);
    }
  };
  decide(create("orders", { partitions: 2 }));
  decide(create("prices", { partitions: 1, settings: { "cleanup.policy": "compact" } }));
  for (const offset of [10, 14]) decide(commit(offset));
  for (const name of ["a", "b"]) decide(create(name, { partitions: 1 }));
  return image;
}

function commit(offset: number): CoordinatorCommand {
  return {
    kind: "commit_offsets",
    group: "readers",
    memberId: "",
    instanceId: null,
    generation: -1,
    retentionMs: -1,
    knowsMemberEpochs: true,
    entries: [{ topic: "orders", partition: 0, offset, leaderEpoch: -1, metadata: "" }],
  };
}

/** orders-0: three segments, the first of which goes with the trim, two producers, epochs 0 and 1. */
function writeOrders(disk: Disk, image: Image) {
  const { log } = openLog(disk, `${DATA}/orders-0`, optionsAfter(image, { leaderEpoch: 0 }));
  for (let index = 0; index < 9; index++) {
    if (index === 6) log.setLeaderEpoch(1);
    append(log, batchBy(1_000 + index % 2, 0, 2 * Math.floor(index / 2), 2, NOW_MS + (index * 37) % 100));
  }
  log.trim(LOG_START);
  log.close();
  return stand("orders", 0, log);
}

/** orders-1: one batch. */
function writeOthers(disk: Disk, image: Image) {
  const { log } = openLog(disk, `${DATA}/orders-1`, optionsAfter(image, { leaderEpoch: 0 }));
  append(log, batchOf(["other"]));
  log.close();
  return stand("orders", 1, log);
}

/** What prices-0 is opened with after the clean stop. */
function pricesOptions(image: Image, known: Partial<LogOpenOptions>): LogOpenOptions {
  const settings = { ...LOG_SETTINGS, cleanupCompact: true, cleanableRatioMin: 0 };
  return optionsOf({ settings, topicId: image.topics.get("prices")!.id, leaderEpoch: 0, ...known });
}

/** prices-0: a cleaned segment with gaps before, between and behind its batches, and the active one. */
function writePrices(disk: Disk, image: Image) {
  const { log } = openLog(disk, `${DATA}/prices-0`, pricesOptions(image, {}));
  for (
    const [key, value] of ["aa", "b", "b", "c", "a", "d", "d", "a"].map((key, at) => [key, `${at}`] as const)
  ) {
    append(log, Uint8Array.from(encodeBatch([{ timestamp: NOW_MS, key, value }])));
  }
  log.roll(NOW_MS);
  append(log, Uint8Array.from(encodeBatch([{ timestamp: NOW_MS, key: "e", value: "last" }])));
  const options = { nowMs: NOW_MS, dedupeBytesMax: 1_000, secret: Uint32Array.of(1, 2, 3, 4) };
  const cleaning = new Cleaning(log, findCleanable(log, 0, NOW_MS), options);
  while (cleaning.step(1_000) === "more");
  assert.equal(cleaning.state, "done");
  log.close();
  return stand("prices", 0, log);
}

function stand(topic: string, partition: number, log: ReturnType<typeof openLog>["log"]) {
  const { recoveryPoint, logStartOffset, highWatermark } = log;
  return { topic, partition, recoveryPoint, logStartOffset, highWatermark };
}

/** Paths of all files with bytes in them. */
export function filesOf(disk: Disk): string[] {
  return [DATA, ...directoriesOf(disk)].flatMap((directory) =>
    disk.list(directory).filter((entry) => !entry.isDirectory).map(({ name }) => `${directory}/${name}`)
  ).filter((path) => disk.stat(path)!.size > 0);
}

/** The logs' directories. */
export function directoriesOf(disk: Disk): string[] {
  return disk.list(DATA).filter((entry) => entry.isDirectory).map(({ name }) => `${DATA}/${name}`);
}

/** The same files on another disk, to be changed. */
export function copyOf(disk: Disk): MemoryDisk {
  const copy = new MemoryDisk();
  for (const directory of [DATA, ...directoriesOf(disk)]) copy.makeDirectory(directory);
  for (const path of filesOf(disk)) {
    const file = copy.open(path, "create");
    file.write(0, readWhole(disk, path)!);
    file.close();
  }
  return copy;
}
