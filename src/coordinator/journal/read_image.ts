/**
 * What the metadata says, read from a copy of its directory: for the offline
 * check, which compares the partitions' own words with it. The newest sound
 * snapshot and every event behind it, as at a start; and which snapshots are
 * not sound. Called by `log verify`.
 */
import { DecodeError } from "../../bytes/mod.ts";
import { type Image, IMAGE_EMPTY } from "../../model/mod.ts";
import type { Disk } from "../../storage/disk.ts";
import { DIRECTORY, JournalError, openJournal, TOPIC_ID } from "./open_journal.ts";
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

/** Reads the metadata of `dataDirectory` on `copy`, which may be written to. Throws DiskError. */
export function readImage(copy: Disk, dataDirectory: string): ReadImage {
  const directory = `${dataDirectory}/${DIRECTORY}`;
  const findings: { path: string; what: string }[] = [];
  const snapshots = listSnapshots(copy, directory);
  for (const snapshot of snapshots) {
    try {
      readSnapshot(copy, snapshot);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      findings.push({ path: snapshot.path, what: `Damaged snapshot of metadata: ${error.message}` });
    }
  }
  let image = IMAGE_EMPTY;
  try {
    const options = { disk: copy, dataDirectory, nodeId: 0, clean: false, recoveryPoint: 0 };
    image = openJournal(options, 0).image;
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    findings.push({ path: directory, what: error.message });
  }
  return { image, journalId: TOPIC_ID, snapshotOffsets: snapshots.map(({ offset }) => offset), findings };
}
