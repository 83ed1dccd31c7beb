/**
 * Consume: everything in four partitions from the beginning, one fetch at a time,
 * a megabyte a partition, beside the pump reading as much from its file.
 */
import { decodeFrame, FRAME_HEAD_BYTES } from "../../src/native/mod.ts";
import { frameOf, LoadConnection, makeBatch, pipeline } from "./load.ts";
import { cpuSeconds, memoryMb, runBroker, runPump } from "./process.ts";
import { report } from "./report.ts";

const PARTITIONS = 4;
const FETCH_BYTES = 1_048_576;

interface Fetched {
  readonly partition: number;
  readonly records: Uint8Array;
}

/** Measures with about `bytes` of 100-byte and of 1,000-byte records. */
export async function benchConsume(directory: string, bytes: number): Promise<void> {
  for (const recordBytes of [100, 1_000]) {
    const weir = await consumeFromBroker(directory, recordBytes, bytes);
    const pumpSeconds = await consumeFromPump(directory, weir.megabytes * 1e6);
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
  const broker = await runBroker(await Deno.makeTempDir({ dir: directory }));
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
  const cpuBefore = cpuSeconds(broker.pid);
  const startedMs = performance.now();
  await readAll(connection, frames * records);
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpu = cpuSeconds(broker.pid) - cpuBefore;
  const peakMemoryMb = memoryMb(broker.pid).peak;
  connection.close();
  await broker.stop();
  const all = frames * PARTITIONS;
  return { seconds, cpu, peakMemoryMb, records: all * records, megabytes: all * batch.length / 1e6 };
}

/** Fetches every partition up to `end`. */
async function readAll(connection: LoadConnection, end: number): Promise<void> {
  const offsets = new Array<number>(PARTITIONS).fill(0);
  while (offsets.some((offset) => offset < end)) {
    const entries = offsets.map((offset, partition) => ({
      topic: "bench",
      partition,
      offset,
      bytesMax: FETCH_BYTES,
    }))
      .filter(({ offset }) => offset < end);
    await connection.send(frameOf({ k: "fetch", c: 1, waitMsMax: 1_000, bytesMin: 1, entries }));
    const reply = await connection.next();
    const decoded = decodeFrame(reply, FRAME_HEAD_BYTES, reply.length) as unknown as { entries: Fetched[] };
    for (const { partition, records } of decoded.entries) {
      offsets[partition] = nextOffset(records, offsets[partition]!);
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
  const size = FETCH_BYTES * PARTITIONS;
  const folder = await Deno.makeTempDir({ dir: directory });
  await Deno.writeFile(`${folder}/pump`, new Uint8Array(size * Math.max(1, Math.ceil(bytes / size))));
  const pump = await runPump("out", folder, size);
  const connection = new LoadConnection(await Deno.connect({ hostname: "127.0.0.1", port: pump.port }));
  const request = new Uint8Array(64);
  const startedMs = performance.now();
  for (let done = 0; done < bytes; done += size) {
    await connection.send(request);
    await connection.skip(size);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  connection.close();
  await pump.stop();
  return seconds;
}
