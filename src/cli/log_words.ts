/**
 * How the content of segment and index files looks: a line for each entry, for
 * people or as JSON, records indented below their batch. No input, no output.
 */
import type { DumpedBatch, DumpedEntry } from "../log/mod.ts";
import { countOf } from "./format.ts";
import { bytesField } from "./record_format.ts";

type DumpedRecord = NonNullable<DumpedBatch["records"]>[number];

/** One entry for people; ends with a newline. */
export function entryText(entry: DumpedEntry): string {
  switch (entry.kind) {
    case "batch":
      return batchText(entry);
    case "offset_entry":
      return `offset ${entry.offset} at position ${entry.position}\n`;
    case "time_entry":
      return `${timeText(entry.timestamp)} at offset ${entry.offset}\n`;
    case "producer_entry":
      return producerText(entry);
    case "damage":
      return `position ${entry.position}: DAMAGED, ${entry.what}\n`;
  }
}

/** One entry as a line of JSON; records only where they were asked for. */
export function entryJson(entry: DumpedEntry): string {
  if (entry.kind !== "batch") return `${JSON.stringify(entry)}\n`;
  const { records, ...header } = entry;
  if (records === null) return `${JSON.stringify(header)}\n`;
  return `${JSON.stringify({ ...header, records: records.map(recordObject) })}\n`;
}

function batchText(batch: DumpedBatch): string {
  const facts = [
    `offsets ${batch.baseOffset} to ${batch.lastOffset}`,
    countOf(batch.recordCount, "record"),
    `${batch.bytes} bytes`,
    `epoch ${batch.leaderEpoch}`,
    `compression ${batch.codec}`,
    `${batch.timestampType} ${timesText(batch)}`,
  ];
  if (batch.producerId >= 0) {
    facts.push(`producer ${batch.producerId} epoch ${batch.producerEpoch} sequence ${batch.baseSequence}`);
  }
  if (batch.isTransactional) facts.push("transactional");
  if (batch.isControl) facts.push("control");
  facts.push(batch.isSound ? "CRC ok" : "CRC WRONG");
  const records = (batch.records ?? []).map((record) => `  ${JSON.stringify(recordObject(record))}\n`);
  return `position ${batch.position}: ${facts.join(", ")}\n${records.join("")}`;
}

function producerText(entry: Extract<DumpedEntry, { kind: "producer_entry" }>): string {
  const { producerId, producerEpoch, lastSequence, offsetDelta, lastOffset, timestamp } = entry;
  const facts = [
    `producer ${producerId} epoch ${producerEpoch}`,
    `last sequence ${lastSequence} at offset ${lastOffset}`,
    `${countOf(offsetDelta + 1, "record")} in its batch`,
    timeText(timestamp),
    `coordinator epoch ${entry.coordinatorEpoch}`,
  ];
  const start = entry.currentTransactionStartOffset;
  if (start >= 0) facts.push(`transaction open from offset ${start}`);
  return `${facts.join(", ")}\n`;
}

function timesText(batch: DumpedBatch): string {
  const first = timeText(batch.baseTimestamp);
  return batch.maxTimestamp === batch.baseTimestamp ? first : `${first} to ${timeText(batch.maxTimestamp)}`;
}

function timeText(timestampMs: number): string {
  const isDate = timestampMs >= 0 && timestampMs <= 8_640_000_000_000_000;
  return isDate ? new Date(timestampMs).toISOString() : String(timestampMs);
}

function recordObject(record: DumpedRecord): Record<string, unknown> {
  const headers = record.headers.map(([key, value]) => ({ key, ...bytesField("value", value) }));
  const { offset, timestamp } = record;
  return {
    offset,
    timestamp,
    ...bytesField("key", record.key),
    ...bytesField("value", record.value),
    headers,
  };
}
