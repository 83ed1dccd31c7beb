/**
 * Produce: batches of 16 KiB to four partitions from one connection, 100-byte and
 * 1,000-byte records, each acks, beside the pump with the same bytes.
 */
import { frameOf, LoadConnection, makeBatch, pipeline } from "./load.ts";
import { cpuSeconds, inDirectory, memoryMb, runBroker, runPump } from "./process.ts";
import { report } from "./report.ts";

const PARTITIONS = 4;
const BATCH_BYTES = 16_384;
const WINDOW = 16;

interface Measured {
  readonly seconds: number;
  readonly cpu: number;
}

/** Measures every size and acks with `bytes` of batches each. */
export async function benchProduce(directory: string, bytes: number): Promise<void> {
  for (const recordBytes of [100, 1_000]) {
    const { batch, records } = makeBatch(recordBytes, BATCH_BYTES);
    const frames = Math.max(1, Math.floor(bytes / (batch.length * PARTITIONS)));
    const total = {
      records: frames * PARTITIONS * records,
      megabytes: frames * PARTITIONS * batch.length / 1e6,
    };
    for (const [acks, label] of [[0, "0"], [1, "1"], [-1, "all"]] as const) {
      const frame = produceFrame(batch, acks);
      const weir = await inDirectory(directory, (folder) => produceToBroker(folder, frame, frames, acks));
      const mode = acks === -1 ? "sync" : "in";
      const pump = await inDirectory(
        directory,
        (folder) => produceToPump(folder, frame.length, frames, mode),
      );
      report(`produce ${recordBytes} B acks=${label}`, {
        recordsPerSecond: total.records / weir.seconds,
        megabytesPerSecond: total.megabytes / weir.seconds,
        brokerCpuSecondsPerGb: weir.cpu / total.megabytes * 1_000,
        peakMemoryMb: weir.peakMemoryMb,
        pumpMegabytesPerSecond: total.megabytes / pump.seconds,
        ofPump: pump.seconds / weir.seconds,
      });
    }
  }
}

function produceFrame(batch: Uint8Array, acks: number): Uint8Array {
  const entries = Array.from(
    { length: PARTITIONS },
    (_, partition) => ({ topic: "bench", partition, batch }),
  );
  return frameOf({ k: "produce", c: 1, acks, entries });
}

async function produceToBroker(
  directory: string,
  frame: Uint8Array,
  frames: number,
  acks: number,
): Promise<Measured & { peakMemoryMb: number }> {
  const broker = await runBroker(directory);
  const connection = await LoadConnection.open(broker.port);
  await connection.ask({ k: "create_topics", topics: [{ name: "bench", partitions: PARTITIONS }] });
  const run = (count: number) =>
    acks === 0
      ? sendUnanswered(connection, frame, count)
      : pipeline(connection, frame, count, WINDOW, (it) => it.next());
  await run(Math.ceil(frames / 20));
  const cpuBefore = cpuSeconds(broker.pid);
  const startedMs = performance.now();
  await run(frames);
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpu = cpuSeconds(broker.pid) - cpuBefore;
  const peakMemoryMb = memoryMb(broker.pid).peak;
  connection.close();
  await broker.stop();
  return { seconds, cpu, peakMemoryMb };
}

/** The last offsets are asked for behind the batches, on the same connection: they come when all is in the logs. */
async function sendUnanswered(connection: LoadConnection, frame: Uint8Array, count: number): Promise<void> {
  await connection.sendAll(frame, count);
  const entries = Array.from(
    { length: PARTITIONS },
    (_, partition) => ({ topic: "bench", partition, timestamp: -1 }),
  );
  await connection.ask({ k: "list_offsets", entries });
}

async function produceToPump(
  directory: string,
  frameBytes: number,
  frames: number,
  mode: string,
): Promise<Measured> {
  const pump = await runPump(mode, directory, frameBytes);
  const socket = await Deno.connect({ hostname: "127.0.0.1", port: pump.port });
  const connection = new LoadConnection(socket);
  const frame = new Uint8Array(frameBytes);
  await pipeline(connection, frame, Math.ceil(frames / 20), WINDOW, (it) => it.skip(32));
  const cpuBefore = cpuSeconds(pump.pid);
  const startedMs = performance.now();
  await pipeline(connection, frame, frames, WINDOW, (it) => it.skip(32));
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpu = cpuSeconds(pump.pid) - cpuBefore;
  connection.close();
  await pump.stop();
  return { seconds, cpu };
}
