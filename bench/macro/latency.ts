/**
 * End to end: from the moment a batch is handed to the socket until a long poll
 * on another connection has it, at about 20 MB/s, beside the pump's relay
 * through a file.
 */
import { decodeFrame, FRAME_HEAD_BYTES } from "../../src/native/mod.ts";
import { frameOf, LoadConnection, makeBatch } from "./load.ts";
import { inDirectory, runBroker, runPump } from "./process.ts";
import { percentile, report } from "./report.ts";

const BATCH_BYTES = 20_000;
const PERIOD_MS = 1;

/** Measures `count` batches for acks=1 and acks=all. */
export async function benchLatency(directory: string, count: number): Promise<void> {
  const pump = await inDirectory(directory, (folder) => relayThroughPump(folder, count));
  for (const [acks, label] of [[1, "1"], [-1, "all"]] as const) {
    const weir = await inDirectory(directory, (folder) => relayThroughBroker(folder, count, acks));
    report(`end to end acks=${label} at 20 MB/s`, {
      p50Ms: percentile(weir, 0.5),
      p99Ms: percentile(weir, 0.99),
      p999Ms: percentile(weir, 0.999),
      maxMs: weir.at(-1) ?? NaN,
      pumpP50Ms: percentile(pump, 0.5),
      pumpP99Ms: percentile(pump, 0.99),
    });
  }
}

/** Calls `send` every PERIOD_MS by the clock, catching up when it is late. */
async function pace(count: number, send: (index: number) => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  for (let index = 0; index < count; index++) {
    const dueMs = startedMs + index * PERIOD_MS;
    while (performance.now() < dueMs) await new Promise<void>((resolve) => setTimeout(resolve, 0));
    await send(index);
  }
}

async function relayThroughBroker(directory: string, count: number, acks: number): Promise<number[]> {
  const broker = await runBroker(directory);
  const producer = await LoadConnection.open(broker.port);
  const consumer = await LoadConnection.open(broker.port);
  await producer.ask({ k: "create_topics", topics: [{ name: "bench", partitions: 1 }] });
  const { batch, records } = makeBatch(100, BATCH_BYTES);
  const frame = frameOf({ k: "produce", c: 1, acks, entries: [{ topic: "bench", partition: 0, batch }] });
  const sentMs: number[] = [];
  const tookMs: number[] = [];
  const consuming = (async () => {
    for (let seen = 0; seen < count;) {
      const entries = [{ topic: "bench", partition: 0, offset: seen * records, bytesMax: 1_048_576 }];
      await consumer.send(frameOf({ k: "fetch", c: 1, waitMsMax: 1_000, bytesMin: 1, entries }));
      const reply = await consumer.next();
      const now = performance.now();
      const { entries: [entry] } = decodeFrame(reply, FRAME_HEAD_BYTES, reply.length) as unknown as {
        entries: { records: Uint8Array }[];
      };
      for (let came = Math.floor(entry!.records.length / batch.length); came > 0; came--) {
        tookMs.push(now - sentMs[seen++]!);
      }
    }
  })();
  const answers = (async () => {
    for (let answered = 0; answered < count; answered++) await producer.next();
  })();
  await pace(count, (index) => {
    sentMs[index] = performance.now();
    return producer.send(frame);
  });
  await Promise.all([consuming, answers]);
  producer.close();
  consumer.close();
  await broker.stop();
  return steady(tookMs);
}

async function relayThroughPump(directory: string, count: number): Promise<number[]> {
  const pump = await runPump("relay", directory, BATCH_BYTES);
  const connect = () => Deno.connect({ hostname: "127.0.0.1", port: pump.port });
  const producer = new LoadConnection(await connect());
  const consumer = new LoadConnection(await connect());
  const sentMs: number[] = [];
  const tookMs: number[] = [];
  const consuming = (async () => {
    for (let seen = 0; seen < count; seen++) {
      await consumer.skip(BATCH_BYTES);
      tookMs.push(performance.now() - sentMs[seen]!);
    }
  })();
  const bytes = new Uint8Array(BATCH_BYTES);
  await pace(count, (index) => {
    sentMs[index] = performance.now();
    return producer.send(bytes);
  });
  await consuming;
  producer.close();
  consumer.close();
  await pump.stop();
  return steady(tookMs);
}

/** Sorted, without the first tenth, in which both sides compile. */
function steady(samples: readonly number[]): number[] {
  return samples.slice(Math.floor(samples.length / 10)).sort((a, b) => a - b);
}
