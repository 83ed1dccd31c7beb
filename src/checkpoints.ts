/**
 * The data directory's checkpoint files, read at the start and written while the
 * broker runs: up to where each log is known to be flushed, where it begins, and
 * its high watermark. The main thread writes them, from what the workers say, so
 * that files of all partitions have one writer. Compose calls this.
 */
import { formatOffsetCheckpoint, parseOffsetCheckpoint } from "./log/mod.ts";
import type { LogCheckpoint } from "./mailbox/mod.ts";
import type { LogDescription } from "./model/mod.ts";
import type { CheckpointName, DataDirectory } from "./storage/mod.ts";

type Named = LogDescription & { readonly topic: string; readonly partition: number };
type Field = "recoveryPoint" | "logStartOffset" | "highWatermark";

const FILES: Readonly<Record<Field, CheckpointName>> = {
  recoveryPoint: "recovery-point-offset-checkpoint",
  logStartOffset: "log-start-offset-checkpoint",
  highWatermark: "replication-offset-checkpoint",
};

/** The coordinator's journal, as the recovery point file names it. */
const JOURNAL = { topic: "__cluster_metadata", partition: 0 };

/** What the checkpoint files know. */
export class Checkpoints {
  readonly #directory: DataDirectory;
  readonly #clean: boolean;
  readonly #values: Record<Field, Map<string, { topic: string; partition: number; offset: number }>> = {
    recoveryPoint: new Map(),
    logStartOffset: new Map(),
    highWatermark: new Map(),
  };

  /** Reads the files; what can't be read is left out and noted. */
  constructor(directory: DataDirectory, clean: boolean, notice: (words: string) => void) {
    this.#directory = directory;
    this.#clean = clean;
    for (const field of fields()) {
      const { value, notice: words } = directory.readCheckpoint(FILES[field], parseOffsetCheckpoint);
      if (words !== null) notice(words);
      for (const entry of value ?? []) this.#values[field].set(key(entry.topic, entry.partition), entry);
    }
  }

  /** What is known of one log before it is opened. */
  of(topic: string, partition: number): LogCheckpoint {
    const name = key(topic, partition);
    return {
      clean: this.#clean && this.#values.recoveryPoint.has(name),
      recoveryPoint: this.#values.recoveryPoint.get(name)?.offset ?? 0,
      logStartOffset: this.#values.logStartOffset.get(name)?.offset ?? 0,
      highWatermark: this.#values.highWatermark.get(name)?.offset ?? 0,
    };
  }

  /** The journal's recovery point. */
  get journalRecoveryPoint(): number {
    return this.of(JOURNAL.topic, JOURNAL.partition).recoveryPoint;
  }

  /** A log start moved: in the file before anybody is told. Throws DiskError. */
  trimmed(topic: string, partition: number, logStartOffset: number): void {
    this.#values.logStartOffset.set(key(topic, partition), { topic, partition, offset: logStartOffset });
    this.#write("logStartOffset");
  }

  /** Replaces everything with what the logs say now, and writes the files. Throws DiskError. */
  write(logs: readonly Named[], journalRecoveryPoint: number | null): void {
    const journal = journalRecoveryPoint ?? this.journalRecoveryPoint;
    for (const field of fields()) {
      this.#values[field].clear();
      for (const log of logs) {
        const { topic, partition } = log;
        this.#values[field].set(key(topic, partition), { topic, partition, offset: log[field] });
      }
    }
    this.#values.recoveryPoint.set(key(JOURNAL.topic, JOURNAL.partition), { ...JOURNAL, offset: journal });
    for (const field of fields()) this.#write(field);
  }

  #write(field: Field): void {
    const entries = [...this.#values[field].values()];
    const kept = field === "logStartOffset" ? entries.filter(({ offset }) => offset > 0) : entries;
    this.#directory.writeCheckpoint(FILES[field], formatOffsetCheckpoint(kept));
  }
}

function fields(): Field[] {
  return Object.keys(FILES) as Field[];
}

function key(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}
