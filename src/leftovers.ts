/**
 * Directories in the data directory that belong to no topic. A deletion that a
 * crash cut short is finished; any other partition directory that the metadata
 * does not know is kept under another name (Kafka's `-stray`), so that nobody's
 * data is lost and a new topic of that name does not stumble over it. Compose
 * calls this once, before the first partition opens.
 */
import { isOneBitOff, METADATA_FILE, parsePartitionMetadata } from "./log/mod.ts";
import type { Image } from "./model/mod.ts";
import { type Disk, readWhole } from "./storage/mod.ts";

const PARTITION_DIRECTORY = /^(.+)-(\d+)$/;
const JOURNAL_TOPIC = "__cluster_metadata";
/** What file systems take as a name. */
const NAME_LENGTH_MAX = 255;

/** Clears `dataDirectory`; gives a sentence for each directory it set aside. Throws DiskError. */
export function clearLeftovers(disk: Disk, dataDirectory: string, image: Image): string[] {
  const notices: string[] = [];
  for (const { name, isDirectory } of disk.list(dataDirectory)) {
    if (!isDirectory) continue;
    const path = `${dataDirectory}/${name}`;
    if (name.endsWith("-delete")) {
      disk.remove(path);
      continue;
    }
    const stray = strayId(disk, path, name, image);
    if (stray === null) continue;
    const aside = freePath(disk, dataDirectory, name, stray);
    disk.rename(path, aside);
    notices.push(`Directory "${path}" belongs to no topic, it is kept as "${aside}"`);
  }
  if (notices.length > 0) disk.syncDirectory(dataDirectory);
  return notices;
}

/** Where a stray directory goes; of a long name its beginning says whose it was. */
function freePath(disk: Disk, dataDirectory: string, name: string, stray: string): string {
  for (let copy = 1;; copy++) {
    const end = `.${stray}${copy === 1 ? "" : `-${copy}`}-stray`;
    const path = `${dataDirectory}/${name.slice(0, NAME_LENGTH_MAX - end.length)}${end}`;
    if (disk.stat(path) === null) return path;
  }
}

/** 32 hexadecimal digits of the topic id a stray directory says it has; `null` when it is no stray. */
function strayId(disk: Disk, path: string, name: string, image: Image): string | null {
  const [, topic, partition] = PARTITION_DIRECTORY.exec(name) ?? [];
  if (topic === undefined || topic === JOURNAL_TOPIC) return null;
  const known = image.topics.get(topic);
  const said = topicIdIn(disk, path);
  const isOurs = known !== undefined && Number(partition) < known.partitions.length;
  // A directory without an id was made and never written to: whoever opens it next names it.
  if (isOurs && (said === null || said === known.id)) return null;
  // Damaged, not another's: whoever opens it mends it.
  if (isOurs && isOneBitOff(disk, `${path}/${METADATA_FILE}`, known.id)) return null;
  const bytes = Uint8Array.fromBase64(said ?? "AAAAAAAAAAAAAAAAAAAAAA", { alphabet: "base64url" });
  return bytes.toHex();
}

function topicIdIn(disk: Disk, path: string): string | null {
  const content = readWhole(disk, `${path}/${METADATA_FILE}`);
  if (content === null) return null;
  try {
    return parsePartitionMetadata(new TextDecoder().decode(content));
  } catch {
    return null;
  }
}
