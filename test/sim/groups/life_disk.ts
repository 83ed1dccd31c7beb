/**
 * A disk that outlives whoever uses it, as one of its users sees it. Called by the
 * cluster, for each life of the coordinator.
 */
import { type Disk, DiskError } from "../../../src/storage/mod.ts";

/** The disk as one life sees it: nothing of a life that is over reaches the disk any more. */
export function lifeDisk(disk: Disk, isAlive: () => boolean): Disk {
  return new Proxy(disk, {
    get(target, name) {
      if (!isAlive()) throw new DiskError("io", String(name), "The disk was used before the crash");
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
