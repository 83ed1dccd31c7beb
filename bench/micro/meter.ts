/**
 * What counting costs the hot path: produce requests of the native door through a
 * real connection, door, outbox and shard, in this thread, on a path whose meters
 * count and on one whose meters do nothing, turn by turn in one run. The smallest
 * requests there are, and no thread or socket to pay for: the worst case.
 */
import { silentLogger, stopwatch } from "../../src/host/mod.ts";
import { OpenFiles } from "../../src/log/mod.ts";
import { Outbox } from "../../src/mailbox/mod.ts";
import { ListenerMeter, OutboxMeter, TurnMeter } from "../../src/meter/mod.ts";
import { IMAGE_EMPTY, LOG_SETTINGS_DEFAULT, type Submit } from "../../src/model/mod.ts";
import { nativeDoor } from "../../src/native/mod.ts";
import { Connection, type Socket } from "../../src/net/connection.ts";
import { Shard } from "../../src/partition/mod.ts";
import { MemoryDisk } from "../../src/storage/mod.ts";
import { frameOf, makeBatch } from "../macro/load.ts";
import { type Figures, percentile } from "../macro/report.ts";

/** Requests that one read of the socket brings, as a busy producer's do, and reads of one round. */
const TOGETHER = 16;
const READS = 40;
const RECORD_BYTES = 100;

/** Meters that do nothing, to measure the others against. */
class NoListening extends ListenerMeter {
  override received(): void {}
  override sent(): void {}
  override routed(): void {}
  override replied(): void {}
  override replying(): number {
    return -1;
  }
}
class NoMailbox extends OutboxMeter {
  override collects(): void {}
  override sent(): void {}
  override answered(): void {}
}
class NoTurns extends TurnMeter {
  override begin(): void {}
  override taken(): void {}
  override flushed(): void {}
  override end(): number {
    return 0;
  }
}

/** A peer that sends what it is told to, again and again, and counts the answers. */
class LoopSocket implements Socket {
  #bytes: Uint8Array = new Uint8Array(0);
  #left = 0;
  #offset = 0;
  #unanswered = 0;
  #wake = () => {};
  #done = () => {};

  /** Sends `bytes`, which ask for `answers` answers, `times` times; resolves when all are there. */
  exchange(bytes: Uint8Array, answers: number, times: number): Promise<void> {
    this.#bytes = bytes;
    this.#left = times;
    this.#unanswered = answers * times;
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#wake();
    });
  }

  async read(target: Uint8Array): Promise<number | null> {
    while (this.#left === 0) await new Promise<void>((resolve) => this.#wake = resolve);
    const length = Math.min(target.length, this.#bytes.length - this.#offset);
    target.set(this.#bytes.subarray(this.#offset, this.#offset + length));
    this.#offset = (this.#offset + length) % this.#bytes.length;
    if (this.#offset === 0) this.#left--;
    return length;
  }

  write(bytes: Uint8Array): Promise<number> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += 4 + view.getUint32(at)) this.#unanswered--;
    if (this.#unanswered === 0) this.#done();
    return Promise.resolve(bytes.length);
  }

  close(): void {}
}

/** An outbox and a shard with one partition, without a thread between them. */
function makePartition(counts: boolean): Outbox {
  const meter = counts ? new TurnMeter(stopwatch) : new NoTurns();
  const disk = new MemoryDisk();
  disk.makeDirectory("data");
  const shard = new Shard({
    disk,
    dataDirectory: "data",
    openFiles: new OpenFiles(disk),
    checkCrcOnRead: true,
    retentionIntervalMs: Number.MAX_SAFE_INTEGER,
    retentionDiskPercent: 100,
    jitter: () => 0,
    waitersMax: 10,
    allocate: (length) => new Uint8Array(length),
    meter,
  });
  const outbox = new Outbox(counts ? new OutboxMeter(stopwatch) : new NoMailbox());
  outbox.connect((message) => {
    if (message.kind !== "turn") return;
    queueMicrotask(() => {
      meter.begin();
      const outputs = shard.turn(message.inputs, Date.now());
      const busyUs = meter.end(message.inputs, outputs);
      const returned = message.buffers;
      // Where there are threads, the clock is read once for the message that comes now.
      if (counts) stopwatch.stamp();
      outbox.turned({ kind: "turned", outputs, buffers: [], returned, asked: true, busyUs }, () => {});
    });
  });
  open(outbox);
  return outbox;
}

function open(outbox: Outbox): void {
  const known = { clean: false, isSuspect: false, recoveryPoint: 0, logStartOffset: 0, highWatermark: 0 };
  const place = {
    handle: 0,
    topic: "bench",
    partition: 0,
    topicId: "AAAAAAAAQACAAAAAAAAAAA",
    leaderEpoch: 0,
  };
  outbox.ask({ kind: "open", ...place, ...known, settings: LOG_SETTINGS_DEFAULT }, {
    receive: () => {},
    fail: (fault) => silentLogger.log("error", fault.message),
  });
}

/** What the router does of a produce command with one entry. */
function submitTo(outbox: Outbox): Submit {
  return (command, reply) => {
    if (command.kind !== "produce") throw new TypeError("Only produce is measured");
    const { topic, partition, batch } = command.entries[0]!;
    outbox.append(0, command.acks, batch, {
      receive: (output) => {
        if (output.kind !== "appended") return;
        reply({ kind: "produced", entries: [{ topic, partition, ...output }] });
      },
      fail: (failed) => reply({ kind: "failed", fault: failed }),
    });
  };
}

/** A connection that has said hello, on a path that counts or one that does not. */
async function connect(counts: boolean): Promise<LoopSocket> {
  const door = nativeDoor({
    nodeId: 1,
    clusterId: "bench",
    version: "bench",
    frameBytesMax: 1e8,
    fetchBytesMax: 1e8,
    advertised: null,
    submit: submitTo(makePartition(counts)),
    image: () => IMAGE_EMPTY,
  });
  if (!counts) door.requests![0]!.answered = () => {};
  const socket = new LoopSocket();
  const limits = { inFlightBytesMax: 1e9, meter: counts ? new ListenerMeter(stopwatch) : new NoListening() };
  const session = door.open({ remote: "bench:1", localHost: "127.0.0.1", localPort: 1 });
  const inFlight = { bytes: 0, bytesMax: 1e9, blocked: new Set<() => void>() };
  void new Connection(socket, session, limits, inFlight, () => {}).run();
  await socket.exchange(frameOf({ k: "hello", c: 1, v: 1 }), 1, 1);
  return socket;
}

/** Measures `rounds` rounds of each path, one after the other: the ratios are of neighbours, and of the fastest. */
export async function benchMeter(rounds: number): Promise<Figures> {
  const { batch } = makeBatch(RECORD_BYTES, RECORD_BYTES);
  const frame = frameOf({ k: "produce", c: 1, acks: 1, entries: [{ topic: "bench", partition: 0, batch }] });
  const bytes = new Uint8Array(frame.length * TOGETHER);
  for (let at = 0; at < TOGETHER; at++) bytes.set(frame, at * frame.length);
  const paths = [await connect(true), await connect(false)] as const;
  const tookUs: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds * 2 + 40; round++) {
    const which = round % 2 as 0 | 1;
    const beganMs = performance.now();
    await paths[which].exchange(bytes, TOGETHER, READS);
    const us = (performance.now() - beganMs) / (READS * TOGETHER) * 1_000;
    if (round >= 40) tookUs[which].push(us);
  }
  const ratios = tookUs[0].map((us, round) => us / tookUs[1][round]!).sort((one, other) => one - other);
  const [counting, silent] = tookUs.map((us) => percentile(us.sort((one, other) => one - other), 0.5));
  const [best, bestSilent] = tookUs.map((us) => percentile(us, 0.05));
  return {
    requestUsCounting: counting!,
    requestUsSilent: silent!,
    ratioMedian: percentile(ratios, 0.5),
    ratioOfFastest: best! / bestSilent!,
  };
}
