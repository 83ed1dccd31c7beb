/**
 * The directory a broker keeps its data in: made when missing, locked while a
 * broker runs on it, with the small files beside the partitions' directories:
 *
 *     .lock                              held by the running broker
 *     .kafka_cleanshutdown               {"version":0,"brokerEpoch":N}: the last stop was clean
 *     meta.properties                    whose data this is
 *     recovery-point-offset-checkpoint, replication-offset-checkpoint,
 *     log-start-offset-checkpoint        text, one line a partition
 *
 * A directory on a memory disk is nobody else's, so it has no lock. What a
 * checkpoint's text means belongs to the log: its parser is handed in. Called by
 * compose, which owns the directory; workers write only below their partitions.
 */
import { type Disk, DiskError } from "./disk.ts";
import { type DirectoryLock, lockDirectory } from "./directory_lock.ts";
import { formatMetaProperties, type MetaProperties, parseMetaProperties } from "./meta_properties.ts";
import { directoryOf } from "./paths.ts";
import { readWhole, replaceFile } from "./replace_file.ts";

/** The data directory can't be used: missing rights, in use, somebody else's. The message is for people. */
export class DataDirectoryError extends Error {
  override name = "DataDirectoryError";
}

export type CheckpointName =
  | "recovery-point-offset-checkpoint"
  | "replication-offset-checkpoint"
  | "log-start-offset-checkpoint"
  | "cleaner-offset-checkpoint";

export interface Identity {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly directoryId: string;
}

export interface IdentityWanted {
  readonly nodeId: number;
  /** The cluster to belong to; without it whatever the directory says, or a new one. */
  readonly clusterId?: string;
  /** Makes 22 characters of base64url, random, Kafka's form of a UUID. */
  readonly newId: () => string;
}

const CLEAN_MARKER = ".kafka_cleanshutdown";
const META = "meta.properties";

/** An open data directory: the broker's until `close`. */
export class DataDirectory {
  readonly path: string;
  readonly #disk: Disk;
  readonly #lock: DirectoryLock | null;
  /** The epoch of a marker that was taken and may be given back. */
  #takenEpoch: number | null = null;

  constructor(path: string, disk: Disk, lock: DirectoryLock | null) {
    this.path = path;
    this.#disk = disk;
    this.#lock = lock;
  }

  /**
   * Who the directory belongs to: reads `meta.properties`, or writes it on the first start.
   * Throws DataDirectoryError when it belongs to another node or cluster, or can't be read.
   */
  identify(wanted: IdentityWanted): Identity {
    const text = this.readText(META);
    const found = text === null ? null : this.#parseMeta(text);
    if (found !== null) this.#checkMeta(found, wanted);
    const identity = {
      clusterId: found?.clusterId ?? wanted.clusterId ?? wanted.newId(),
      nodeId: wanted.nodeId,
      directoryId: found?.directoryId ?? wanted.newId(),
    };
    if (found === null || found.directoryId === null) this.replaceText(META, formatMetaProperties(identity));
    return identity;
  }

  /**
   * Whether the last stop was clean, and its broker epoch (−1 unknown). Deletes the marker, durably, so
   * that a crash from here on is seen as one. A marker that can't be read counts as unclean and is noted.
   */
  takeCleanMarker(): {
    readonly isClean: boolean;
    readonly brokerEpoch: number;
    readonly notice: string | null;
  } {
    const text = this.readText(CLEAN_MARKER);
    if (text === null) return { isClean: false, brokerEpoch: -1, notice: null };
    this.#disk.remove(`${this.path}/${CLEAN_MARKER}`);
    this.#disk.syncDirectory(this.path);
    const brokerEpoch = parseMarker(text);
    this.#takenEpoch = brokerEpoch;
    if (brokerEpoch !== null) return { isClean: true, brokerEpoch, notice: null };
    const notice = `Can't read "${this.path}/${CLEAN_MARKER}", so the last stop counts as unclean`;
    return { isClean: false, brokerEpoch: -1, notice };
  }

  /** Says that everything is flushed and closed: the last thing a stopping broker writes. */
  writeCleanMarker(brokerEpoch: number): void {
    this.replaceText(CLEAN_MARKER, JSON.stringify({ version: 0, brokerEpoch }));
  }

  /**
   * Reads a checkpoint. `parse` throws on text it doesn't accept; a file that is missing gives `null`, one
   * that is corrupt or unreadable gives `null` and a notice, for a checkpoint only saves work.
   */
  readCheckpoint<T>(
    name: CheckpointName,
    parse: (text: string) => T,
  ): { value: T | null; notice: string | null } {
    try {
      const text = this.readText(name);
      return { value: text === null ? null : parse(text), notice: null };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { value: null, notice: `Ignored the checkpoint "${this.path}/${name}": ${reason}` };
    }
  }

  /** Replaces a checkpoint, atomically and durably. Throws DiskError. */
  writeCheckpoint(name: CheckpointName, text: string): void {
    this.replaceText(name, text);
  }

  /** The text of a file in the directory, `null` when there is none. Throws DiskError. */
  readText(name: string): string | null {
    const content = readWhole(this.#disk, `${this.path}/${name}`);
    return content === null ? null : new TextDecoder().decode(content);
  }

  /** Replaces a file in the directory, atomically and durably. Throws DiskError. */
  replaceText(name: string, text: string): void {
    replaceFile(this.#disk, `${this.path}/${name}`, new TextEncoder().encode(text));
  }

  /**
   * Gives the lock back; idempotent. Where a start was refused before anything was changed, the marker it took
   * is there again: whoever comes next, another broker perhaps, has nothing to recover.
   */
  close({ isUntouched } = { isUntouched: false }): void {
    if (isUntouched && this.#takenEpoch !== null) this.#giveMarkerBack(this.#takenEpoch);
    this.#takenEpoch = null;
    this.#lock?.release();
  }

  /** It only saves work: a disk that cannot take it back does no harm. */
  #giveMarkerBack(brokerEpoch: number): void {
    try {
      this.writeCleanMarker(brokerEpoch);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }

  #parseMeta(text: string): MetaProperties {
    const found = parseMetaProperties(text);
    if (typeof found !== "string") return found;
    throw new DataDirectoryError(`Can't read "${this.path}/${META}": ${found}`);
  }

  #checkMeta(found: MetaProperties, wanted: IdentityWanted): void {
    const { nodeId, clusterId } = wanted;
    const where = `The data directory "${this.path}" belongs to`;
    if (found.nodeId !== nodeId) {
      throw new DataDirectoryError(`${where} node "${found.nodeId}", this broker is node "${nodeId}"`);
    }
    if (clusterId !== undefined && found.clusterId !== clusterId) {
      throw new DataDirectoryError(`${where} cluster "${found.clusterId}", this broker's is "${clusterId}"`);
    }
  }
}

/**
 * Opens a data directory, making it when it is missing, and locks it. Throws DataDirectoryError, in words for
 * people, when it can't be made, written or locked.
 *
 * @example
 * ```ts
 * const directory = openDataDirectory("./data", disk);
 * const { isClean } = directory.takeCleanMarker();
 * ```
 */
export function openDataDirectory(path: string, disk: Disk): DataDirectory {
  try {
    const isNew = disk.stat(path) === null;
    disk.makeDirectory(path);
    const lock = disk.kind === "memory" ? null : lockDirectory(path);
    if (lock === null && disk.kind !== "memory") throw inUse(path);
    if (isNew) syncParent(path, disk);
    return new DataDirectory(path, disk, lock);
  } catch (error) {
    throw explain(error, path);
  }
}

/** Makes the new directory's own name durable, where this process may touch its parent. */
function syncParent(path: string, disk: Disk): void {
  try {
    disk.syncDirectory(directoryOf(path));
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "denied") throw error;
  }
}

function inUse(path: string): DataDirectoryError {
  const advice = "stop it, or choose another directory with --data";
  return new DataDirectoryError(`The data directory "${path}" is in use by another broker: ${advice}`);
}

const REASONS: Readonly<Partial<Record<DiskError["code"], string>>> = {
  exists: "a file is in the way, a directory is wanted",
  denied: "it must be writable, permission is denied",
  full: "no space is left on the device",
};

function explain(error: unknown, path: string): unknown {
  if (!(error instanceof DiskError)) return error;
  const isReadOnly = error.message.endsWith("the file system is read-only");
  const known = isReadOnly ? "it must be writable, the file system is read-only" : REASONS[error.code];
  const reason = error.message.includes("--allow") ? error.message : known ?? error.message;
  return new DataDirectoryError(`Can't use the data directory "${path}": ${reason}`, { cause: error });
}

function parseMarker(text: string): number | null {
  try {
    const { version, brokerEpoch } = JSON.parse(text) as { version?: unknown; brokerEpoch?: unknown };
    return version === 0 && Number.isSafeInteger(brokerEpoch) ? brokerEpoch as number : null;
  } catch {
    return null;
  }
}
