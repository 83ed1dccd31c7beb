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
import { type Finding, type InspectedLog, inspectLog, METADATA_FILE } from "../log/mod.ts";
import { checkMetaProperties, type Disk, MemoryDisk, readWhole } from "../storage/mod.ts";
import { checkCheckpoints } from "./verify_checkpoints.ts";

const META = "meta.properties";
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
  for (const [index, path] of logDirectories.entries()) {
    const log = inspectLog(disk, path);
    findings.push(...log.findings);
    const name = path.slice(path.lastIndexOf("/") + 1);
    // Nobody speaks of what was set aside or is being deleted.
    if (PARTITION.test(name)) logs.set(name, log);
    advance(index);
  }
  checkMeta(disk, `${directory}/${META}`, findings);
  const journalStarts = checkMetadata(disk, directory, logs, findings);
  checkCheckpoints(disk, directory, logs, journalStarts, findings);
  return findings;
}

function checkMeta(disk: Disk, path: string, findings: Finding[]): void {
  const bytes = readWhole(disk, path);
  if (bytes === null) return;
  const wrong = checkMetaProperties(new TextDecoder().decode(bytes));
  if (wrong !== null) findings.push({ path, position: -1, what: wrong });
}

/** Reads the metadata, and compares with it whose each log says it is. Gives where the journal's log may begin. */
function checkMetadata(
  disk: Disk,
  directory: string,
  logs: ReadonlyMap<string, InspectedLog>,
  findings: Finding[],
): readonly number[] {
  const copy = new MemoryDisk();
  const journal = `${directory}/${JOURNAL}`;
  if (disk.stat(journal) === null) return [];
  copyFiles(disk, journal, copy);
  const metadata = readImage(copy, directory);
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
