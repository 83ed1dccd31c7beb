/**
 * The data directory's checkpoint files, read at the start and written while the
 * broker runs: up to where each log is known to be flushed, where it begins, its
 * high watermark, and up to where it is compacted. The main thread writes them, from what the workers say, so
 * that files of all partitions have one writer. Compose calls this.
 */
import { formatOffsetCheckpoint, parseOffsetCheckpoint } from "./log/mod.ts";
import type { LogCheckpoint } from "./mailbox/mod.ts";
import {
  type Fault,
  fault,
  type GroupLogPosition,
  type Image,
  type LogDescription,
  OFFSETS_TOPIC,
} from "./model/mod.ts";
import { type CheckpointName, type DataDirectory, DiskError } from "./storage/mod.ts";

interface Entry {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}
type Field = "recoveryPoint" | "logStartOffset" | "highWatermark" | "firstDirtyOffset";
/** A log by its name, and where it stands; the coordinator's are never compacted. */
type Named = Pick<LogDescription, Exclude<Field, "firstDirtyOffset">> & {
  readonly topic: string;
  readonly partition: number;
  readonly firstDirtyOffset?: number;
};
/** What the coordinator said of its own logs; the journal's recovery point is `null` while it said nothing. */
interface CoordinatorLogs {
  readonly recoveryPoint: number | null;
  readonly groupLogs: readonly GroupLogPosition[];
}

const FILES: Readonly<Record<Field, CheckpointName>> = {
  recoveryPoint: "recovery-point-offset-checkpoint",
  logStartOffset: "log-start-offset-checkpoint",
  highWatermark: "replication-offset-checkpoint",
  firstDirtyOffset: "cleaner-offset-checkpoint",
};

/** The coordinator's journal, as the recovery point file names it. */
const JOURNAL = { topic: "__cluster_metadata", partition: 0 };

/** What the checkpoint files know. */
export class Checkpoints {
  readonly #directory: DataDirectory;
  readonly #clean: boolean;
  readonly #notice: (words: string) => void;
  /** The files still name partitions that were deleted. */
  #isStale = false;
  readonly #values: Record<Field, Map<string, Entry>> = {
    recoveryPoint: new Map(),
    logStartOffset: new Map(),
    highWatermark: new Map(),
    firstDirtyOffset: new Map(),
  };

  /** Reads the files; what can't be read is left out and noted. */
  constructor(directory: DataDirectory, clean: boolean, notice: (words: string) => void) {
    this.#directory = directory;
    this.#clean = clean;
    this.#notice = notice;
    for (const field of fields()) {
      const { value, notice: words } = directory.readCheckpoint(FILES[field], parseOffsetCheckpoint);
      if (words !== null) notice(words);
      for (const entry of value ?? []) this.#values[field].set(key(entry.topic, entry.partition), entry);
    }
  }

  /** What is known of one log before it is opened. */
  of(topic: string, partition: number): LogCheckpoint {
    if (this.#isStale) this.#writeForgotten();
    const name = key(topic, partition);
    return {
      clean: this.#clean && this.#values.recoveryPoint.has(name),
      recoveryPoint: this.#values.recoveryPoint.get(name)?.offset ?? 0,
      logStartOffset: this.#values.logStartOffset.get(name)?.offset ?? 0,
      highWatermark: this.#values.highWatermark.get(name)?.offset ?? 0,
      firstDirtyOffset: this.#values.firstDirtyOffset.get(name)?.offset ?? 0,
    };
  }

  /** The journal's recovery point. */
  get journalRecoveryPoint(): number {
    return this.of(JOURNAL.topic, JOURNAL.partition).recoveryPoint;
  }

  /** The groups' logs that are known. */
  get groupLogs(): GroupLogPosition[] {
    const known = [...this.#values.recoveryPoint.values()].filter(({ topic }) => topic === OFFSETS_TOPIC);
    return known.map(({ topic, partition }) => {
      const { recoveryPoint, logStartOffset, highWatermark } = this.of(topic, partition);
      return { partition, recoveryPoint, logStartOffset, highWatermark };
    });
  }

  /** A log start moved: in the file before anybody is told, or the fault to tell instead. */
  trimmed(topic: string, partition: number, logStartOffset: number): Fault | null {
    this.#values.logStartOffset.set(key(topic, partition), { topic, partition, offset: logStartOffset });
    try {
      this.#write("logStartOffset");
      return null;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return fault("KAFKA_STORAGE_ERROR", `The new log start can't be kept: ${error.message}`);
    }
  }

  /** Partitions were deleted: another of the same name must not begin with what was known of them. */
  forget(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    let isKnown = false;
    for (const { topic, partition } of partitions) {
      for (const field of fields()) {
        if (this.#values[field].delete(key(topic, partition))) isKnown = true;
      }
    }
    if (isKnown) this.#writeForgotten();
  }

  /** Forgets every partition that is not in `image`: a crash came between a deletion and its being forgotten. */
  keepOnly(image: Image): void {
    const isKnown = ({ topic, partition }: Entry) =>
      partition < (image.topics.get(topic)?.partitions.length ?? 0);
    const gone = new Map<string, Entry>();
    for (const field of fields()) {
      for (const [name, entry] of this.#values[field]) {
        if (!isKnown(entry) && entry.topic !== JOURNAL.topic) gone.set(name, entry);
      }
    }
    this.forget([...gone.values()]);
  }

  #writeForgotten(): void {
    this.#isStale = true;
    try {
      for (const field of fields()) this.#write(field);
      this.#isStale = false;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#notice(`Could not write the checkpoint files: ${error.message}`);
    }
  }

  /**
   * Takes in what the logs said and writes the files. Logs that said nothing, for their worker is not
   * there, keep their entries; a log start that was trimmed meanwhile stays. Throws DiskError.
   */
  write(partitionLogs: readonly Named[], { recoveryPoint, groupLogs }: CoordinatorLogs): void {
    const journal = recoveryPoint ?? this.journalRecoveryPoint;
    const logs: readonly Named[] = [
      ...partitionLogs,
      ...groupLogs.map((log) => ({ ...log, topic: OFFSETS_TOPIC })),
    ];
    for (const field of fields()) {
      for (const log of logs) {
        const { topic, partition } = log;
        const name = key(topic, partition);
        const known = field === "logStartOffset" ? this.#values[field].get(name)?.offset ?? 0 : 0;
        this.#values[field].set(name, { topic, partition, offset: Math.max(log[field] ?? 0, known) });
      }
    }
    this.#values.recoveryPoint.set(key(JOURNAL.topic, JOURNAL.partition), { ...JOURNAL, offset: journal });
    for (const field of fields()) this.#write(field);
  }

  #write(field: Field): void {
    const entries = [...this.#values[field].values()];
    const isSparse = field === "logStartOffset" || field === "firstDirtyOffset";
    const kept = isSparse ? entries.filter(({ offset }) => offset > 0) : entries;
    this.#directory.writeCheckpoint(FILES[field], formatOffsetCheckpoint(kept));
  }
}

function fields(): Field[] {
  return Object.keys(FILES) as Field[];
}

function key(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

/** Writes files that only save work: where it fails the old ones stay, `warn` is told, and recovery does more. */
export function attempt(what: string, warn: (words: string) => void, write: () => void): void {
  try {
    write();
  } catch (error) {
    warn(`could not write ${what}: ${(error as Error).message}`);
  }
}
