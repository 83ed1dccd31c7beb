/** Records through the native client, and the comparison of every byte. */
import assert from "node:assert/strict";
import type { Weir } from "weir";
import type { CodecName } from "../../../src/record/mod.ts";
import type { FoundRecord, MatrixRecord } from "./client.ts";

const READ_MS_MAX = 20_000;

/** Reads `count` records of a topic from the start of every partition. */
export async function nativeRead(weir: Weir, topic: string, count: number): Promise<FoundRecord[]> {
  const signal = AbortSignal.timeout(READ_MS_MAX);
  const formats = { key: "bytes", value: "bytes" } as const;
  await using consumer = weir.consumer({ topics: [topic], from: "earliest", ...formats, signal });
  const found: FoundRecord[] = [];
  for await (const record of consumer) {
    const { partition, offset, timestamp } = record;
    const headers = record.rawHeaders.map(([name, value]) => [name, value!] as const);
    found.push({ partition, offset, timestamp, key: record.keyBytes, value: record.bytes(), headers });
    if (found.length === count) break;
  }
  return found;
}

/** Writes records, in order. */
export async function nativeWrite(
  weir: Weir,
  topic: string,
  records: readonly MatrixRecord[],
  compression: CodecName,
): Promise<void> {
  await using producer = weir.producer({ compression });
  const sent = records.map(({ timestamp, ...record }) => ({ ...record, timestamp: timestamp ?? undefined }));
  await producer.send(topic, sent);
}

/** Throws unless partitions, keys, values, headers and given timestamps are the same, in each partition's order. */
export function assertSame(
  found: readonly FoundRecord[],
  wanted: readonly MatrixRecord[],
  what: string,
): void {
  assert.equal(found.length, wanted.length, what);
  const partitions = new Set(wanted.map(({ partition }) => partition));
  for (const partition of partitions) {
    const here = found.filter((record) => record.partition === partition);
    const there = wanted.filter((record) => record.partition === partition);
    assert.equal(here.length, there.length, `${what}, partition ${partition}`);
    there.forEach((record, index) => assertSameRecord(here[index]!, record, `${what}, record ${index}`));
  }
}

function assertSameRecord(found: FoundRecord, wanted: MatrixRecord, what: string): void {
  assert.equal(textOf(found.key), textOf(wanted.key), `${what}: key`);
  assert.ok(textOf(found.value) === textOf(wanted.value), `${what}: value`);
  const headers = (record: MatrixRecord) => record.headers.map(([name, value]) => [name, textOf(value)]);
  assert.deepEqual(headers(found), headers(wanted), `${what}: headers`);
  if (wanted.timestamp !== null) assert.equal(found.timestamp, wanted.timestamp, `${what}: timestamp`);
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new Uint8Array(bytes).toHex();
}
