/** What a reader from the start finds, beside what the full history says it must find. */
import assert from "node:assert/strict";
import type { Log } from "../../../../src/log/mod.ts";
import { attributes, forEachBatch, isControl, readRecords } from "../../../../src/record/mod.ts";
import { fetch } from "../fixtures.ts";

/** A record as it was appended. */
export interface Past {
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
  readonly isAborted: boolean;
}

/** Every record of data by offset, read with fetches from the log's start. */
export function readData(log: Log): Map<number, Past> {
  const found = new Map<number, Past>();
  const decoder = new TextDecoder();
  for (let next = log.logStartOffset; next < log.logEndOffset;) {
    const fetched = fetch(log, next, 300);
    assert.equal(fetched.fault, null);
    forEachBatch(fetched.bytes, (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (isControl(attributes(view, 0))) return;
      for (const { offset, key, value, timestamp } of readRecords(bytes)) {
        const text = value === null ? null : decoder.decode(value);
        found.set(offset, { key: decoder.decode(key!), value: text, timestamp, isAborted: false });
      }
    });
    if (fetched.nextOffset === next) break;
    next = fetched.nextOffset;
  }
  return found;
}

/** Every record found is one of the past, at its offset, and the last values are those of the past. */
export function compare(log: Log, past: ReadonlyMap<number, Past>): void {
  const found = readData(log);
  for (const [offset, { key, value, timestamp }] of found) {
    const was = past.get(offset);
    assert.ok(was !== undefined, `nothing was appended at ${offset}`);
    assert.deepEqual({ key, value, timestamp }, { key: was.key, value: was.value, timestamp: was.timestamp });
  }
  const committed = [...found].filter(([offset]) => !past.get(offset)!.isAborted);
  assert.deepEqual(lastValues(new Map(committed)), lastValues(past));
}

function lastValues(records: ReadonlyMap<number, Past>): Record<string, string> {
  const last: Record<string, string> = {};
  for (const [, { key, value, isAborted }] of [...records].sort(([a], [b]) => a - b)) {
    if (isAborted) continue;
    if (value === null) delete last[key];
    else last[key] = value;
  }
  return Object.fromEntries(Object.entries(last).sort());
}
