/**
 * What is wrong with a data directory nobody has open: each log by itself, then
 * the files beside them against what the logs and the metadata say.
 *
 *     partition.metadata <-> topic id in the metadata     checkpoints <-> logs
 *     metadata snapshots, meta.properties: by themselves
 *
 * Changes nothing: what a start would do to the metadata is done to a copy in
 * memory. Called by `weir log verify`.
 */
import { readImage } from "../coordinator/mod.ts";
import {
  type CheckpointEntry,
  type Finding,
  type InspectedLog,
  inspectLog,
  LogError,
  METADATA_FILE,
  parseOffsetCheckpoint,
} from "../log/mod.ts";
import { type Image, IMAGE_EMPTY } from "../model/mod.ts";
import { checkMetaProperties, type Disk, MemoryDisk, readWhole } from "../storage/mod.ts";
import { checkCheckpoints } from "./verify_checkpoints.ts";

const META = "meta.properties";
const CLEANED = "cleaner-offset-checkpoint";
/** Kafka's directories that end in "-stray", "-delete" or "-future" are no partition's. */
const PARTITION = /-\d+$/;
const JOURNAL = "__cluster_metadata-0";

/** True for a broker's data directory. */
export function isDataDirectory(disk: Disk, directory: string): boolean {
  return disk.stat(`${directory}/${META}`) !== null;
}

/** Everything wrong with the logs of `directory` and the files beside them; `advance` hears of each log. Throws DiskError. */
export function verifyData(
  disk: Disk,
  directory: string,
  logDirectories: readonly string[],
  advance: (index: number) => void,
): Finding[] {
  const findings: Finding[] = [];
  const logs = new Map<string, InspectedLog>();
  const metadata = readMetadata(disk, directory);
  const compacted = findCompacted(disk, directory, metadata?.image ?? IMAGE_EMPTY);
  for (const [index, path] of logDirectories.entries()) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const log = inspectLog(disk, path, compacted.has(name));
    for (const finding of log.findings) findings.push(finding);
    // Nobody speaks of what was set aside or is being deleted.
    if (PARTITION.test(name)) logs.set(name, log);
    advance(index);
  }
  checkMeta(disk, `${directory}/${META}`, findings);
  const journalStarts = checkMetadata(directory, metadata, logs, findings);
  checkCheckpoints(disk, directory, logs, journalStarts, findings);
  return findings;
}

function checkMeta(disk: Disk, path: string, findings: Finding[]): void {
  const bytes = readWhole(disk, path);
  if (bytes === null) return;
  const wrong = checkMetaProperties(new TextDecoder().decode(bytes));
  if (wrong !== null) findings.push({ path, position: -1, what: wrong });
}

/** The metadata as a start would read it, `null` without any. */
function readMetadata(disk: Disk, directory: string): ReturnType<typeof readImage> | null {
  const copy = new MemoryDisk();
  const journal = `${directory}/${JOURNAL}`;
  if (disk.stat(journal) === null) return null;
  copyFiles(disk, journal, copy);
  return readImage(copy, directory);
}

/** Directories of the logs that are compacted, or were: by their topics' settings and the cleaner's checkpoint. */
function findCompacted(disk: Disk, directory: string, image: Image): ReadonlySet<string> {
  const found = new Set<string>();
  const forAll = image.brokerSettings["log.cleanup.policy"] ?? "";
  for (const { name, partitions, settings } of image.topics.values()) {
    if (!(settings["cleanup.policy"] ?? forAll).includes("compact")) continue;
    for (let partition = 0; partition < partitions.length; partition++) found.add(`${name}-${partition}`);
  }
  for (const { topic, partition, offset } of readCleaned(disk, `${directory}/${CLEANED}`)) {
    if (offset > 0) found.add(`${topic}-${partition}`);
  }
  return found;
}

function readCleaned(disk: Disk, path: string): readonly CheckpointEntry[] {
  const bytes = readWhole(disk, path);
  if (bytes === null) return [];
  try {
    return parseOffsetCheckpoint(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return [];
  }
}

/** Compares with the metadata whose each log says it is. Gives where the journal's log may begin. */
function checkMetadata(
  directory: string,
  metadata: ReturnType<typeof readImage> | null,
  logs: ReadonlyMap<string, InspectedLog>,
  findings: Finding[],
): readonly number[] {
  if (metadata === null) return [];
  for (const { path, what } of metadata.findings) findings.push({ path, position: -1, what });
  for (const [name, { topicId }] of logs) {
    const topic = name.slice(0, name.lastIndexOf("-"));
    const wanted = name === JOURNAL ? metadata.journalId : metadata.image.topics.get(topic)?.id;
    if (wanted === undefined || topicId === null || topicId === wanted) continue;
    const path = `${directory}/${name}/${METADATA_FILE}`;
    findings.push({ path, position: -1, what: `Topic id is "${topicId}", but the metadata has "${wanted}"` });
  }
  return metadata.snapshotOffsets;
}

function copyFiles(disk: Disk, directory: string, copy: Disk): void {
  copy.makeDirectory(directory);
  for (const { name, isDirectory } of disk.list(directory)) {
    if (isDirectory) continue;
    const bytes = readWhole(disk, `${directory}/${name}`) ?? new Uint8Array(0);
    const file = copy.open(`${directory}/${name}`, "create");
    if (bytes.length > 0) file.write(0, bytes);
    file.close();
  }
}
