/**
 * Live tails over HTTP, half events and half WebSockets: opened, left without
 * reading while records come, and dropped all at once. What a producer on another
 * topic notices, and what memory the broker takes, beside the same producer alone
 * in the same run. Then a few tails that read nothing while far more is written
 * than their sockets hold: the broker must drop them, and keep its memory.
 */
import { pause } from "../groups/bench_member.ts";
import { frameOf, LoadConnection, makeBatch } from "./load.ts";
import { cpuSeconds, inDirectory, memoryMb, runBroker } from "./process.ts";
import { percentile, report } from "./report.ts";

const PRODUCE_EVERY_MS = 2;
const RECORD_EVERY_MS = 200;
const RECORD_BYTES = 200;
/** Tails opened at once. */
const OPENING = 100;
const STALL_MS = 5_000;
/** What is written past a stalled tail: more than the buffers of its socket on both sides. */
const STALL_BYTES = 32_000_000;
const BATCH_BYTES = 500_000;

/** Measures `count` tails, for `seconds` with and `seconds` without them, and `stalled` that are dropped. */
export async function benchTails(
  directory: string,
  count: number,
  seconds: number,
  stalled: number,
): Promise<void> {
  await inDirectory(directory, (folder) => measureMany(folder, count, seconds));
  await inDirectory(directory, (folder) => measureStalled(folder, stalled));
}

async function measureMany(data: string, count: number, seconds: number): Promise<void> {
  const limits = [`http.tails.max=${count}`, `http.connections.max=${count + 100}`];
  const { broker, port, connection } = await start(data, limits);
  const records = await LoadConnection.open(broker.port);
  const memoryBefore = memoryMb(broker.pid).now;
  const alone = await produceFor(connection, seconds * 1_000);
  const beganMs = performance.now();
  const tails = await openTails(port, count);
  const openMs = performance.now() - beganMs;
  const memoryOpen = memoryMb(broker.pid).now;
  const idle = await produceFor(connection, seconds * 1_000);
  const beganS = cpuSeconds(broker.pid);
  let isOver = false;
  const writing = writeEvery(records, () => isOver);
  const flowing = await produceFor(connection, seconds * 1_000);
  isOver = true;
  await writing;
  const flowingS = cpuSeconds(broker.pid) - beganS;
  const memoryFlowing = memoryMb(broker.pid).now;
  for (const tail of tails) tail.close();
  const dropped = await produceFor(connection, seconds * 1_000);
  report(`tails, ${count} open`, {
    openMs,
    produceMsP99Alone: percentile(alone, 0.99),
    produceMsP99Idle: percentile(idle, 0.99),
    produceMsP99Flowing: percentile(flowing, 0.99),
    produceMsP99Dropped: percentile(dropped, 0.99),
    produceMsMaxAlone: alone.at(-1)!,
    produceMsMaxFlowing: flowing.at(-1)!,
    cpuPercentFlowing: flowingS / seconds * 100,
    memoryMbBefore: memoryBefore,
    memoryMbOpen: memoryOpen,
    memoryMbFlowing: memoryFlowing,
    memoryMbDropped: memoryMb(broker.pid).now,
    leftOpen: await connectionsOf(connection),
  });
  connection.close();
  records.close();
  await broker.stop();
}

async function measureStalled(data: string, count: number): Promise<void> {
  const { broker, port, connection } = await start(data, [`http.stall.timeout.ms=${STALL_MS}`]);
  const tails = await openTails(port, count);
  const memoryBefore = memoryMb(broker.pid).now;
  const { batch } = makeBatch(RECORD_BYTES, BATCH_BYTES);
  for (let bytes = 0; bytes < STALL_BYTES; bytes += batch.length) {
    await connection.ask({ k: "produce", acks: 1, entries: [{ topic: "tailed", partition: 0, batch }] });
  }
  const beganMs = performance.now();
  let left = await connectionsOf(connection);
  while (left > 1 && performance.now() - beganMs < STALL_MS * 6) {
    await pause(250);
    left = await connectionsOf(connection);
  }
  report(`tails, ${count} stalled`, {
    writtenMb: STALL_BYTES / 1e6,
    droppedAfterMs: performance.now() - beganMs,
    leftOpen: left - 1,
    memoryMbBefore: memoryBefore,
    memoryMbMost: memoryMb(broker.pid).peak,
    memoryMbAfter: memoryMb(broker.pid).now,
  });
  for (const tail of tails) tail.close();
  connection.close();
  await broker.stop();
}

async function start(data: string, settings: readonly string[]) {
  const broker = await runBroker(data, settings, "off", "127.0.0.1:0");
  const port = Number(/http=[\d.]+:(\d+)/.exec(broker.ready)?.[1]);
  const connection = await LoadConnection.open(broker.port);
  await connection.ask({
    k: "create_topics",
    topics: [{ name: "bench", partitions: 1 }, { name: "tailed", partitions: 1 }],
  });
  return { broker, port, connection };
}

/** Tails that were answered, and are not read from any more. */
async function openTails(port: number, count: number): Promise<Deno.TcpConn[]> {
  const tails: Deno.TcpConn[] = [];
  for (let first = 0; first < count; first += OPENING) {
    const some = Array.from(
      { length: Math.min(OPENING, count - first) },
      (_, index) => openTail(port, index),
    );
    tails.push(...await Promise.all(some));
  }
  return tails;
}

async function openTail(port: number, index: number): Promise<Deno.TcpConn> {
  const wants = index % 2 === 0 ? ["accept: text/event-stream"] : [
    "connection: upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  const words = ["GET /topics/tailed/records HTTP/1.1", `host: 127.0.0.1:${port}`, ...wants].join("\r\n");
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  await socket.write(new TextEncoder().encode(`${words}\r\n\r\n`));
  const buffer = new Uint8Array(1_024);
  const answer = new TextDecoder().decode(buffer.subarray(0, await socket.read(buffer) ?? 0));
  if (/^HTTP\/1\.1 (200|101)/.test(answer)) return socket;
  throw new Error(`A tail was answered "${answer.split("\r\n")[0]}"`);
}

/** How long answers to a small produce took, sorted; one every few milliseconds. */
async function produceFor(connection: LoadConnection, durationMs: number): Promise<number[]> {
  const { batch } = makeBatch(100, 1_024);
  const frame = frameOf({ k: "produce", c: 1, acks: 1, entries: [{ topic: "bench", partition: 0, batch }] });
  const took: number[] = [];
  for (const endMs = performance.now() + durationMs; performance.now() < endMs;) {
    const beganMs = performance.now();
    await connection.send(frame);
    await connection.next();
    took.push(performance.now() - beganMs);
    await pause(PRODUCE_EVERY_MS);
  }
  return took.sort((one, other) => one - other);
}

/** A record for all tails every so often. */
async function writeEvery(connection: LoadConnection, isOver: () => boolean): Promise<void> {
  const { batch } = makeBatch(RECORD_BYTES, RECORD_BYTES);
  while (!isOver()) {
    await connection.ask({ k: "produce", acks: 1, entries: [{ topic: "tailed", partition: 0, batch }] });
    await pause(RECORD_EVERY_MS);
  }
}

async function connectionsOf(connection: LoadConnection): Promise<number> {
  const { broker } = await connection.ask({ k: "describe_broker" }) as unknown as {
    broker: { connections: number };
  };
  return broker.connections;
}
