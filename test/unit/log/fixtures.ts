/** What the log's tests share: batches, options, a disk that counts, reading a log to its end. */
import assert from "node:assert/strict";
import { type Log, type LogOpenOptions, openLog } from "../../../src/log/mod.ts";
import { type Fault, LOG_SETTINGS_DEFAULT, type LogSettings } from "../../../src/model/mod.ts";
import { encodeBatch, forEachBatch, readRecords } from "../../../src/record/mod.ts";
import { type Disk, MemoryDisk } from "../../../src/storage/mod.ts";

export const DIRECTORY = "data/orders-0";
export const TOPIC_ID = "AAECAwQFBgcICQoLDA0ODw";
export const NOW_MS = 1_700_000_000_000;

/** A batch of records that hold these values; one timestamp for all, or one each. */
export function batchOf(
  values: readonly string[],
  timestamps: number | readonly number[] = NOW_MS,
): Uint8Array {
  const records = values.map((value, index) => ({
    timestamp: typeof timestamps === "number" ? timestamps : timestamps[index]!,
    value,
  }));
  return Uint8Array.from(encodeBatch(records));
}

/** A batch of `count` records by an idempotent producer. */
export function batchBy(
  producerId: number,
  producerEpoch: number,
  baseSequence: number,
  count: number,
  timestamp = NOW_MS,
  isTransactional = false,
): Uint8Array {
  const records = Array.from(
    { length: count },
    (_, index) => ({ timestamp, value: `${producerId}:${index}` }),
  );
  const options = { producerId, producerEpoch, baseSequence, isTransactional };
  return Uint8Array.from(encodeBatch(records, options));
}

export function settingsOf(changes: Partial<LogSettings>): LogSettings {
  return { ...LOG_SETTINGS_DEFAULT, ...changes };
}

export function optionsOf(changes: Partial<LogOpenOptions> = {}): LogOpenOptions {
  return {
    settings: LOG_SETTINGS_DEFAULT,
    leaderEpoch: 0,
    topicId: TOPIC_ID,
    nowMs: NOW_MS,
    clean: true,
    recoveryPoint: 0,
    logStartOffset: 0,
    highWatermark: 0,
    jitter: 0,
    ...changes,
  };
}

/** A new log in memory. */
export function newLog(
  settings: Partial<LogSettings> = {},
  disk: Disk = new MemoryDisk(),
): { log: Log; disk: Disk } {
  return { log: openLog(disk, DIRECTORY, optionsOf({ settings: settingsOf(settings) })).log, disk };
}

/** Appends and expects success; the high watermark follows. */
export function append(log: Log, batch: Uint8Array, nowMs = NOW_MS): number {
  const result = log.append(batch, nowMs);
  assert.ok(!("code" in result), JSON.stringify(result));
  log.setHighWatermark(log.logEndOffset);
  return result.baseOffset;
}

/** What `log` gives for one fetch: the bytes and the next offset, or the fault. */
export function fetch(log: Log, offset: number, bytesMax = 1_000_000, upperOffset = log.logEndOffset) {
  const slice = log.locate(offset, bytesMax, upperOffset, true);
  if ("code" in slice) return { fault: slice as Fault, bytes: new Uint8Array(0), nextOffset: offset };
  const bytes = new Uint8Array(slice.length);
  const fault = log.copy(slice, bytes);
  return { fault, bytes, nextOffset: slice.nextOffset };
}

/** Every record from `offset` to the end, by offset. Fails on any fault. */
export function readAll(log: Log, offset = log.logStartOffset, bytesMax = 1_000_000): Map<number, string> {
  const found = new Map<number, string>();
  const decoder = new TextDecoder();
  for (let next = offset; next < log.logEndOffset;) {
    const fetched = fetch(log, next, bytesMax);
    assert.equal(fetched.fault, null);
    assert.ok(fetched.nextOffset > next, `no progress at ${next}`);
    forEachBatch(fetched.bytes, (batch) => {
      for (const record of readRecords(batch)) {
        if (record.offset >= offset) found.set(record.offset, decoder.decode(record.value!));
      }
    });
    next = fetched.nextOffset;
  }
  return found;
}

/** A disk that counts bytes read of `.log` files, calls, and files open now. */
export class CountingDisk implements Disk {
  readonly kind = "memory";
  logBytesRead = 0;
  calls = 0;
  openCount = 0;
  openCountMax = 0;
  constructor(readonly inner: Disk) {}
  open(path: string, mode: Parameters<Disk["open"]>[1]) {
    this.calls++;
    const file = this.inner.open(path, mode);
    this.openCountMax = Math.max(this.openCountMax, ++this.openCount);
    const count = (bytes: number) => {
      this.calls++;
      if (path.endsWith(".log")) this.logBytesRead += bytes;
    };
    const close = () => {
      this.openCount--;
      file.close();
    };
    return {
      path,
      get size() {
        return file.size;
      },
      read: (position: number, target: Uint8Array) => {
        count(target.length);
        return file.read(position, target);
      },
      view: (position: number, length: number) => {
        count(length);
        return file.view(position, length);
      },
      write: (position: number, source: Uint8Array) => file.write(position, source),
      truncate: (size: number) => file.truncate(size),
      sync: () => file.sync(),
      close,
    };
  }
  list(path: string) {
    this.calls++;
    return this.inner.list(path);
  }
  stat(path: string) {
    this.calls++;
    return this.inner.stat(path);
  }
  makeDirectory(path: string) {
    this.calls++;
    this.inner.makeDirectory(path);
  }
  rename(from: string, to: string) {
    this.inner.rename(from, to);
  }
  remove(path: string) {
    this.inner.remove(path);
  }
  syncDirectory(path: string) {
    this.inner.syncDirectory(path);
  }
  space(path: string) {
    return this.inner.space(path);
  }
}
