/**
 * The same histories through Apache Kafka's own cleaner and ours: batch for batch
 * the same is left, but for the empty header with which our segments end.
 */
import assert from "node:assert/strict";
import { CODEC_NAMES } from "../../../src/record/mod.ts";
import { FileDisk } from "../../../src/storage/mod.ts";
import { DIRECTORY } from "../../unit/log/fixtures.ts";
import { History, linesOf, type Pair } from "../../unit/log/compaction/history.ts";
import type { Case, Field } from "../cases.ts";
import { java } from "./jars.ts";

const PROGRAM = new URL("CleanLog.java", import.meta.url).pathname;
const LOADER = new URL("OpenLog.java", import.meta.url).pathname;
const HISTORIES = 12;
const STEPS = 60;
const SEGMENT_BYTES = 900;
const TOMBSTONE_MS = 100;
/** The second cleaning comes when the horizons of the first are past. */
const TIMES_MS = [2_000, 2_100] as const;

/** A past of batches in all codecs, tombstones, producers and transactions, the same for the same seed. */
function pastOf(seed: number): History {
  const history = new History({ segmentBytesMax: SEGMENT_BYTES, tombstoneMs: TOMBSTONE_MS });
  let state = seed * 7_919 + 1;
  const below = (bound: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 4_294_967_296 * bound);
  };
  const sequences = [0, 0, 0];
  const append = (producer: number, options: object): void => {
    const pairs = Array.from({ length: 1 + below(4) }, (): Pair => [
      `k${below(9)}`,
      below(4) === 0 ? null : `v${below(1_000)}`,
    ]);
    const idempotent = { producerId: producer, producerEpoch: 0, baseSequence: sequences[producer] };
    history.append(pairs, { ...options, ...(producer < 3 ? idempotent : {}) });
    if (producer < 3) sequences[producer]! += pairs.length;
  };
  for (let step = 0; step < STEPS; step++) {
    history.nowMs += below(10);
    const producer = below(6);
    if (producer < 3 && below(2) === 0) {
      for (let left = below(3); left >= 0; left--) append(producer, { isTransactional: true });
      history.marker(below(2) === 0 ? "abort" : "commit", producer);
    } else {
      append(producer, { codec: CODEC_NAMES[below(5)]! });
    }
    if (below(12) === 0) history.roll();
  }
  history.roll();
  history.append([["last", "1"]]);
  return history;
}

/** Copies the log's files to a directory that Kafka will take for a partition's. */
function copyLog(history: History, directory: string): void {
  Deno.mkdirSync(directory, { recursive: true });
  for (const { name } of history.disk.list(DIRECTORY).filter(({ name }) => name.endsWith(".log"))) {
    const file = history.disk.open(`${DIRECTORY}/${name}`, "read");
    Deno.writeFileSync(`${directory}/${name}`, file.view(0, file.size).slice());
    file.close();
  }
}

function clean(history: History): string[] {
  for (const nowMs of TIMES_MS) {
    history.nowMs = nowMs;
    history.checkpoint = 0;
    history.clean(10_000);
  }
  return history.lines();
}

/** Our lines without the empty headers that only we keep, where a segment ends. */
function withoutOurs(ours: readonly string[], theirs: ReadonlySet<string>): string[] {
  return ours.filter((line, index) => {
    const isEnd = ours[index + 1]?.startsWith("segment") ?? true;
    return !line.startsWith("segment") && !(isEnd && line.endsWith("nothing") && !theirs.has(line));
  });
}

async function leavesWhatKafkaLeaves(field: Field): Promise<void> {
  const histories = Array.from({ length: HISTORIES }, (_, seed) => pastOf(seed));
  const directories = histories.map((_, seed) => `${field.directory}/cleaned/${seed}/orders-0`);
  histories.forEach((history, seed) => copyLog(history, directories[seed]!));
  const words = [...TIMES_MS, SEGMENT_BYTES, TOMBSTONE_MS].map(String);
  const ended = await java(PROGRAM, [...words, ...directories]);
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  histories.forEach((history, seed) => {
    const before = history.lines().length;
    const theirs = linesOf(new FileDisk(), directories[seed]!).filter((line) => !line.startsWith("segment"));
    assert.ok(theirs.length < before, `history ${seed}: something was cleaned`);
    assert.deepEqual(withoutOurs(clean(history), new Set(theirs)), theirs, `history ${seed}`);
  });
}

/** Cleans until segments of a swap lie there, and copies that moment's files; false where the cleaning had none. */
function copyInSwap(history: History, directory: string): boolean {
  const cleaning = history.begin();
  const isInSwap = () => history.disk.list(DIRECTORY).some(({ name }) => name.endsWith(".log.swap"));
  while (!isInSwap()) if (cleaning.step(1) !== "more") return false;
  Deno.mkdirSync(directory, { recursive: true });
  for (const { name } of history.disk.list(DIRECTORY)) {
    const file = history.disk.open(`${DIRECTORY}/${name}`, "read");
    Deno.writeFileSync(`${directory}/${name}`, file.view(0, file.size).slice());
    file.close();
  }
  return true;
}

/** What Weir makes of the same moment. */
function finished(history: History): string[] {
  history.recover(0);
  return history.lines();
}

async function finishesSwaps(field: Field): Promise<void> {
  const histories = Array.from({ length: HISTORIES }, (_, seed) => pastOf(seed));
  const found = histories.flatMap((history, seed) => {
    const directory = `${field.directory}/swaps/${seed}/orders-0`;
    history.nowMs = TIMES_MS[0];
    return copyInSwap(history, directory) ? [{ history, directory }] : [];
  });
  assert.ok(found.length > HISTORIES / 2, `${found.length} of ${HISTORIES} histories swap`);
  const ended = await java(LOADER, found.map(({ directory }) => directory));
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  for (const { history, directory } of found) {
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.endsWith(".swap")), [], directory);
    assert.deepEqual(linesOf(new FileDisk(), directory), finished(history), directory);
  }
}

export const COMPACTION_CASES: readonly Case[] = [
  {
    name: "Kafka's own cleaner leaves of a log what ours leaves, batch for batch",
    run: leavesWhatKafkaLeaves,
  },
  { name: "Kafka's loader ends a swap of segments that Weir began as Weir ends it", run: finishesSwaps },
];
