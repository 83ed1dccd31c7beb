/** The performance tools, as checks: every record counted, no figure judged. */
import assert from "node:assert/strict";
import type { Case, Field } from "../cases.ts";
import { createTopic, done, offsetsAt } from "./tools.ts";

const RECORDS = 20_000;
const SAID = new RegExp(
  `^${RECORDS} records sent, [\\d.]+ records/sec \\([\\d.]+ MB/sec\\), .* ms 99\\.9th\\.$`,
  "m",
);

async function producesAll(field: Field): Promise<void> {
  await createTopic(field, "perf-a", 3);
  const cases = [["acks=1"], ["acks=all"], ["acks=0"], ["acks=all", "compression.type=lz4", "linger.ms=0"]];
  for (const properties of cases) {
    const load = ["--topic", "perf-a", "--num-records", String(RECORDS), "--record-size", "100"];
    const command = ["--throughput", "-1", "--command-property", ...properties];
    const said = await done(field, "kafka-producer-perf-test", [...load, ...command]);
    assert.match(said, SAID, said);
  }
  const ends = await offsetsAt(field, "perf-a", "latest");
  const total = ends.reduce((sum, line) => sum + Number(line.split(":")[1]), 0);
  assert.equal(total, RECORDS * cases.length);
}

async function consumesAll(field: Field): Promise<void> {
  await createTopic(field, "perf-b", 3);
  const load = ["--topic", "perf-b", "--num-records", String(RECORDS), "--record-size", "100"];
  await done(field, "kafka-producer-perf-test", [...load, "--throughput", "-1"]);
  const said = await done(field, "kafka-consumer-perf-test", [
    "--topic",
    "perf-b",
    "--num-records",
    String(RECORDS),
  ]);
  const figures = said.trimEnd().split("\n").at(-1)!.split(", ");
  assert.equal(Number(figures[4]), RECORDS, said);
}

export const LOAD_CASES: readonly Case[] = [
  { name: "kafka-producer-perf-test has every record acknowledged", run: producesAll },
  { name: "kafka-consumer-perf-test reads every record", run: consumesAll },
];
