/** Brokers that a crash at the wrong moment harms: for each some crash point must say so. */
import type { Disk } from "../../../src/storage/mod.ts";
import { liar } from "../sabotage.ts";
import { changed, syncsOnlyAppends } from "../sabotage_upkeep.ts";
import type { Sabotage } from "../simulation.ts";

/** Names of files are durable when it pleases the system. */
function namesAtLeisure(disk: Disk): Disk {
  return changed(disk, { syncDirectory: () => {} });
}

/** Old segments go before it is decided that a cleaned one takes their place. */
function removesBeforeSwap(disk: Disk): Disk {
  return changed(disk, {
    rename(from, to) {
      if (to.endsWith(".log.swap")) disk.remove(to.slice(0, -".swap".length));
      disk.rename(from, to);
    },
  });
}

/** Files replace others by being written over, not by a new name. */
function writesInPlace(disk: Disk): Disk {
  return changed(disk, {
    rename(from, to) {
      if (!from.endsWith(".tmp")) return disk.rename(from, to);
      const source = disk.open(from, "read");
      const target = disk.open(to, "create");
      target.truncate(0);
      target.write(0, source.view(0, source.size).slice());
      for (const file of [source, target]) file.close();
      disk.remove(from);
    },
  });
}

/** By what is broken. */
export const CRASH_SABOTAGES: Readonly<Record<string, Sabotage>> = {
  "a disk that does not sync": { disk: liar },
  "names that are not synced": { disk: namesAtLeisure },
  "a cleaner that syncs nothing": syncsOnlyAppends(),
  "a swap that takes the old segment first": { disk: removesBeforeSwap },
  "checkpoints that are written in place": { disk: writesInPlace },
};
