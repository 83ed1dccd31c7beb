/**
 * Whose directory it is: `partition.metadata`, looked at when a log is opened. One
 * that differs from what it should be by a single bit was damaged, for two topics'
 * ids never are so close: it is written anew. Any other topic's is refused.
 */
import { type Disk, DiskError } from "../storage/disk.ts";
import { formatPartitionMetadata, parsePartitionMetadata } from "./checkpoint.ts";
import { LogError } from "./log_error.ts";
import { METADATA_FILE } from "./log_state.ts";
import { readTextFile, writeTextFile } from "./text_file.ts";

/** Refuses another topic's directory with LogError; a log without data gets its metadata anew. Throws DiskError. */
export function checkTopic(
  disk: Disk,
  directory: string,
  topicId: string,
  hasData: boolean,
  notices: string[],
): void {
  const path = `${directory}/${METADATA_FILE}`;
  const found = readTopicId(disk, path, hasData);
  if (found === topicId) return;
  if (isOneBitOff(disk, path, topicId)) {
    writeTextFile(disk, directory, path, formatPartitionMetadata(topicId));
    notices.push(`Mended "${path}": one bit of it was wrong`);
    return;
  }
  if (found instanceof LogError) throw found;
  if (found !== null) {
    const words = `Directory "${directory}" belongs to topic id "${found}", wanted is "${topicId}"`;
    throw new LogError("inconsistent_topic_id", words);
  }
  if (hasData) notices.push(`Wrote "${path}" anew: the file was missing`);
  try {
    writeTopicId(disk, path, topicId, hasData);
  } catch (error) {
    // On a full disk a log without data waits for it: its first append writes it again.
    if (hasData || !(error instanceof DiskError) || error.code !== "full") throw error;
  }
}

/** Not synced for a log without data: the first append makes it durable. */
function writeTopicId(disk: Disk, path: string, topicId: string, isSynced: boolean): void {
  const file = disk.open(path, "create");
  try {
    file.truncate(0);
    file.write(0, new TextEncoder().encode(formatPartitionMetadata(topicId)));
    if (isSynced) file.sync();
  } finally {
    file.close();
  }
}

/** True when the file at `path` is this topic's but for one bit. Throws DiskError. */
export function isOneBitOff(disk: Disk, path: string, topicId: string): boolean {
  const wanted = new TextEncoder().encode(formatPartitionMetadata(topicId));
  if (disk.stat(path)?.size !== wanted.length) return false;
  const file = disk.open(path, "read");
  let count = 0;
  try {
    const found = file.view(0, wanted.length);
    for (const [index, byte] of wanted.entries()) count += bitsIn(byte ^ found[index]!);
  } finally {
    file.close();
  }
  return count === 1;
}

function bitsIn(byte: number): number {
  let count = 0;
  for (let left = byte; left > 0; left >>= 1) count += left & 1;
  return count;
}

/** The topic id in the directory, `null` for none, or why it can't be read. Half a file beside no data is what a crash may leave. */
function readTopicId(disk: Disk, path: string, hasData: boolean): string | LogError | null {
  const text = readTextFile(disk, path);
  if (text === null) return null;
  try {
    return parsePartitionMetadata(text);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return hasData ? error : null;
  }
}
