/** Start and memory: an empty directory, and one topic of many partitions with data after a clean stop. */
import { frameOf, LoadConnection, makeBatch } from "./load.ts";
import { inDirectory, memoryMb, runBroker } from "./process.ts";
import { report } from "./report.ts";

const EMPTY_STARTS = 7;

/** Measures both; the second with `partitions` partitions. */
export async function benchStart(directory: string, partitions: number): Promise<void> {
  const readyMs: number[] = [];
  let idleMb = NaN;
  let words = "";
  for (let round = 0; round < EMPTY_STARTS; round++) {
    const broker = await runBroker(await Deno.makeTempDir({ dir: directory }));
    readyMs.push(broker.readyMs);
    words = / in (\d+) ms/.exec(broker.ready)?.[1] ?? "";
    await new Promise<void>((resolve) => setTimeout(resolve, 500));
    idleMb = memoryMb(broker.pid).now;
    await broker.stop();
  }
  readyMs.sort((a, b) => a - b);
  report("start, empty directory", {
    readyMsMedian: readyMs[readyMs.length >> 1]!,
    readyMsMin: readyMs[0]!,
    readyMsMax: readyMs.at(-1)!,
    saysMs: Number(words),
    idleMemoryMb: idleMb,
  });
  await inDirectory(directory, (folder) => benchManyPartitions(folder, partitions));
}

async function benchManyPartitions(data: string, partitions: number): Promise<void> {
  const first = await runBroker(data);
  const connection = await LoadConnection.open(first.port);
  const createdMs = performance.now();
  await connection.ask({ k: "create_topics", topics: [{ name: "many", partitions }] });
  const createMs = performance.now() - createdMs;
  const { batch } = makeBatch(100, 4_096);
  for (let partition = 0; partition < partitions; partition++) {
    await connection.send(
      frameOf({ k: "produce", c: 1, acks: 1, entries: [{ topic: "many", partition, batch }] }),
    );
    await connection.next();
  }
  const loadedMb = memoryMb(first.pid).now;
  connection.close();
  const stoppedMs = performance.now();
  await first.stop();
  const stopMs = performance.now() - stoppedMs;
  const second = await runBroker(data);
  await new Promise<void>((resolve) => setTimeout(resolve, 500));
  const memory = memoryMb(second.pid);
  await second.stop();
  report(`start, ${partitions} partitions`, {
    createMs,
    stopMs,
    readyMs: second.readyMs,
    memoryMb: memory.now,
    peakMemoryMb: memory.peak,
    memoryWhileWritingMb: loadedMb,
  });
}
