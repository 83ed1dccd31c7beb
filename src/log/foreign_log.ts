/**
 * Makes a log that another broker wrote, or one nobody knows of, fit to be opened.
 * A log of Weir's without any snapshot of producers has none, and is not read for
 * them; Kafka writes its first when a segment is full or it stops. So such a log
 * gets a snapshot of nobody, and all of it is read. Called where a foreign data
 * directory is taken over, before its logs are opened.
 */
import type { Disk } from "../storage/disk.ts";
import { encodeSnapshot } from "./producer_snapshot.ts";
import { ProducerStates } from "./producer_states.ts";
import { parseSnapshotFileName, snapshotFileName } from "./segment_name.ts";

/** Prepares the log in `directory`, durably. Throws DiskError. */
export function prepareForeignLog(disk: Disk, directory: string): void {
  const names = disk.list(directory).map(({ name }) => name);
  if (names.some((name) => parseSnapshotFileName(name) >= 0)) return;
  const file = disk.open(`${directory}/${snapshotFileName(0)}`, "create");
  try {
    file.truncate(0);
    file.write(0, encodeSnapshot(new ProducerStates()));
    file.sync();
  } finally {
    file.close();
  }
  disk.syncDirectory(directory);
}
