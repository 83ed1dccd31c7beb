/**
 * Live tails over HTTP, half events and half WebSockets, in one run: a producer on
 * another topic alone; beside tails that are open; that are sent records; that are
 * sent far more than their sockets hold while nobody reads, until the broker has
 * dropped them all; and alone again. What the producer noticed and what memory the
 * broker had in each part. Fails when a tail is not opened, not dropped, or leaves
 * something behind.
 */
import { pause } from "../groups/bench_member.ts";
import { frameOf, LoadConnection, makeBatch } from "./load.ts";
import { anonymousMb, cpuSeconds, inDirectory, runBroker, socketMb } from "./process.ts";
import { percentile, report } from "./report.ts";

const PRODUCE_EVERY_MS = 2;
const RECORD_EVERY_MS = 200;
const RECORD_BYTES = 200;
/** Tails opened at once. */
const OPENING = 100;
/** What is written past all tails: more than the buffers of a socket hold on both sides. */
const STALL_BYTES = 8_000_000;
const BATCH_BYTES = 50_000;

/** How much is measured. */
export interface TailsScale {
  readonly count: number;
  /** For each part. */
  readonly seconds: number;
  /** A tail that takes nothing for so long is dropped. */
  readonly stallMs: number;
  /** Stalled tails are waited for so long. */
  readonly droppedMsMax: number;
  /** Fail when not all of them are dropped by then; those that are left are told in any case. */
  readonly mustDrop: boolean;
}

export function benchTails(directory: string, scale: TailsScale): Promise<void> {
  return inDirectory(directory, (folder) => measure(folder, scale));
}

/** What the producer noticed and the broker took, part by part. */
class Parts {
  readonly figures: Record<string, number> = {};
  readonly #pid: number;
  readonly #connection: LoadConnection;

  constructor(pid: number, connection: LoadConnection) {
    this.#pid = pid;
    this.#connection = connection;
  }

  /** Produces until `isOver`; `beside` goes on meanwhile. */
  async run(
    name: string,
    isOver: () => boolean,
    beside: Promise<unknown> = Promise.resolve(),
  ): Promise<void> {
    const beganMs = performance.now();
    const beganS = cpuSeconds(this.#pid);
    let mostMb = 0;
    const took = await produceUntil(this.#connection, () => {
      mostMb = Math.max(mostMb, anonymousMb(this.#pid));
      return isOver();
    });
    await beside;
    const seconds = (performance.now() - beganMs) / 1_000;
    Object.assign(this.figures, {
      [`produceMsP50${name}`]: percentile(took, 0.5),
      [`produceMsP99${name}`]: percentile(took, 0.99),
      [`produceMsMax${name}`]: took.at(-1)!,
      [`cpuPercent${name}`]: (cpuSeconds(this.#pid) - beganS) / seconds * 100,
      [`memoryMb${name}`]: anonymousMb(this.#pid),
      [`memoryMbMost${name}`]: mostMb,
      [`socketsMb${name}`]: socketMb(),
    });
  }
}

function after(seconds: number): () => boolean {
  const untilMs = performance.now() + seconds * 1_000;
  return () => performance.now() >= untilMs;
}

async function measure(data: string, scale: TailsScale): Promise<void> {
  const { count, seconds, stallMs, droppedMsMax, mustDrop } = scale;
  const settings = [
    `http.tails.max=${count}`,
    `http.connections.max=${count + 100}`,
    `http.stall.timeout.ms=${stallMs}`,
  ];
  const { broker, port, connection } = await start(data, settings);
  const writer = await LoadConnection.open(broker.port);
  const parts = new Parts(broker.pid, connection);
  await parts.run("Alone", after(seconds));
  const beganMs = performance.now();
  const tails = await openTails(port, count);
  const openMs = performance.now() - beganMs;
  const openCount = await streamsOf(port);
  await parts.run("Open", after(seconds));
  const flowing = after(seconds);
  await parts.run("Flowing", flowing, writeEvery(writer, flowing));
  const dropping = await stall(parts, writer, port, droppedMsMax);
  const heldByKernelMb = socketMb();
  for (const tail of tails) tail.close();
  await parts.run("Dropped", after(seconds));
  report(`tails, ${count}`, { openMs, ...parts.figures, ...dropping, heldByKernelMb });
  const left = await streamsOf(port);
  connection.close();
  writer.close();
  const status = await broker.stop();
  check(openCount === count, `${openCount} of ${count} tails were open`);
  check(dropping.leftStalled === 0 || !mustDrop, `${dropping.leftStalled} stalled tails were not dropped`);
  check(left === 0, `${left} tails are counted that are gone`);
  check(status === 0, `the broker ended with status ${status}`);
}

/** Writes past all tails, and waits until they are dropped; the producer goes on. */
async function stall(parts: Parts, writer: LoadConnection, port: number, droppedMsMax: number) {
  const { batch } = makeBatch(RECORD_BYTES, BATCH_BYTES);
  const beganMs = performance.now();
  let left = Infinity;
  const writing = (async () => {
    for (let bytes = 0; bytes < STALL_BYTES; bytes += batch.length) {
      await writer.ask({ k: "produce", acks: 1, entries: [{ topic: "tailed", partition: 0, batch }] });
      await pause(PRODUCE_EVERY_MS);
    }
    while (left > 0 && performance.now() - beganMs < droppedMsMax) {
      await pause(250);
      left = await streamsOf(port);
    }
  })();
  let isOver = false;
  void writing.finally(() => isOver = true);
  await parts.run("Stalled", () => isOver, writing);
  return { droppedAfterMs: performance.now() - beganMs, leftStalled: left };
}

function check(isTrue: boolean, words: string): void {
  if (!isTrue) throw new Error(`Tails: ${words}`);
}

/** Live tails that the broker counts. */
async function streamsOf(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^weir_http_streams (\d+)/m.exec(text)?.[1]);
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
async function produceUntil(connection: LoadConnection, isOver: () => boolean): Promise<number[]> {
  const { batch } = makeBatch(100, 1_024);
  const frame = frameOf({ k: "produce", c: 1, acks: 1, entries: [{ topic: "bench", partition: 0, batch }] });
  const took: number[] = [];
  while (!isOver()) {
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
