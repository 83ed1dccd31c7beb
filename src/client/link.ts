/**
 * One TCP connection to a broker's native door, from its hello to its end.
 * Requests are pipelined: each is written at once and waits in a queue; replies
 * come in the same order, and the correlation id `c` checks that. A request
 * whose time runs out ends the link, because every later reply waits behind it;
 * an aborted one only stops waiting. Never reconnects: `connection.ts` does.
 */
import { decodeFrame, encodeFrame, type Message, type WireError } from "../native/mod.ts";
import { NATIVE_VERSION, type NativeReplies } from "../native/mod.ts";
import { abortedError, asWeirError, errorOfWire, WeirError } from "./error.ts";
import { type Frame, FrameReader } from "./frame_reader.ts";
import { nowMs, startTimer, stopTimer, type Timer } from "./runtime.ts";
import { openSocket, type Socket } from "./socket.ts";

/** Chunks up to this size are gathered into one write. */
const GATHERED_BYTES_MAX = 16_384;
const STAGING_BYTES = 65_536;

/** Whom to connect to, and who does. */
interface LinkEnds {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
}

/** What {@linkcode Link.exchange} sends: the frame's chunks, for correlation id `c`. */
export type EncodeRequest = (c: number) => Uint8Array[];

interface Pending {
  readonly c: number;
  readonly what: string;
  readonly deadlineMs: number;
  /** The reply holds views of record bytes, which must outlive the inbox. */
  readonly keepsBytes: boolean;
  readonly resolve: (reply: Message) => void;
  readonly reject: (error: WeirError) => void;
}

interface Written {
  readonly resolve: () => void;
  readonly reject: (error: WeirError) => void;
}

/** An open connection. */
export class Link {
  /** What the broker said in its hello. */
  hello!: NativeReplies["hello"];
  #socket: Socket;
  #address: string;
  #onEnd: () => void;
  #pending: Pending[] = [];
  #pendingFrom = 0;
  #correlation = 0;
  #outbox: Uint8Array[] = [];
  #written: Written[] = [];
  #writing = false;
  #staging: Uint8Array | null = null;
  #timer: Timer | null = null;
  #timerAtMs = Infinity;
  #error: WeirError | null = null;

  private constructor(socket: Socket, address: string, onEnd: () => void) {
    this.#socket = socket;
    this.#address = address;
    this.#onEnd = onEnd;
  }

  /** Connects and says hello. `onEnd` is called once, when the link is no longer usable. */
  static async open({ host, port, clientId }: LinkEnds, timeoutMs: number, onEnd: () => void): Promise<Link> {
    const address = `${host}:${port}`;
    const link = new Link(await openInTime(host, port, timeoutMs), address, onEnd);
    void link.#readLoop();
    try {
      link.hello = await link.exchange(
        "Hello",
        (c) => encodeFrame({ k: "hello", c, v: NATIVE_VERSION, client: clientId }),
        nowMs() + timeoutMs,
      ) as unknown as NativeReplies["hello"];
    } catch (error) {
      link.end(asWeirError(error, "NETWORK_EXCEPTION", `Hello to "${address}" failed`));
      throw error;
    }
    return link;
  }

  /** True once the link has ended. */
  get ended(): boolean {
    return this.#error !== null;
  }

  /** Requests that wait for their reply. */
  get pendingCount(): number {
    return this.#pending.length - this.#pendingFrom;
  }

  /** Sends a request and resolves with its reply. Rejects with what the broker answered, or how the link ended. */
  exchange(
    what: string,
    encode: EncodeRequest,
    deadlineMs: number,
    signal?: AbortSignal,
    keepsBytes = false,
  ): Promise<Message> {
    return new Promise((resolve, reject) => {
      if (this.#error !== null) return reject(this.#error);
      const c = ++this.#correlation;
      const chunks = encode(c);
      const abort = signal === undefined ? null : () => reject(abortedError(signal, what));
      if (abort !== null) signal!.addEventListener("abort", abort, { once: true });
      const settled = () => abort !== null && signal!.removeEventListener("abort", abort);
      this.#pending.push({
        c,
        what,
        deadlineMs,
        keepsBytes,
        resolve: abort === null ? resolve : (reply) => (settled(), resolve(reply)),
        reject: abort === null ? reject : (error) => (settled(), reject(error)),
      });
      this.#watch(deadlineMs);
      this.#send(chunks);
    });
  }

  /** Sends a request that has no reply; resolves when it was handed to the system. */
  post(encode: EncodeRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#error !== null) return reject(this.#error);
      this.#written.push({ resolve, reject });
      this.#send(encode(++this.#correlation));
    });
  }

  /** Ends the link: what is pending rejects with `error`. */
  end(error: WeirError): void {
    if (this.#error !== null) return;
    this.#error = error;
    this.#socket.close();
    stopTimer(this.#timer);
    const pending = this.#pending.slice(this.#pendingFrom);
    const written = this.#written;
    this.#pending = [];
    this.#pendingFrom = 0;
    this.#written = [];
    this.#outbox = [];
    for (const waiting of pending) waiting.reject(error);
    for (const waiting of written) waiting.reject(error);
    this.#onEnd();
  }

  #send(chunks: Uint8Array[]): void {
    for (const chunk of chunks) this.#outbox.push(chunk);
    if (!this.#writing) void this.#writeLoop();
  }

  async #writeLoop(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#outbox.length > 0) {
        const chunks = this.#outbox;
        const written = this.#written;
        this.#outbox = [];
        this.#written = [];
        await this.#writeAll(chunks);
        for (const waiting of written) waiting.resolve();
      }
    } catch (error) {
      this.#lose(error);
    } finally {
      this.#writing = false;
    }
  }

  /** Writes the chunks in order; runs of small ones go out as one. */
  async #writeAll(chunks: Uint8Array[]): Promise<void> {
    if (chunks.length === 1) return await this.#socket.write(chunks[0]!);
    const staging = this.#staging ??= new Uint8Array(STAGING_BYTES);
    let staged = 0;
    for (const chunk of chunks) {
      if (staged + chunk.length <= STAGING_BYTES && chunk.length <= GATHERED_BYTES_MAX) {
        staging.set(chunk, staged);
        staged += chunk.length;
        continue;
      }
      if (staged > 0) await this.#socket.write(staging.subarray(0, staged));
      staged = 0;
      if (chunk.length > GATHERED_BYTES_MAX) {
        await this.#socket.write(chunk);
      } else {
        staging.set(chunk);
        staged = chunk.length;
      }
    }
    if (staged > 0) await this.#socket.write(staging.subarray(0, staged));
  }

  async #readLoop(): Promise<void> {
    const reader = new FrameReader();
    try {
      while (this.#error === null) {
        const count = await this.#socket.read(reader.space());
        if (count === 0) throw new Error("the broker closed it");
        reader.advance(count);
        for (let frame = reader.next(); frame !== null; frame = reader.next()) this.#receive(frame);
      }
    } catch (error) {
      this.#lose(error);
    }
  }

  #receive(frame: Frame): void {
    const pending = this.#pending[this.#pendingFrom];
    if (pending === undefined) throw new WeirError("PROTOCOL", "The broker sent a reply to no request");
    const message = pending.keepsBytes && !frame.owned
      ? decodeFrame(frame.bytes.slice(frame.from, frame.to), 0, frame.to - frame.from)
      : decodeFrame(frame.bytes, frame.from, frame.to);
    if (message["c"] !== pending.c) {
      throw new WeirError("PROTOCOL", `Reply "${message["c"]}" must be the one to request "${pending.c}"`);
    }
    this.#forgetFirst();
    const fault = message["e"] as WireError | undefined;
    if (fault === undefined || fault === null) pending.resolve(message);
    else pending.reject(errorOfWire(fault, `${pending.what} failed`));
  }

  #forgetFirst(): void {
    this.#pendingFrom += 1;
    if (this.#pendingFrom < this.#pending.length && this.#pendingFrom < 1_024) return;
    this.#pending.splice(0, this.#pendingFrom);
    this.#pendingFrom = 0;
  }

  /** Sees to it that the timer runs at `deadlineMs` or before. */
  #watch(deadlineMs: number): void {
    if (deadlineMs >= this.#timerAtMs) return;
    stopTimer(this.#timer);
    this.#timerAtMs = deadlineMs;
    this.#timer = startTimer(deadlineMs - nowMs(), () => this.#expire());
  }

  #expire(): void {
    this.#timer = null;
    this.#timerAtMs = Infinity;
    let earliestMs = Infinity;
    for (let index = this.#pendingFrom; index < this.#pending.length; index++) {
      earliestMs = Math.min(earliestMs, this.#pending[index]!.deadlineMs);
    }
    if (earliestMs > nowMs()) {
      if (earliestMs < Infinity) this.#watch(earliestMs);
      return;
    }
    this.end(new WeirError("REQUEST_TIMED_OUT", `Broker "${this.#address}" did not answer in time`));
  }

  #lose(error: unknown): void {
    const code = error instanceof Error && error.name === "FrameError" ? "PROTOCOL" : "NETWORK_EXCEPTION";
    this.end(asWeirError(error, code, `Connection to "${this.#address}" was lost`));
  }
}

/** Opens the socket, or gives up after `timeoutMs`; a socket that opens too late is closed. */
function openInTime(host: string, port: number, timeoutMs: number): Promise<Socket> {
  const what = `Cannot connect to "${host}:${port}"`;
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = startTimer(timeoutMs, () => {
      late = true;
      reject(new WeirError("NETWORK_EXCEPTION", `${what}: no answer within ${timeoutMs} ms`));
    });
    openSocket(host, port).then((socket) => {
      stopTimer(timer);
      if (late) socket.close();
      else resolve(socket);
    }, (error) => {
      stopTimer(timer);
      reject(asWeirError(error, "NETWORK_EXCEPTION", what));
    });
  });
}
