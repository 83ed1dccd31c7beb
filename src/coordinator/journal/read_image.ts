/**
 * What the metadata says, read from a copy of its directory: for the offline
 * check, which compares the partitions' own words with it. The newest sound
 * snapshot and every event behind it, as at a start; and which snapshots are
 * not sound. Called by `log verify`.
 */
import { DecodeError } from "../../bytes/mod.ts";
import { applyEvents, assert, type Image, IMAGE_EMPTY, type MetadataEvent } from "../../model/mod.ts";
import type { Disk } from "../../storage/disk.ts";
import { AdoptionError } from "./adopted_topics.ts";
import { DIRECTORY, JournalError, openJournal, TOPIC_ID } from "./open_journal.ts";
import { isKafkaJournal, readKafkaMetadata } from "./read_kafka.ts";
import { listSnapshots, readSnapshot } from "./snapshot.ts";

/** The metadata, and what stands in the way of it. */
export interface ReadImage {
  /** Empty where it cannot be read. */
  readonly image: Image;
  /** The id that the journal's own directory must have. */
  readonly journalId: string;
  /** Offsets of the snapshots: its log begins at one of them, or was never trimmed. */
  readonly snapshotOffsets: readonly number[];
  readonly findings: readonly { readonly path: string; readonly what: string }[];
}

/**
 * Reads the metadata of `dataDirectory` on `copy`, which may be written to; of Apache Kafka's it gives which
 * topics there are. Throws DiskError.
 */
export function readImage(copy: Disk, dataDirectory: string): ReadImage {
  const directory = `${dataDirectory}/${DIRECTORY}`;
  const findings: { path: string; what: string }[] = [];
  const snapshots = listSnapshots(copy, directory);
  const isKafkas = isKafkaJournal(copy, directory);
  for (const snapshot of isKafkas ? [] : snapshots) {
    try {
      readSnapshot(copy, snapshot);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      findings.push({ path: snapshot.path, what: `Damaged snapshot of metadata: ${error.message}` });
    }
  }
  let image = IMAGE_EMPTY;
  try {
    image = isKafkas ? kafkaImage(copy, directory) : ownImage(copy, dataDirectory);
  } catch (error) {
    if (!(error instanceof JournalError || error instanceof AdoptionError)) throw error;
    findings.push({ path: directory, what: error.message });
  }
  return { image, journalId: TOPIC_ID, snapshotOffsets: snapshots.map(({ offset }) => offset), findings };
}

function ownImage(disk: Disk, dataDirectory: string): Image {
  const newId = (): string => {
    assert(false, "there is nothing to adopt without partitions");
    return "";
  };
  return openJournal({ disk, dataDirectory, nodeId: 0, clean: false, recoveryPoint: 0, newId }, 0).image;
}

/** Names and ids: whoever checks logs needs no more. */
function kafkaImage(disk: Disk, directory: string): Image {
  const topics = [...readKafkaMetadata(disk, directory).topics.values()];
  return applyEvents(
    IMAGE_EMPTY,
    topics.map(({ name, id }): MetadataEvent => {
      return { kind: "topic_created", topic: { name, id, internal: false, partitions: [], settings: {} } };
    }),
  );
}
