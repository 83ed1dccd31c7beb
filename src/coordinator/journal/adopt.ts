/**
 * A data directory that Apache Kafka wrote becomes Weir's: known by KRaft's own file
 * beside Kafka's metadata log. A directory whose metadata is lost, with partitions
 * in it, is taken over by what the partitions say. The new journal is made beside
 * the old one, which is kept in it, and takes its place in two renames:
 *
 *     __cluster_metadata-0.adopted/      made anew, flushed        a crash here: made again
 *     __cluster_metadata-0/           -> __cluster_metadata-0.adopted/before-adoption/
 *     __cluster_metadata-0.adopted/   -> __cluster_metadata-0/     a crash before: done at the next start
 *
 * What partitions hold is not touched. Called by `openJournal`, before anything is read.
 */
import { prepareForeignLog } from "../../log/mod.ts";
import type { MetadataEvent } from "../../model/mod.ts";
import type { Disk } from "../../storage/disk.ts";
import { type Adopted, eventsOfDirectories, eventsOfMetadata, type Found } from "./adopted_topics.ts";
import { findPartitions } from "./found_partitions.ts";
import { isKafkaJournal, readKafkaMetadata } from "./read_kafka.ts";

/** What adoption needs to know. */
export interface AdoptionOptions {
  readonly disk: Disk;
  readonly dataDirectory: string;
  readonly nodeId: number;
  /** Where the journal lies. */
  readonly directory: string;
  /** A random UUID as 22 characters of base64url, for topics older than ids. */
  readonly newId: () => string;
  /** Makes a journal of these events in a directory that is not there, durably. */
  readonly write: (directory: string, events: readonly MetadataEvent[]) => void;
}

const BUILT = ".adopted";
const KEPT = "before-adoption";

/**
 * Takes the data directory over if it is another's; gives what an operator should read of it. Throws
 * AdoptionError where that cannot be done, DiskError.
 */
export function adoptForeign(options: AdoptionOptions): readonly string[] {
  const { disk, dataDirectory, directory, write } = options;
  const built = directory + BUILT;
  const isThere = disk.stat(directory) !== null;
  if (disk.stat(built) !== null) {
    if (!isThere) return finish(options, [`Ended taking over the data directory "${dataDirectory}"`]);
    disk.remove(built);
  }
  const isKafkas = isKafkaJournal(disk, directory);
  if (!isKafkas && isThere && holdsAnything(disk, directory)) return [];
  // Kafka's metadata vouches for an empty one.
  const found = findPartitions(disk, dataDirectory, isKafkas);
  if (!isKafkas && found.size === 0) return [];
  const adopted = isKafkas
    ? eventsOfMetadata(readKafkaMetadata(disk, directory), found, options.nodeId)
    : eventsOfDirectories(found, options.nodeId, options.newId);
  for (const [topic, numbers] of found) {
    for (const number of numbers.keys()) prepareForeignLog(disk, `${dataDirectory}/${topic}-${number}`);
  }
  write(built, adopted.events);
  if (isThere) disk.rename(directory, `${built}/${KEPT}`);
  disk.syncDirectory(built);
  disk.syncDirectory(dataDirectory);
  return finish(options, words(options, adopted, found, isKafkas));
}

function finish(
  { disk, directory, dataDirectory }: AdoptionOptions,
  words: readonly string[],
): readonly string[] {
  disk.rename(directory + BUILT, directory);
  disk.syncDirectory(dataDirectory);
  return words;
}

function words(
  { dataDirectory, directory }: AdoptionOptions,
  { events, words }: Adopted,
  found: Found,
  isKafkas: boolean,
): string[] {
  const topics = events.flatMap((event) => event.kind === "topic_created" ? [event.topic] : []);
  const count = topics.reduce((sum, { partitions }) => sum + partitions.length, 0);
  const held = `${topics.length} topics with ${count} partitions`;
  const first = isKafkas
    ? `Took over the data directory "${dataDirectory}" of Apache Kafka: ${held}. Its metadata is kept in "${directory}/${KEPT}"`
    : `Found no metadata in "${dataDirectory}" and took over what its directories tell: ${held}. Their settings are lost: ` +
      `nothing is deleted until retention.ms and retention.bytes are set, the others have their defaults`;
  const aborted = [...found].flatMap(([topic, partitions]) => {
    return [...partitions].flatMap(([number, { hasAborted }]) => hasAborted ? [`"${topic}-${number}"`] : []);
  });
  const transactions = aborted.length === 0 ? [] : [
    `Weir has no transactions yet: who reads committed records alone gets the aborted ones of ${
      aborted.join(", ")
    }, too`,
  ];
  return [first, ...words, ...transactions];
}

/** Whether a journal was ever written there. */
function holdsAnything(disk: Disk, directory: string): boolean {
  return disk.list(directory).some(({ name }) => {
    const isContent = name.endsWith(".log") || name.endsWith(".checkpoint");
    return isContent && (disk.stat(`${directory}/${name}`)?.size ?? 0) > 0;
  });
}
