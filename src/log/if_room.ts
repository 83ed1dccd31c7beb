/** What may be left undone on a full disk: it is made up for later, or costs time alone. */
import { DiskError } from "../storage/disk.ts";

/** Does it, unless the disk is full. Throws other DiskErrors. */
export function ifRoom(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "full") throw error;
  }
}
