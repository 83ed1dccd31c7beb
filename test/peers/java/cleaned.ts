/**
 * Kafka's own DumpLogSegments on logs that Weir cleaned: every batch is sound, every index entry leads to its batch,
 * and the records are those that a consumer was given. Offsets have gaps there, as in any compacted log.
 */
import assert from "node:assert/strict";
import { complaints, dump } from "./dump.ts";

/** Reads the files of a partition's directory; `told` is what Exchange.java printed of the broker that served it. */
export async function dumpsAsServed(data: string, partition: string, told: string): Promise<void> {
  const files = [...Deno.readDirSync(`${data}/${partition}`)].map(({ name }) =>
    `${data}/${partition}/${name}`
  ).sort();
  const of = (...endings: string[]) =>
    files.filter((file) => endings.some((ending) => file.endsWith(ending)));
  const logs = await dump(of(".log"), "--deep-iteration", "--print-data-log");
  assert.deepEqual(complaints(logs), [], partition);
  const lines = [...logs.values()].flat();
  assert.deepEqual(lines.filter((line) => /^baseOffset: .* isvalid: false/.test(line)), [], partition);
  assert.deepEqual(dumpedRecords(lines), servedRecords(told, partition), partition);
  assert.deepEqual(complaints(await dump(of(".index", ".timeindex"), "--verify-index-only")), [], partition);
  for (const [file, said] of await dump(of(".index", ".timeindex"), "--index-sanity-check")) {
    assert.deepEqual(said, [`${file} passed sanity check.`]);
  }
  assert.deepEqual(complaints(await dump(of(".snapshot", ".txnindex"))), [], partition);
}

const RECORD =
  /^\| offset: (\d+) .* valueSize: (-?\d+) .*?headerKeys: \[\](?: key: (.*?))?(?: payload: (.*))?$/;

/** Offset, key and value of each record; markers of transactions are none. */
function dumpedRecords(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith("| offset: ") && !line.includes("endTxnMarker")).map(
    (line) => {
      const found = RECORD.exec(line);
      assert.ok(found !== null, line);
      const [, offset, valueSize, key, value] = found;
      return `${offset} ${hex(key)} ${valueSize === "-1" ? "null" : hex(value)}`;
    },
  );
}

function servedRecords(told: string, partition: string): string[] {
  return told.split("\n").filter((line) => line.startsWith(`record ${partition} `)).map((line) => {
    const [, , offset, , , , , key, value] = line.split(" ");
    return `${offset} ${key} ${value}`;
  });
}

function hex(text: string | undefined): string {
  return `'${new TextEncoder().encode(text ?? "").toHex()}'`;
}
