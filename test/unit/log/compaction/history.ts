/**
 * A log and its past, for tests of compaction: batches by anybody, transactions'
 * markers, rolls, cleanings in steps, stops of every kind; and what is left of it,
 * in lines. Markers, which no client may append, are written into the closed file.
 */
import assert from "node:assert/strict";
import { Cleaning, dumpSegment, findCleanable, type Log, openLog } from "../../../../src/log/mod.ts";
import type { LogSettings } from "../../../../src/model/mod.ts";
import "../../../../src/record/codecs/mod.ts";
import {
  type BatchOptions,
  encodeBatch,
  encodeMarker,
  readControlRecord,
} from "../../../../src/record/mod.ts";
import { type Disk, MemoryDisk } from "../../../../src/storage/mod.ts";
import { DIRECTORY, optionsOf, settingsOf } from "../fixtures.ts";

export const SECRET = Uint32Array.of(1, 2, 3, 4);
/** Bytes of a slot of the offset map, and how many of them are filled at most. */
const SLOT_BYTES = 24;
const LOAD_MAX = 0.9;

/** A key and its value; `null` for a tombstone. */
export type Pair = readonly [key: string | null, value: string | null];

export class History {
  readonly disk: Disk;
  settings: LogSettings;
  nowMs = 1_000;
  checkpoint = 0;
  /** Keys the offset map has room for. */
  keysMax = 1_000;
  log: Log;

  constructor(settings: Partial<LogSettings> = {}, disk: Disk = new MemoryDisk()) {
    this.disk = disk;
    this.settings = settingsOf({ cleanupCompact: true, cleanableRatioMin: 0, ...settings });
    disk.makeDirectory("data");
    disk.syncDirectory(".");
    this.log = this.#open(true, 0);
  }

  configure(settings: Partial<LogSettings>): void {
    this.settings = { ...this.settings, ...settings };
    this.log.configure(this.settings);
  }

  append(pairs: readonly Pair[], options: BatchOptions = {}): number {
    const records = pairs.map(([key, value]) => ({ timestamp: this.nowMs, key, value }));
    const result = this.log.append(Uint8Array.from(encodeBatch(records, options)), this.nowMs);
    assert.ok(!("code" in result), JSON.stringify(result));
    this.log.setHighWatermark(this.log.logEndOffset);
    return result.baseOffset;
  }

  marker(outcome: "commit" | "abort", producerId: number): void {
    const { logEndOffset, logStartOffset } = this.log;
    this.log.flush();
    const bytes = encodeMarker(
      { outcome, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: this.nowMs },
      { baseOffset: logEndOffset, leaderEpoch: 0 },
    );
    const name = this.disk.list(DIRECTORY).filter((entry) => entry.name.endsWith(".log")).at(-1)!.name;
    const file = this.disk.open(`${DIRECTORY}/${name}`, "write");
    file.write(file.size, bytes);
    file.sync();
    file.close();
    this.log = this.#open(false, logEndOffset, logStartOffset);
    assert.equal(this.log.logEndOffset, logEndOffset + 1);
  }

  roll(): void {
    this.log.roll(this.nowMs);
  }

  /** What is cleanable now. */
  find() {
    return findCleanable(this.log, this.checkpoint, this.nowMs);
  }

  begin(): Cleaning {
    const dedupeBytesMax = SLOT_BYTES * Math.ceil(this.keysMax / LOAD_MAX);
    return new Cleaning(this.log, this.find(), { nowMs: this.nowMs, dedupeBytesMax, secret: SECRET });
  }

  /** Cleans once, in steps of `budgetBytes`. */
  clean(budgetBytes = 200): void {
    const cleaning = this.begin();
    while (cleaning.step(budgetBytes) === "more");
    assert.equal(cleaning.why, null);
    this.checkpoint = cleaning.cleanedUpTo;
  }

  /** A clean stop and a start. */
  restart(): void {
    const { logStartOffset } = this.log;
    this.log.close();
    this.log = this.#open(true, this.log.recoveryPoint, logStartOffset);
  }

  /** A start after the process or the power went. */
  recover(recoveryPoint = this.log.recoveryPoint, logStartOffset = this.log.logStartOffset): void {
    this.log = this.#open(false, recoveryPoint, logStartOffset);
  }

  /** See {@linkcode linesOf}. */
  lines(): string[] {
    return linesOf(this.disk, DIRECTORY);
  }

  #open(clean: boolean, recoveryPoint: number, logStartOffset = 0): Log {
    const changes = { settings: this.settings, clean, recoveryPoint, logStartOffset, nowMs: this.nowMs };
    const { log } = openLog(this.disk, DIRECTORY, optionsOf(changes));
    log.setHighWatermark(log.logEndOffset);
    return log;
  }
}

/** A line for each segment and each batch in a log's directory. */
export function linesOf(disk: Disk, directory: string): string[] {
  const names = disk.list(directory).map((entry) => entry.name).filter((name) => name.endsWith(".log"));
  const lines: string[] = [];
  for (const name of names) {
    lines.push(`segment ${Number(name.slice(0, 20))}`);
    dumpSegment(disk, `${directory}/${name}`, { records: true }, (entry) => {
      assert.equal(entry.kind, "batch");
      if (entry.kind === "batch") lines.push(lineOf(entry, disk, `${directory}/${name}`));
    });
  }
  return lines;
}

type Dumped = Extract<Parameters<Parameters<typeof dumpSegment>[3]>[0], { kind: "batch" }>;

function lineOf(entry: Dumped, disk: Disk, path: string): string {
  assert.ok(entry.isSound, "every batch is sound");
  const words = [`  ${entry.baseOffset}-${entry.lastOffset}`];
  if (entry.codec !== "none") words.push(entry.codec);
  if (entry.producerId >= 0) words.push(`pid=${entry.producerId} seq=${entry.baseSequence}`);
  if (entry.isTransactional && !entry.isControl) words.push("transactional");
  if (entry.hasDeleteHorizon) words.push(`until ${entry.baseTimestamp}`);
  words.push(`time ${entry.maxTimestamp}:`);
  if (entry.recordCount === 0) words.push("nothing");
  else if (entry.isControl) words.push(markerOf(entry, disk, path));
  else {
    words.push(
      entry.records!.map(({ offset, key, value }) =>
        `${offset} ${textOf(key)}${value === null ? "" : `=${textOf(value)}`}`
      )
        .join(", "),
    );
  }
  return words.join(" ");
}

function markerOf(entry: Dumped, disk: Disk, path: string): string {
  const file = disk.open(path, "read");
  const { type } = readControlRecord(file.view(entry.position, entry.bytes));
  file.close();
  return type === 0 ? "ABORT" : "COMMIT";
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? "-" : new TextDecoder().decode(bytes);
}
