/**
 * What `describe_broker` tells of the whole broker: who it is, what it holds, and
 * the room its file system has left. Compose calls it.
 */
import type { Doors } from "./doors.ts";
import type { Pool } from "./mailbox/mod.ts";
import type { BrokerDescription, Image } from "./model/mod.ts";
import { type Disk, DiskError, type Identity } from "./storage/mod.ts";

/** What is looked at. */
export interface BrokerParts {
  readonly identity: Identity;
  readonly version: string;
  readonly dataDirectory: string;
  /** Where the data directory lies. */
  readonly disk: Disk;
  readonly pool: Pool;
  readonly doors: Doors;
  readonly image: Image;
  readonly upMs: number;
}

/** The broker as it is now. Asks the file system once. */
export function describeBroker(parts: BrokerParts): BrokerDescription {
  const { identity, version, dataDirectory, disk, pool, doors, image, upMs } = parts;
  let partitions = 0;
  for (const topic of image.topics.values()) partitions += topic.partitions.length;
  return {
    nodeId: identity.nodeId,
    clusterId: identity.clusterId,
    version,
    dataDirectory,
    disk: pool.diskKind,
    ...spaceOf(disk, dataDirectory),
    upMs,
    connections: doors.connectionCount,
    topics: image.topics.size,
    partitions,
    workers: pool.describeWorkers(),
  };
}

/** Bytes of the file system; −1 in memory, and where the system does not tell. */
function spaceOf(disk: Disk, path: string): Pick<BrokerDescription, "diskBytesTotal" | "diskBytesUsable"> {
  const unknown = { diskBytesTotal: -1, diskBytesUsable: -1 };
  if (disk.kind === "memory") return unknown;
  try {
    const { totalBytes, freeBytes } = disk.space(path);
    return { diskBytesTotal: totalBytes, diskBytesUsable: freeBytes };
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return unknown;
  }
}
