/**
 * Kafka's own DumpLogSegments on the files of a broker: every batch whole, every record where the indexes say,
 * offsets and sequences without a gap, no complaint. The files are read twice: while the broker runs, and after
 * it stopped, when the indexes must be trimmed and pass Kafka's sanity check.
 */
import assert from "node:assert/strict";
import type { Case, Field } from "../cases.ts";
import { java } from "./jars.ts";
import { createTopic, done } from "./tools.ts";

const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"];
const RECORDS = 12_000;
const TOPIC = "dump-a";

/** Files of the partition with one of the endings, oldest first. */
async function filesOf(data: string, ...endings: string[]): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${data}/${TOPIC}-0`)) {
    if (endings.some((ending) => name.endsWith(ending))) names.push(`${data}/${TOPIC}-0/${name}`);
  }
  return names.sort();
}

/** What DumpLogSegments says of files, each under its "Dumping FILE" line; complaints fail. */
export async function dump(files: readonly string[], ...words: string[]): Promise<Map<string, string[]>> {
  const ended = await java("org.apache.kafka.tools.DumpLogSegments", [...words, "--files", files.join()]);
  assert.equal(ended.code, 0, ended.stderr.slice(0, 2000) + ended.stdout.slice(-500));
  const sections = new Map<string, string[]>();
  for (const section of ended.stdout.split(/^Dumping /m).slice(1)) {
    const [name, ...lines] = section.trimEnd().split("\n");
    sections.set(name!, lines);
  }
  assert.deepEqual([...sections.keys()], [...files]);
  return sections;
}

const COMPLAINT =
  /mismatch|corrupt|invalid bytes|out of order|Non-consecutive|isvalid: false|Found|Exception/i;

/**
 * Lines that are a complaint. Deep iteration starts each file at "no offset yet", so it calls the first record of
 * every later segment non-consecutive, on Kafka's own files, too, and every gap that a cleaner left: those pairs of
 * lines are no complaint. Whoever wants no gaps looks at the offsets.
 */
export function complaints(sections: Map<string, string[]>): string[] {
  const lines = [...sections.values()].flat().join("\n");
  const innocent = /^Non-consecutive offsets in \S+\n {2}-?\d+ is followed by \d+$/gm;
  return lines.replaceAll(innocent, "").split("\n").filter((line) =>
    !line.startsWith("|") && COMPLAINT.test(line)
  );
}

interface Batch {
  readonly base: number;
  readonly last: number;
  readonly position: number;
  readonly size: number;
  readonly codec: string;
  readonly crc: number;
  readonly producer: number;
  readonly baseSequence: number;
}

const BATCH =
  /^baseOffset: (\d+) lastOffset: (\d+) count: (\d+) baseSequence: (-?\d+) lastSequence: -?\d+ producerId: (-?\d+) .*position: (\d+) CreateTime: \d+ size: (\d+) magic: 2 compresscodec: (\w+) crc: (\d+) isvalid: true$/;

function batchesOf(lines: readonly string[]): Batch[] {
  return lines.filter((line) => line.startsWith("baseOffset: ")).map((line) => {
    const found = BATCH.exec(line);
    assert.ok(found !== null, line);
    const [base, last, count, baseSequence, producer, position, size] = found.slice(1, 8).map(Number);
    assert.equal(count, last! - base! + 1, line);
    return {
      base: base!,
      last: last!,
      position: position!,
      size: size!,
      codec: found[8]!.toLowerCase(),
      crc: Number(found[9]),
      producer: producer!,
      baseSequence: baseSequence!,
    };
  });
}

/** Checks one segment's batches against its bytes; gives the offset after the last. */
async function checkSegment(file: string, lines: readonly string[], next: number): Promise<number> {
  const bytes = await Deno.readFile(file);
  const view = new DataView(bytes.buffer);
  const base = Number(/(\d{20})\.log$/.exec(file)![1]);
  assert.equal(base, next, `${file} begins where the one before ended`);
  let position = 0;
  for (const batch of batchesOf(lines)) {
    assert.deepEqual([batch.base, batch.position], [next, position], `${file} at ${position}`);
    assert.equal(Number(view.getBigInt64(position)), batch.base);
    assert.equal(view.getInt32(position + 8) + 12, batch.size);
    assert.equal(view.getUint32(position + 17), batch.crc);
    next = batch.last + 1;
    position += batch.size;
  }
  assert.equal(position, bytes.length, `${file} is read to its end`);
  return next;
}

async function checkLogs(data: string): Promise<void> {
  const files = await filesOf(data, ".log");
  assert.ok(files.length >= 4, `several segments: ${files.join(" ")}`);
  const sections = await dump(files, "--deep-iteration", "--print-data-log");
  assert.deepEqual(complaints(sections), []);
  let next = 0;
  for (const file of files) next = await checkSegment(file, sections.get(file)!, next);
  assert.equal(next, RECORDS * CODECS.length);
  const all = [...sections.values()].flat();
  const offsets = all.filter((line) => line.startsWith("| offset: ")).map((line) =>
    Number(line.split(" ")[2])
  );
  assert.deepEqual(offsets, Array.from({ length: next }, (_, offset) => offset));
  assert.deepEqual([...new Set(batchesOf(all).map(({ codec }) => codec))], CODECS);
  checkSequences(batchesOf(all));
}

function checkSequences(batches: readonly Batch[]): void {
  const next = new Map<number, number>();
  for (const { producer, baseSequence, base, last } of batches) {
    assert.ok(producer >= 0, "the Java producer is idempotent unless told otherwise");
    assert.equal(baseSequence, next.get(producer) ?? 0, `sequence at offset ${base}`);
    next.set(producer, baseSequence + last - base + 1);
  }
}

/** Index entries point at batches; time index entries rise. DumpLogSegments itself compares both with the log. */
async function checkIndexes(data: string): Promise<void> {
  const logs = await dump(await filesOf(data, ".log"));
  const indexes = await dump(await filesOf(data, ".index", ".timeindex"));
  assert.deepEqual(complaints(indexes), []);
  for (const [file, lines] of indexes) {
    const batches = batchesOf(logs.get(file.replace(/\.(time)?index$/, ".log"))!);
    if (file.endsWith(".timeindex")) checkTimes(file, lines);
    else checkPositions(file, lines, batches);
  }
}

function checkPositions(file: string, lines: readonly string[], batches: readonly Batch[]): void {
  const known = new Map(batches.map((batch) => [batch.position, batch]));
  const entries = lines.map((line) => /^offset: (\d+) position: (\d+)$/.exec(line));
  assert.ok(entries.length > 3 || batches.length < 8, `${file} has ${entries.length} entries`);
  for (const [index, entry] of entries.entries()) {
    assert.ok(entry !== null, `${file}: ${lines[index]}`);
    const batch = known.get(Number(entry[2]));
    const offset = Number(entry[1]);
    assert.ok(
      batch && offset >= batch.base && offset <= batch.last,
      `${file}: ${entry[0]} is in no batch there`,
    );
  }
}

function checkTimes(file: string, lines: readonly string[]): void {
  let before = [0, 0];
  assert.ok(lines.length > 0, `${file} has entries`);
  for (const line of lines) {
    const found = /^timestamp: (\d+) offset: (\d+)$/.exec(line);
    assert.ok(found !== null, `${file}: ${line}`);
    const [time, offset] = [Number(found[1]), Number(found[2])];
    assert.ok(time >= before[0]! && offset >= before[1]!, `${file}: ${line} after ${before}`);
    before = [time, offset];
  }
}

async function checkSnapshots(data: string): Promise<void> {
  const files = await filesOf(data, ".snapshot");
  assert.ok(files.length > 0, "idempotent producers leave snapshots behind");
  const sections = await dump(files);
  assert.deepEqual(complaints(sections), []);
  for (const [file, lines] of sections) {
    const end = Number(/(\d{20})\.snapshot$/.exec(file)![1]);
    for (const line of lines) {
      const found =
        /^producerId: \d+ producerEpoch: 0 .*firstSequence: (\d+) lastSequence: (\d+) lastOffset: (\d+) offsetDelta: (\d+) timestamp: \d+$/
          .exec(line);
      assert.ok(found !== null, `${file}: ${line}`);
      const [first, last, lastOffset, delta] = found.slice(1).map(Number);
      assert.ok(last! - first! === delta && lastOffset! < end, `${file}: ${line}`);
    }
  }
}

async function produceCodecs(field: Field): Promise<void> {
  await createTopic(field, TOPIC, 1, ["segment.bytes=1048576", "index.interval.bytes=4096"]);
  for (const codec of CODECS) {
    const load = [
      "--topic",
      TOPIC,
      "--num-records",
      String(RECORDS),
      "--record-size",
      "100",
      "--throughput",
      "-1",
    ];
    await done(field, "kafka-producer-perf-test", [
      ...load,
      "--command-property",
      `compression.type=${codec}`,
    ]);
  }
}

async function readsTheFiles(field: Field): Promise<void> {
  const server = await field.start();
  const { data } = server;
  try {
    await produceCodecs({ ...field, server });
    await checkLogs(data);
    await checkIndexes(data);
  } finally {
    await server.stop();
  }
  await checkLogs(data);
  await checkIndexes(data);
  await checkSnapshots(data);
  const indexes = await filesOf(data, ".index", ".timeindex");
  for (const [file, lines] of await dump(indexes, "--index-sanity-check")) {
    assert.deepEqual(lines, [`${file} passed sanity check.`]);
  }
}

export const DUMP_CASES: readonly Case[] = [
  { name: "kafka-dump-log reads segments, indexes and snapshots without complaint", run: readsTheFiles },
];
