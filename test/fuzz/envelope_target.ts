/**
 * Fuzz target: messages between threads. The bytes choose the shape of a message;
 * the checks take it or throw EnvelopeError, and a turn they take must not break
 * the shard it is given to, however odd its numbers are.
 */
import { OpenFiles } from "../../src/log/mod.ts";
import { EnvelopeError, openFromPartitionWorker, openToPartitionWorker } from "../../src/mailbox/envelope.ts";
import { LOG_SETTINGS_DEFAULT, type ShardInput } from "../../src/model/mod.ts";
import { Shard } from "../../src/partition/mod.ts";
import { encodeBatch } from "../../src/record/mod.ts";
import { MemoryDisk } from "../../src/storage/mod.ts";

export const name = "envelopes";

const disk = new MemoryDisk();
const shard = new Shard({
  disk,
  dataDirectory: "data",
  openFiles: new OpenFiles(disk),
  waitersMax: 8,
  checkCrcOnRead: true,
  jitter: () => 0,
  allocate: (length) => new Uint8Array(length),
});
const batch = encodeBatch([{ timestamp: 1, key: "k", value: "v" }]);
let id = 0;
let nowMs = 1;
let opened = false;

/** Reads numbers and choices off the input; zero when it is used up. */
class Dice {
  #at = 0;
  constructor(readonly bytes: Uint8Array) {}
  below(bound: number): number {
    return (this.bytes[this.#at++] ?? 0) % bound;
  }
  number(): number {
    const odd = [0, 1, -1, -2, -3, 5, 1_000_000, Number.MAX_SAFE_INTEGER, 2 ** 31, this.below(256)];
    return odd[this.below(odd.length)]!;
  }
}

export function run(input: Uint8Array): void {
  const dice = new Dice(input);
  attempt(() => openToPartitionWorker(oddMessage(dice, 0)));
  attempt(() => openFromPartitionWorker(oddMessage(dice, 0)));
  if (!opened) open();
  const inputs = Array.from({ length: 1 + dice.below(4) }, () => oddInput(dice));
  const message = openToPartitionWorker({ kind: "turn", inputs, buffers: [], returned: [] });
  if (message.kind !== "turn") throw new Error("A turn was taken for something else");
  const outputs = shard.turn(message.inputs, ++nowMs);
  for (const output of outputs) if (output.kind === "stopped") throw new Error("Nobody asked for a stop");
  // Long polls end, so that nothing gathers.
  shard.turn([], nowMs += 2_000_000);
  if (shard.waiterCount > 8) throw new Error("More long polls wait than may");
}

function attempt(open: () => unknown): void {
  try {
    open();
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
  }
}

function oddMessage(dice: Dice, depth: number): unknown {
  const leaves = [
    undefined,
    null,
    true,
    "turn",
    "turned",
    "start",
    7,
    NaN,
    [],
    new ArrayBuffer(1),
    new Uint8Array(2),
  ];
  if (depth > 2 || dice.below(3) === 0) return leaves[dice.below(leaves.length)];
  const keys = ["kind", "inputs", "outputs", "buffers", "returned", "asked", "options", "disk"];
  const message: Record<string, unknown> = { kind: ["turn", "turned", "start", "started"][dice.below(4)] };
  for (let count = dice.below(6); count > 0; count--) {
    const value = oddMessage(dice, depth + 1);
    message[keys[dice.below(keys.length)]!] = dice.below(2) === 0 ? value : [value];
  }
  return message;
}

function oddInput(dice: Dice): ShardInput {
  const handle = dice.below(4) === 0 ? dice.number() : 0;
  const isolation = dice.below(2) === 0 ? "read_committed" : "read_uncommitted";
  const currentLeaderEpoch = dice.below(3) - 1;
  switch (dice.below(6)) {
    case 0:
      return {
        kind: "append",
        id: id++,
        handle,
        acks: (dice.below(3) - 1) as -1 | 0 | 1,
        batch: oddBatch(dice),
      };
    case 1:
    case 2: {
      const entries = Array.from({ length: dice.below(3) }, () => {
        return {
          handle,
          offset: Math.abs(dice.number()),
          bytesMax: Math.abs(dice.number()) % 65_536,
          currentLeaderEpoch,
        };
      });
      const waitMsMax = dice.below(2) * 1_000;
      return {
        kind: "fetch",
        id: id++,
        waitMsMax,
        bytesMin: dice.below(200),
        bytesMax: 65_536,
        isolation,
        entries,
      };
    }
    case 3:
      return {
        kind: "list_offset",
        id: id++,
        handle,
        timestamp: dice.number(),
        isolation,
        currentLeaderEpoch,
      };
    case 4:
      return { kind: "trim", id: id++, handle, beforeOffset: dice.number() };
    default:
      return { kind: "cancel", id: dice.below(2) === 0 ? id - 1 : dice.number() };
  }
}

function oddBatch(dice: Dice): Uint8Array {
  const bytes = batch.slice(0, dice.below(4) === 0 ? dice.below(batch.length) : batch.length);
  if (dice.below(3) === 0 && bytes.length > 0) bytes[dice.below(bytes.length)]! ^= 1 << dice.below(8);
  return bytes;
}

function open(): void {
  opened = true;
  const where = {
    topic: "fuzz",
    partition: 0,
    topicId: "AAAAAAAAQACAAAAAAAAAAA",
    leaderEpoch: 0,
    clean: false,
  };
  const known = { isSuspect: false, recoveryPoint: 0, logStartOffset: 0, highWatermark: 0 };
  const settings = { ...LOG_SETTINGS_DEFAULT, segmentBytesMax: 4_096, indexIntervalBytes: 64 };
  shard.turn([{ kind: "open", id: id++, handle: 0, ...where, ...known, settings }], nowMs);
}
