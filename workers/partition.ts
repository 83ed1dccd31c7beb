/**
 * A partition worker: a disk, a shard, and the loop between them and the mailbox.
 * One message is one turn; what a turn gives leaves in one message. Holds no rules.
 */
import { useCrc32c } from "../src/bytes/mod.ts";
import { stopwatch, systemClock, systemRandom } from "../src/host/mod.ts";
import { OpenFiles } from "../src/log/mod.ts";
import {
  Arena,
  type FromPartitionWorker,
  openToPartitionWorker,
  type ToPartitionWorker,
} from "../src/mailbox/mod.ts";
import { TurnMeter } from "../src/meter/mod.ts";
import { type ShardInput, TIMESTAMP_MAX } from "../src/model/mod.ts";
import { Shard } from "../src/partition/mod.ts";
import { MemoryDisk, openDisk } from "../src/storage/mod.ts";

/** Idle buffers for fetched records. */
const KEPT_BYTES_MAX = 8_388_608;

const scope = self as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage(message: FromPartitionWorker, transfer: ArrayBuffer[]): void;
};
type TurnMessage = Extract<ToPartitionWorker, { kind: "turn" }>;

const arena = new Arena(KEPT_BYTES_MAX);
const meter = new TurnMeter(stopwatch);
let shard: Shard | null = null;
let callOffWake = () => {};
let hasCodecs = false;
const held: TurnMessage[] = [];

scope.onmessage = ({ data }) => {
  const message = openToPartitionWorker(data);
  if (message.kind === "start") {
    const choice = message.options.disk;
    const { disk, notice } = choice === "memory"
      ? { disk: new MemoryDisk(), notice: null }
      : openDisk(choice);
    shard = new Shard({
      ...message.options,
      disk,
      openFiles: new OpenFiles(disk, message.options.openFilesMax),
      jitter: () => systemRandom.fraction(),
      cleanerSecret: systemRandom.words(4),
      allocate: (length) => arena.take(length),
      meter,
    });
    scope.postMessage({ kind: "started", disk: disk.kind, notice }, []);
    void useNativeChecksum();
    return;
  }
  if (held.length > 0 || (!hasCodecs && message.inputs.some(looksIntoBatches))) {
    held.push(message);
    if (held.length === 1) void loadCodecs();
  } else {
    take(message);
  }
};

function take(message: TurnMessage): void {
  for (const buffer of message.returned) arena.giveBack(buffer);
  turn(message.inputs, message.buffers, true);
}

/** A look-up by time is exact to the record, so it may have to unfold a batch; a compacted topic asks each for its keys. */
function looksIntoBatches(input: ShardInput): boolean {
  if (input.kind === "open" || input.kind === "configure") return input.settings.cleanupCompact;
  return input.kind === "list_offset" && (input.timestamp >= 0 || input.timestamp === TIMESTAMP_MAX);
}

/** The codecs cost a thread 20 ms and some memory: loaded when first needed, turns wait in their order meanwhile. */
async function loadCodecs(): Promise<void> {
  await import("../src/record/codecs/mod.ts");
  hasCodecs = true;
  for (const message of held.splice(0)) take(message);
}

function turn(inputs: Parameters<Shard["turn"]>[0], returned: readonly ArrayBuffer[], asked: boolean): void {
  if (shard === null) throw new TypeError("A turn came before the start");
  meter.begin();
  const outputs = shard.turn(inputs, systemClock.now());
  const buffers = arena.seal();
  const busyUs = meter.end(inputs, outputs);
  if (asked || outputs.length > 0) {
    const message = {
      kind: "turned",
      outputs,
      buffers,
      returned,
      asked,
      busyUs,
      ...countsFor(outputs),
    } as const;
    scope.postMessage(message, [...buffers, ...returned]);
  }
  callOffWake();
  const { wakeMs } = shard;
  if (wakeMs < Number.MAX_SAFE_INTEGER) {
    callOffWake = systemClock.after(wakeMs - systemClock.now(), () => turn([], [], false));
  }
}

/** Whoever has the logs described gets what was counted, too. */
function countsFor(outputs: ReturnType<Shard["turn"]>): { counts?: Float64Array } {
  if (shard === null || !outputs.some(({ kind }) => kind === "described")) return {};
  return { counts: meter.snapshot(shard.figures(systemClock.now()), Deno.memoryUsage().heapUsed) };
}

/** Checksums by the native addon, several times as fast, where it can be loaded; it takes a while, so after the start. */
async function useNativeChecksum(): Promise<void> {
  try {
    const { crc32c } = await import("@node-rs/crc32");
    useCrc32c((bytes) => crc32c(bytes));
  } catch {
    // No build for this platform, or FFI not permitted: the tables serve.
  }
}
