/**
 * Reads what is to be held against the ledgers, through the broker and from its
 * directory: records, where logs begin and end, how many bytes they have.
 */
import type { Weir } from "weir";
import { type FoundRecord, type LogFacts } from "./keyed_check.ts";
import type { KeyedLedger } from "./keyed_ledger.ts";

/** One partition from its start to its end. */
export interface Reading {
  readonly records: readonly FoundRecord[];
  readonly facts: LogFacts;
}

/** Reads a partition nobody writes to. */
export async function readPartition(weir: Weir, data: string, ledger: KeyedLedger): Promise<Reading> {
  const place = { topic: ledger.policy.topic, partition: ledger.partition };
  const activeOffset = Math.max(...listSegments(data, ledger).map(({ baseOffset }) => baseOffset));
  await using consumer = weir.consumer({ assignments: [place], from: "earliest", until: "end" });
  const records: FoundRecord[] = [];
  for await (const record of consumer) {
    const { offset, keyBytes, headers } = record;
    const key = keyBytes === null ? null : new TextDecoder().decode(keyBytes);
    records.push({ offset, key, value: record.text(), sequence: Number(headers.sequence) });
  }
  const readMs = Date.now();
  const bytes = listSegments(data, ledger).reduce((sum, segment) => sum + segment.bytes, 0);
  const [startOffset, endOffset] = await Promise.all([offsetAt("earliest"), offsetAt("latest")]);
  return { records, facts: { startOffset, endOffset, activeOffset, readMs, bytes } };

  async function offsetAt(at: "earliest" | "latest"): Promise<number> {
    return (await weir.admin.offsets(place.topic, at, { partitions: [place.partition] }))[0]!.offset;
  }
}

/** The segments of a log by their files, in order. */
export function listSegments(data: string, { name }: KeyedLedger): { baseOffset: number; bytes: number }[] {
  const names = Array.from(Deno.readDirSync(`${data}/${name}`), (entry) => entry.name).sort();
  return names.filter((file) => /^\d{20}\.log$/.test(file)).flatMap((file) => {
    try {
      return [{
        baseOffset: Number(file.slice(0, 20)),
        bytes: Deno.statSync(`${data}/${name}/${file}`).size,
      }];
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}

/** What tells a first segment from the one that a cleaning puts in its place. */
export function firstSegmentIdentity(data: string, ledger: KeyedLedger): string {
  const first = listSegments(data, ledger)[0];
  if (first === undefined) return "";
  const name = `${String(first.baseOffset).padStart(20, "0")}.log`;
  try {
    const { ino, birthtime } = Deno.statSync(`${data}/${ledger.name}/${name}`);
    return `${name} ${ino} ${birthtime?.getTime()}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
