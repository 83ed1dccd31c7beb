/**
 * Fuzz target: a shard fed with odd inputs of the right types: any handle, any
 * offset, any bytes for a batch, any order. Every input with an id is answered
 * exactly once, and nothing is thrown.
 */
import assert from "node:assert/strict";
import { OpenFiles } from "../../src/log/mod.ts";
import { LOG_SETTINGS_DEFAULT, type LogSettings, type ShardInput } from "../../src/model/mod.ts";
import { Shard } from "../../src/partition/mod.ts";
import { encodeBatch } from "../../src/record/mod.ts";
import { MemoryDisk } from "../../src/storage/mod.ts";
import { Choices } from "./choices.ts";

export const name = "shards";

const HANDLES = 3;
const INPUTS_MAX = 60;
const NUMBERS: readonly number[] = [
  -3,
  -2,
  -1,
  0,
  1,
  2,
  5,
  50,
  1e6,
  2 ** 31,
  2 ** 40,
  Number.MAX_SAFE_INTEGER,
];
const NOW_MS = 1_700_000_000_000;
const BATCH = encodeBatch([{ timestamp: NOW_MS, value: "one" }, { timestamp: NOW_MS - 5, value: "two" }]);

/** Programs: opens, appends, fetches, trims, deletes. */
export const seeds: readonly Uint8Array[] = [
  Uint8Array.of(0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 2, 4, 3, 9, 0, 8, 3, 0, 2, 9, 4, 0, 3, 9, 5, 0, 5),
  Uint8Array.of(0, 1, 5, 1, 1, 1, 0, 9, 2, 5, 2, 9, 1, 3, 1, 1, 7, 1, 1, 2, 0, 9, 6, 2, 8, 1, 1, 4, 1),
  Uint8Array.of(0, 2, 9, 1, 2, 2, 3, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 2, 9, 0, 3, 1, 9, 2, 7, 7, 5, 2, 3),
];

/** Runs the input as a program. */
export function run(input: Uint8Array): void {
  const choices = new Choices(input);
  const disk = new MemoryDisk();
  const shard = new Shard({
    disk,
    openFiles: new OpenFiles(disk, 16),
    dataDirectory: "data",
    waitersMax: 2,
    checkCrcOnRead: true,
    retentionIntervalMs: 300_000,
    retentionDiskPercent: 100,
    jitter: () => 0.5,
    allocate: (length) => new Uint8Array(length),
  });
  const program = new Program(choices);
  let nowMs = NOW_MS;
  for (let count = 0; count < INPUTS_MAX && !choices.isOver;) {
    const inputs: ShardInput[] = [];
    for (let size = 1 + choices.below(4); size > 0; size--, count++) inputs.push(program.next());
    nowMs += choices.pick([0, 0, 1, 100, -100]);
    program.take(shard.turn(inputs, nowMs));
  }
  program.take(shard.turn([{ kind: "stop", id: program.id() }], nowMs));
  assert.deepEqual([...program.waiting], [], "inputs without an answer");
  assert.equal(shard.waiterCount, 0);
}

class Program {
  readonly waiting = new Set<number>();
  readonly #choices: Choices;
  #nextId = 0;
  #nextHandle = HANDLES;
  readonly #handles = Array.from({ length: HANDLES }, (_, index) => index);
  readonly #opened = new Set<number>();

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  id(): number {
    this.waiting.add(this.#nextId);
    return this.#nextId++;
  }

  take(outputs: ReturnType<Shard["turn"]>): void {
    for (const output of outputs) {
      if (!("id" in output)) continue;
      assert.ok(
        this.waiting.delete(output.id),
        `"${output.kind}" for ${output.id} came twice, or was not asked for`,
      );
    }
  }

  next(): ShardInput {
    const choices = this.#choices;
    const slot = choices.below(HANDLES);
    const handle = this.#handles[slot]!;
    switch (choices.below(11)) {
      case 0:
        return this.#opened.has(handle) ? this.#delete(slot, handle) : this.#open(slot, handle);
      case 1:
      case 2:
        return this.#append(handle);
      case 3:
        return this.#fetch(handle);
      case 4:
        return this.#listOffset(handle);
      case 5:
        return { kind: "trim", id: this.id(), handle, beforeOffset: Math.max(-1, choices.pick(NUMBERS)) };
      case 6:
        return { kind: "configure", handle, settings: this.#settings() };
      case 7:
        return { kind: "cancel", id: choices.byte() };
      case 8: {
        const leaderEpoch = choices.pick([-1, 0, 1, 7]);
        return {
          kind: "epoch_end",
          id: this.id(),
          handle,
          leaderEpoch,
          currentLeaderEpoch: choices.pick([-1, 0, 1]),
        };
      }
      case 9:
        return { kind: "describe_producers", id: this.id(), handle };
      default:
        return { kind: "describe", id: this.id(), handles: [handle, 99] };
    }
  }

  #listOffset(handle: number): ShardInput {
    const timestamp = this.#choices.pick(NUMBERS);
    const currentLeaderEpoch = this.#choices.pick([-1, -1, 0, 1]);
    const isolation = "read_uncommitted";
    return { kind: "list_offset", id: this.id(), handle, timestamp, isolation, currentLeaderEpoch };
  }

  #open(slot: number, handle: number): ShardInput {
    this.#opened.add(handle);
    const numbers = [0, 0, 1, 2 ** 33] as const;
    return {
      kind: "open",
      id: this.id(),
      handle,
      topic: `t${slot}`,
      partition: 0,
      topicId: "AAECAwQFBgcICQoLDA0ODw",
      leaderEpoch: 0,
      settings: this.#settings(),
      clean: this.#choices.below(2) === 0,
      isSuspect: this.#choices.below(2) === 0,
      recoveryPoint: this.#choices.pick(numbers),
      logStartOffset: this.#choices.pick(numbers),
      highWatermark: this.#choices.pick(numbers),
    };
  }

  #delete(slot: number, handle: number): ShardInput {
    this.#opened.delete(handle);
    this.#handles[slot] = this.#nextHandle++;
    const topicId = "AAECAwQFBgcICQoLDA0ODw";
    return { kind: "delete", id: this.id(), handle, topic: `t${slot}`, partition: 0, topicId };
  }

  #append(handle: number): ShardInput {
    const choices = this.#choices;
    const acks = choices.pick([-1, 1, 0] as const);
    const length = choices.byte();
    let batch: Uint8Array = BATCH.slice();
    if (length % 4 === 3) batch = choices.take(length).slice();
    else if (length % 4 === 2) batch = this.#idempotent();
    return { kind: "append", id: this.id(), handle, acks, batch };
  }

  #idempotent(): Uint8Array {
    const choices = this.#choices;
    return Uint8Array.from(
      encodeBatch([{ timestamp: NOW_MS, value: "one" }, { timestamp: NOW_MS, value: "two" }], {
        producerId: choices.pick([0, 1, 7, Number.MAX_SAFE_INTEGER, 2 ** 60]),
        producerEpoch: choices.pick([0, 0, 0, 1, 32_767]),
        baseSequence: choices.pick([0, 2, 4, 6, 8, 2_147_483_646, 2_147_483_647]),
        isTransactional: choices.below(4) === 0,
      }),
    );
  }

  #fetch(handle: number): ShardInput {
    const choices = this.#choices;
    const entries = Array.from({ length: choices.below(3) }, () => ({
      handle: choices.below(4) === 0 ? choices.byte() : handle,
      offset: Math.max(0, choices.pick(NUMBERS)),
      bytesMax: Math.max(0, choices.pick(NUMBERS)),
      currentLeaderEpoch: choices.pick([-1, -1, 0, 7]),
      lastFetchedEpoch: choices.pick([-1, -1, -1, 0, 1, 7]),
    }));
    return {
      kind: "fetch",
      id: this.id(),
      waitMsMax: Math.max(0, choices.pick(NUMBERS)),
      bytesMin: Math.max(0, choices.pick(NUMBERS)),
      bytesMax: Math.max(0, choices.pick(NUMBERS)),
      isolation: choices.pick(["read_uncommitted", "read_committed"] as const),
      entries,
    };
  }

  #settings(): LogSettings {
    const choices = this.#choices;
    return {
      ...LOG_SETTINGS_DEFAULT,
      segmentBytesMax: choices.pick([150, 400, 1_048_576]),
      indexIntervalBytes: choices.pick([0, 100, 4_096]),
      flushMessages: choices.pick([1, 3, Number.MAX_SAFE_INTEGER]),
      flushMs: choices.pick([0, 50, Number.MAX_SAFE_INTEGER]),
      messageBytesMax: choices.pick([90, 10_000]),
      timestampType: choices.pick(["CreateTime", "LogAppendTime"] as const),
    };
  }
}
