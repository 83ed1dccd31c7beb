/** What may be left undone on a full disk: it is made up for later, or costs time alone. */
import { DiskError } from "../storage/disk.ts";

/** Does it; false when the disk is full. Throws other DiskErrors. */
export function ifRoom(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "full") throw error;
    return false;
  }
}
