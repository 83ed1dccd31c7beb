/**
 * The server's side of the native protocol, for faults on demand: topics held as arrays of batches, and a
 * `script` that may answer a request itself, delay it, leave it without an answer, or cut the connection
 * before or after it took effect. Not a broker: what real brokers do is tested in test/clients.
 */
import { decodeFrame, encodeFrame, FRAME_HEAD_BYTES, frameLength } from "../../../src/native/mod.ts";
import { lastOffset, readRecords, recordCount, stampBatch } from "../../../src/record/mod.ts";
import { FakeGroups } from "./fake_groups.ts";
import { FakeSequences } from "./fake_sequences.ts";

/** A request as it came. */
// deno-lint-ignore no-explicit-any -- a decoded message, whatever its operation
export type Request = Record<string, any>;

/** What a script may have done instead of the answer; `undefined` answers as usual. */
export type Deed =
  | undefined
  | "cut"
  | "cut after"
  | "silence"
  | { readonly reply: Record<string, unknown> }
  | { readonly raw: Uint8Array };

/** An error on the wire. */
export function wireError(code: string, retriable = false) {
  return { code, message: "as the test wants", retriable };
}

/** See the file's head. */
export class FakeBroker implements AsyncDisposable {
  /** Every request but hellos, in order of arrival. */
  readonly requests: Request[] = [];
  /** Called for each request. */
  script: (request: Request, count: number) => Deed | Promise<Deed> = () => undefined;
  /** Answer to the hello. */
  hello: Record<string, unknown> = { v: 1, node: 1, cluster: "fake", version: "0", frameBytesMax: 1 << 20 };
  connectionCount = 0;
  /** The next one to be given out. */
  producerId = 40;
  /** What each partition knows of producers, by "topic/partition". */
  readonly producers = new Map<string, FakeSequences>();
  /** First offset of a partition's log. */
  readonly logStarts = new Map<string, number>();
  readonly groups = new FakeGroups();
  readonly #topics = new Map<string, Uint8Array[][]>();
  #listener: Deno.TcpListener;
  #connections = new Set<Deno.TcpConn>();
  #waiters: (() => void)[] = [];

  constructor(topics: Record<string, number>, port = 0) {
    for (const [name, partitions] of Object.entries(topics)) this.addTopic(name, partitions);
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    void this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  addTopic(name: string, partitions: number): void {
    const there = this.#topics.get(name) ?? [];
    this.#topics.set(name, Array.from({ length: partitions }, (_, index) => there[index] ?? []));
  }

  /** Appends a batch to a partition's log. */
  append(topic: string, partition: number, batch: Uint8Array): number {
    const log = this.#topics.get(topic)![partition]!;
    const copy = batch.slice();
    const baseOffset = this.endOffset(topic, partition);
    stampBatch(copy, { baseOffset, leaderEpoch: 0, logAppendTimeMs: null });
    log.push(copy);
    for (const wake of this.#waiters.splice(0)) wake();
    return baseOffset;
  }

  /** The batches of a partition. */
  log(topic: string, partition: number): Uint8Array[] {
    return this.#topics.get(topic)![partition]!;
  }

  /** The values of a partition's records, as text. */
  values(topic: string, partition: number): string[] {
    const records = this.log(topic, partition).flatMap((batch) => readRecords(batch));
    return records.map(({ value }) => new TextDecoder().decode(value!));
  }

  endOffset(topic: string, partition: number): number {
    const last = this.#topics.get(topic)![partition]!.at(-1);
    return last === undefined
      ? this.logStarts.get(`${topic}/${partition}`) ?? 0
      : lastOffset(viewOf(last), 0) + 1;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const connection of this.#connections) closeQuietly(connection);
    this.#connections.clear();
  }

  // deno-lint-ignore require-await -- the interface wants a promise
  async [Symbol.asyncDispose](): Promise<void> {
    closeQuietly(this.#listener);
    this.cut();
    for (const wake of this.#waiters.splice(0)) wake();
    this.groups.wake();
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.connectionCount += 1;
      this.#connections.add(connection);
      this.#serve(connection).catch(() => {}).finally(() => closeQuietly(connection));
    }
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    for await (const message of readFrames(connection)) {
      const request = message as Request;
      const isHello = request.k === "hello";
      if (!isHello) this.requests.push(request);
      const deed = await this.script(request, this.requests.length);
      if (deed === "cut") return;
      if (deed === "silence") continue;
      if (typeof deed === "object" && "raw" in deed) {
        await connection.write(deed.raw);
        continue;
      }
      const reply = deed !== undefined && typeof deed === "object" && "reply" in deed
        ? deed.reply
        : await this.answer(request);
      if (deed === "cut after") return;
      if (request.k === "produce" && request.acks === 0) continue;
      await writeAll(connection, encodeFrame({ c: request.c, ...reply })[0]!);
    }
  }

  /** The answer to a request, with its effect. */
  answer(request: Request): Record<string, unknown> | Promise<Record<string, unknown>> {
    switch (request.k) {
      case "hello":
        return this.hello;
      case "metadata":
        return { cluster: "fake", brokers: [], topics: this.#metadata(request.topics) };
      case "produce":
        return { entries: request.entries.map((entry: Request) => this.#produce(entry)) };
      case "init_producer_id":
        return { producerId: this.producerId++, producerEpoch: 0 };
      case "fetch":
        return this.#fetch(request);
      case "list_offsets":
        return { entries: request.entries.map((entry: Request) => this.#listOffset(entry)) };
      default:
        return this.groups.answer(request) ?? { e: wireError("INVALID_REQUEST") };
    }
  }

  #metadata(names: string[] | null): unknown[] {
    return (names ?? [...this.#topics.keys()]).map((name) => {
      const log = this.#topics.get(name);
      const partitions = (log ?? []).map((_, partition) => {
        return { partition, leader: 1, epoch: 0, replicas: [1], isr: [1] };
      });
      const topic = { name, id: "A".repeat(22), internal: false, partitions, settings: {} };
      return log === undefined ? { ...topic, e: wireError("UNKNOWN_TOPIC_OR_PARTITION", true) } : topic;
    });
  }

  #produce({ topic, partition, batch }: Request): unknown {
    if (this.#topics.get(topic)?.[partition] === undefined) {
      return { topic, partition, e: wireError("UNKNOWN_TOPIC_OR_PARTITION", true) };
    }
    const key = `${topic}/${partition}`;
    const producers = this.producers.get(key) ?? new FakeSequences();
    this.producers.set(key, producers);
    const verdict = producers.check(viewOf(batch));
    if (typeof verdict === "object" && "code" in verdict) {
      return { topic, partition, e: wireError(verdict.code) };
    }
    const baseOffset = verdict === "append" ? this.append(topic, partition, batch) : verdict.offset;
    if (verdict === "append") producers.note(viewOf(batch), baseOffset);
    return { topic, partition, baseOffset, logAppendTimeMs: -1, logStartOffset: 0 };
  }

  async #fetch(request: Request): Promise<Record<string, unknown>> {
    const collect = () => request.entries.map((entry: Request) => this.#fetchEntry(entry));
    let entries = collect();
    if (
      !entries.some(({ records, e }: Request) => e !== undefined || records.length > 0) &&
      request.waitMsMax > 0
    ) {
      await this.#wait(request.waitMsMax);
      entries = collect();
    }
    return { entries };
  }

  #wait(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #fetchEntry({ topic, partition, offset, bytesMax }: Request): Request {
    const log = this.log(topic, partition);
    const end = this.endOffset(topic, partition);
    const start = this.logStarts.get(`${topic}/${partition}`) ?? 0;
    if (offset < start || offset > end) return { topic, partition, e: wireError("OFFSET_OUT_OF_RANGE") };
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (const batch of log) {
      if (lastOffset(viewOf(batch), 0) < offset) continue;
      if (parts.length > 0 && bytes + batch.length > bytesMax) break;
      parts.push(batch);
      bytes += batch.length;
    }
    const records = Uint8Array.from(parts.flatMap((part) => [...part]));
    return { topic, partition, highWatermark: end, lastStableOffset: end, logStartOffset: start, records };
  }

  #listOffset({ topic, partition, timestamp }: Request): unknown {
    if (this.#topics.get(topic)?.[partition] === undefined) {
      return {
        topic,
        partition,
        e: wireError("UNKNOWN_TOPIC_OR_PARTITION", true),
        offset: -1,
        timestamp: -1,
      };
    }
    const end = this.endOffset(topic, partition);
    const start = this.logStarts.get(`${topic}/${partition}`) ?? 0;
    const records = this.log(topic, partition).flatMap((batch) => readRecords(batch));
    const found = records.find((record) => record.timestamp >= timestamp);
    const offset = timestamp === -1 ? end : timestamp === -2 ? start : found?.offset ?? -1;
    return { topic, partition, offset, timestamp: timestamp < 0 ? -1 : found?.timestamp ?? -1, epoch: 0 };
  }
}

/** Records in a batch. */
export function countOf(batch: Uint8Array): number {
  return recordCount(viewOf(batch), 0);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function* readFrames(connection: Deno.TcpConn): AsyncGenerator<Record<string, unknown>> {
  let held = new Uint8Array(0);
  const buffer = new Uint8Array(65_536);
  for (;;) {
    while (held.length >= FRAME_HEAD_BYTES && held.length >= FRAME_HEAD_BYTES + frameLength(held, 0)) {
      const to = FRAME_HEAD_BYTES + frameLength(held, 0);
      yield decodeFrame(held.slice(0, to), FRAME_HEAD_BYTES, to);
      held = held.slice(to);
    }
    const count = await connection.read(buffer);
    if (count === null) return;
    const grown = new Uint8Array(held.length + count);
    grown.set(held);
    grown.set(buffer.subarray(0, count), held.length);
    held = grown;
  }
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function closeQuietly(closable: { close(): void }): void {
  try {
    closable.close();
  } catch {
    // Closed by the peer, or by an earlier line of the test.
  }
}
