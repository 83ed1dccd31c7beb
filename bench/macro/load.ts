/**
 * A lean load generator over the native protocol: frames are built once and sent
 * again and again, replies are skipped over by their length, so that what is
 * measured is the broker and not a client.
 */
import {
  decodeFrame,
  encodeFrame,
  FRAME_HEAD_BYTES,
  frameLength,
  type Message,
} from "../../src/native/mod.ts";
import { encodeBatch } from "../../src/record/mod.ts";

const READ_BYTES = 4_194_304;

/** One connection that pipelines. */
export class LoadConnection {
  readonly #socket: Deno.TcpConn;
  #buffer = new Uint8Array(READ_BYTES);
  #start = 0;
  #end = 0;

  constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  /** Connects and says hello. */
  static async open(port: number): Promise<LoadConnection> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    socket.setNoDelay(true);
    const connection = new LoadConnection(socket);
    await connection.ask({ k: "hello", v: 1 });
    return connection;
  }

  /** Sends one request and gives its reply; throws when the reply is a failure. */
  async ask(message: Message): Promise<Message> {
    await this.send(frameOf({ c: 0, ...message }));
    const frame = await this.next();
    const reply = decodeFrame(frame, FRAME_HEAD_BYTES, frame.length);
    if (reply.e !== undefined) throw new Error(JSON.stringify(reply.e));
    return reply;
  }

  async send(frame: Uint8Array): Promise<void> {
    for (let at = 0; at < frame.length;) {
      at += await this.#socket.write(at === 0 ? frame : frame.subarray(at));
    }
  }

  /** The next whole frame, length included; a view that holds until the next call. */
  async next(): Promise<Uint8Array> {
    for (;;) {
      const held = this.#end - this.#start;
      if (held >= FRAME_HEAD_BYTES) {
        const length = FRAME_HEAD_BYTES + frameLength(this.#buffer, this.#start);
        if (held >= length) {
          this.#start += length;
          return this.#buffer.subarray(this.#start - length, this.#start);
        }
        this.#makeRoom(length);
      } else this.#makeRoom(FRAME_HEAD_BYTES);
      const count = await this.#socket.read(this.#buffer.subarray(this.#end));
      if (count === null) throw new Error("The broker closed the connection");
      this.#end += count;
    }
  }

  /** Asks without waiting for an answer: acks=0. */
  async sendAll(frame: Uint8Array, count: number): Promise<void> {
    for (let sent = 0; sent < count; sent++) await this.send(frame);
  }

  /** Lets `count` bytes pass, whatever they are: for the pump. */
  async skip(count: number): Promise<void> {
    for (let left = count;;) {
      const taken = Math.min(left, this.#end - this.#start);
      this.#start += taken;
      left -= taken;
      if (left === 0) return;
      this.#start = 0;
      this.#end = (await this.#socket.read(this.#buffer)) ?? 0;
      if (this.#end === 0) throw new Error("The pump closed the connection");
    }
  }

  close(): void {
    this.#socket.close();
  }

  #makeRoom(length: number): void {
    if (this.#start + length <= this.#buffer.length) return;
    const target = length > this.#buffer.length ? new Uint8Array(length * 2) : this.#buffer;
    target.set(this.#buffer.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = target;
  }
}

/** A message as one frame. */
export function frameOf(message: Message): Uint8Array {
  return encodeFrame(message)[0]!;
}

/** A batch of about `bytes` bytes with records of `recordBytes` bytes of value, as a producer would make it. */
export function makeBatch(recordBytes: number, bytes: number): { batch: Uint8Array; records: number } {
  const records = Math.max(1, Math.floor(bytes / (recordBytes + 8)));
  const value = crypto.getRandomValues(new Uint8Array(recordBytes));
  const timestamp = Date.now();
  const batch = encodeBatch(
    Array.from({ length: records }, () => ({ timestamp, key: null, value, headers: [] })),
  );
  return { batch, records };
}

/** Sends `frame` `count` times with at most `window` unanswered; `answer` reads one answer. */
export async function pipeline(
  connection: LoadConnection,
  frame: Uint8Array,
  count: number,
  window: number,
  answer: (connection: LoadConnection) => Promise<unknown>,
): Promise<void> {
  let answered = 0;
  let wake = () => {};
  const reading = (async () => {
    while (answered < count) {
      await answer(connection);
      answered++;
      wake();
    }
  })();
  for (let sent = 0; sent < count; sent++) {
    while (sent - answered >= window) await new Promise<void>((resolve) => wake = resolve);
    await connection.send(frame);
  }
  await reading;
}
