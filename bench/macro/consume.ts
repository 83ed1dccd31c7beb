/**
 * Consume: everything in four partitions from the beginning by two consumers, each
 * with two partitions and one fetch of a megabyte a partition at a time, beside the
 * pump giving as much from its file to two connections. A first pass warms both up.
 */
import { decodeFrame, FRAME_HEAD_BYTES } from "../../src/native/mod.ts";
import { frameOf, LoadConnection, makeBatch, pipeline } from "./load.ts";
import { cpuSeconds, inDirectory, memoryMb, runBroker, runPump } from "./process.ts";
import { report } from "./report.ts";

const PARTITIONS = 4;
const CONSUMERS = 2;
const FETCH_BYTES = 1_048_576;

interface Fetched {
  readonly partition: number;
  readonly records: Uint8Array;
}

/** Measures with about `bytes` of 100-byte and of 1,000-byte records. */
export async function benchConsume(directory: string, bytes: number): Promise<void> {
  for (const recordBytes of [100, 1_000]) {
    const weir = await inDirectory(directory, (folder) => consumeFromBroker(folder, recordBytes, bytes));
    const total = weir.megabytes * 1e6;
    const pumpSeconds = await inDirectory(directory, (folder) => consumeFromPump(folder, total));
    report(`consume ${recordBytes} B`, {
      recordsPerSecond: weir.records / weir.seconds,
      megabytesPerSecond: weir.megabytes / weir.seconds,
      brokerCpuSecondsPerGb: weir.cpu / weir.megabytes * 1_000,
      peakMemoryMb: weir.peakMemoryMb,
      pumpMegabytesPerSecond: weir.megabytes / pumpSeconds,
      ofPump: pumpSeconds / weir.seconds,
    });
  }
}

async function consumeFromBroker(directory: string, recordBytes: number, bytes: number) {
  const broker = await runBroker(directory);
  const connection = await LoadConnection.open(broker.port);
  await connection.ask({ k: "create_topics", topics: [{ name: "bench", partitions: PARTITIONS }] });
  const { batch, records } = makeBatch(recordBytes, 16_384);
  const frames = Math.max(1, Math.floor(bytes / (batch.length * PARTITIONS)));
  const entries = Array.from(
    { length: PARTITIONS },
    (_, partition) => ({ topic: "bench", partition, batch }),
  );
  const frame = frameOf({ k: "produce", c: 1, acks: 1, entries });
  await pipeline(connection, frame, frames, 16, (it) => it.next());
  const consumers = [connection, ...await openMore(broker.port, CONSUMERS - 1)];
  const consume = () => Promise.all(consumers.map((it, index) => readAll(it, index, frames * records)));
  await consume();
  const cpuBefore = cpuSeconds(broker.pid);
  const startedMs = performance.now();
  await consume();
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpu = cpuSeconds(broker.pid) - cpuBefore;
  const peakMemoryMb = memoryMb(broker.pid).peak;
  for (const consumer of consumers) consumer.close();
  await broker.stop();
  const all = frames * PARTITIONS;
  return { seconds, cpu, peakMemoryMb, records: all * records, megabytes: all * batch.length / 1e6 };
}

function openMore(port: number, count: number): Promise<LoadConnection[]> {
  return Promise.all(Array.from({ length: count }, () => LoadConnection.open(port)));
}

/** Fetches the partitions of consumer `index` up to `end`. */
async function readAll(connection: LoadConnection, index: number, end: number): Promise<void> {
  const offsets = new Map<number, number>();
  for (let partition = index; partition < PARTITIONS; partition += CONSUMERS) offsets.set(partition, 0);
  while (offsets.size > 0) {
    const entries = Array.from(offsets, ([partition, offset]) => {
      return { topic: "bench", partition, offset, bytesMax: FETCH_BYTES };
    });
    await connection.send(frameOf({ k: "fetch", c: 1, waitMsMax: 1_000, bytesMin: 1, entries }));
    const reply = await connection.next();
    const decoded = decodeFrame(reply, FRAME_HEAD_BYTES, reply.length) as unknown as { entries: Fetched[] };
    for (const { partition, records } of decoded.entries) {
      const next = nextOffset(records, offsets.get(partition)!);
      if (next < end) offsets.set(partition, next);
      else offsets.delete(partition);
    }
  }
}

/** The offset behind the last batch: what a consumer asks for next. */
function nextOffset(records: Uint8Array, offset: number): number {
  const view = new DataView(records.buffer, records.byteOffset, records.length);
  let next = offset;
  for (let at = 0; at < records.length; at += 12 + view.getInt32(at + 8)) {
    next = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4) + view.getInt32(at + 23) + 1;
  }
  return next;
}

async function consumeFromPump(directory: string, bytes: number): Promise<number> {
  const size = FETCH_BYTES * PARTITIONS / CONSUMERS;
  await Deno.writeFile(`${directory}/pump`, new Uint8Array(size * Math.max(1, Math.ceil(bytes / size))));
  const pump = await runPump("out", directory, size);
  const connections = await Promise.all(Array.from({ length: CONSUMERS }, async () => {
    return new LoadConnection(await Deno.connect({ hostname: "127.0.0.1", port: pump.port }));
  }));
  const request = new Uint8Array(64);
  const consume = () =>
    Promise.all(connections.map(async (connection) => {
      for (let done = 0; done < bytes / CONSUMERS; done += size) {
        await connection.send(request);
        await connection.skip(size);
      }
    }));
  await consume();
  const startedMs = performance.now();
  await consume();
  const seconds = (performance.now() - startedMs) / 1_000;
  for (const connection of connections) connection.close();
  await pump.stop();
  return seconds;
}
