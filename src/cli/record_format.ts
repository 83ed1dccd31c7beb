/**
 * One record as bytes for standard output. `value` and `key-value` write keys
 * and values exactly as they are, whatever their bytes; a missing one is the
 * word `null`, as Kafka's console consumer prints it. `json` is one object per
 * line; bytes that are not UTF-8 stand in base64 under `keyBase64`, `valueBase64`.
 */

/** The shapes of `--format`. */
export const RECORD_FORMATS = ["value", "key-value", "json"] as const;
export type RecordFormat = typeof RECORD_FORMATS[number];

/** What is printed of a record. */
export interface PrintedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [key: string, value: Uint8Array | null])[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NULL = encoder.encode("null");
const NEWLINE = encoder.encode("\n");

/** The pieces of a record's line, in order, the newline included. */
export function recordPieces(
  record: PrintedRecord,
  format: RecordFormat,
  separator: Uint8Array,
): readonly Uint8Array[] {
  if (format === "value") return [record.value ?? NULL, NEWLINE];
  if (format === "key-value") return [record.key ?? NULL, separator, record.value ?? NULL, NEWLINE];
  return [encoder.encode(`${JSON.stringify(recordObject(record))}\n`)];
}

function recordObject(record: PrintedRecord): Record<string, unknown> {
  const headers = record.headers.map(([key, value]) => ({ key, ...bytesField("value", value) }));
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestamp: timeText(record.timestampMs),
    ...bytesField("key", record.key),
    ...bytesField("value", record.value),
    headers,
  };
}

/** ISO 8601; the number itself where no date can stand for it (−1: the record has no timestamp). */
function timeText(timestampMs: number): string | number {
  const isDate = timestampMs >= 0 && timestampMs <= 8_640_000_000_000_000;
  return isDate ? new Date(timestampMs).toISOString() : timestampMs;
}

/** Bytes as a field of a JSON object: text under `name` where they are UTF-8, else base64 under `nameBase64`. */
export function bytesField(name: string, bytes: Uint8Array | null): Record<string, string | null> {
  if (bytes === null) return { [name]: null };
  try {
    return { [name]: decoder.decode(bytes) };
  } catch {
    return { [`${name}Base64`]: bytes.toBase64() };
  }
}
