/**
 * The partitions' directories that lie in a data directory, and what each says of
 * itself: its topic's id and the newest epoch. Directories that Kafka is deleting,
 * moving or has set aside are none, nor is one that only has such a name, as
 * `photos-2026`. Called by `adopt.ts`.
 */
import { LogError, METADATA_FILE, parseLeaderEpochs, parsePartitionMetadata } from "../../log/mod.ts";
import type { Disk } from "../../storage/disk.ts";
import { checkName } from "../topics/names.ts";

/** What a partition's directory says of itself. */
export interface FoundPartition {
  /** `null` where it has none. */
  readonly topicId: string | null;
  /** The newest epoch any batch was written under; 0 where nothing is known. */
  readonly leaderEpoch: number;
  /** There are aborted transactions in it. */
  readonly hasAborted: boolean;
}

const PARTITION = /^(.+)-(0|[1-9]\d{0,8})$/;
const EPOCHS_FILE = "leader-epoch-checkpoint";
const SEGMENT_FILE = /^\d{20}\.log$/;

/**
 * Partitions by topic, then by number; none where there is no directory, as in memory. `areEmptyOnes`: a directory
 * with nothing in it is one, too. Throws DiskError.
 */
export function findPartitions(
  disk: Disk,
  dataDirectory: string,
  areEmptyOnes: boolean,
): Map<string, Map<number, FoundPartition>> {
  const found = new Map<string, Map<number, FoundPartition>>();
  if (disk.stat(dataDirectory) === null) return found;
  for (const { name, isDirectory } of disk.list(dataDirectory)) {
    const [, topic, number] = PARTITION.exec(name) ?? [];
    if (!isDirectory || topic === undefined || checkName(topic) !== null) continue;
    if (topic === "__cluster_metadata" || !isLog(disk, `${dataDirectory}/${name}`, areEmptyOnes)) continue;
    let partitions = found.get(topic);
    if (partitions === undefined) found.set(topic, partitions = new Map());
    partitions.set(Number(number), describe(disk, `${dataDirectory}/${name}`));
  }
  return found;
}

/** A name alone makes no partition: another program's directory may have one like it. */
function isLog(disk: Disk, directory: string, isEmptyOne: boolean): boolean {
  const names = disk.list(directory).map(({ name }) => name);
  if (names.length === 0) return isEmptyOne;
  return names.some((name) => name === METADATA_FILE || SEGMENT_FILE.test(name));
}

function describe(disk: Disk, directory: string): FoundPartition {
  const topicId = parsed(disk, `${directory}/${METADATA_FILE}`, parsePartitionMetadata);
  const epochs = parsed(disk, `${directory}/${EPOCHS_FILE}`, parseLeaderEpochs);
  const hasAborted = disk.list(directory).some(({ name }) => {
    return name.endsWith(".txnindex") && (disk.stat(`${directory}/${name}`)?.size ?? 0) > 0;
  });
  return { topicId, leaderEpoch: epochs?.at(-1)?.epoch ?? 0, hasAborted };
}

/** What a small file says; `null` when there is none, or it cannot be read: whoever opens the log tells. */
function parsed<Value>(disk: Disk, path: string, parse: (text: string) => Value): Value | null {
  if (disk.stat(path) === null) return null;
  const file = disk.open(path, "read");
  try {
    return parse(new TextDecoder().decode(file.view(0, file.size).slice()));
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return null;
  } finally {
    file.close();
  }
}
