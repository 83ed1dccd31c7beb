/**
 * A TCP connection in the form that `node:http` and `ws` take: a duplex stream
 * over a `Deno.TcpConn`. Waits in a small buffer, for most connections wait, and
 * reads through a larger one while bytes flow. Reads nothing more while the peer
 * leaves too much of what it is answered untaken, or has asked too much ahead:
 * whoever asks without listening heaps up nothing here. Knows what went over it
 * and since when a write waits, so that a peer that takes nothing can be dropped.
 */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

/** What a connection that waits costs, and what it reads at once while more comes than that. */
const WAIT_BYTES = 1_024;
const READ_BYTES = 16_384;
/** Answers that wait to be taken, and requests that wait for their turn, before no more is read. */
const UNTAKEN_BYTES_MAX = 65_536;
const OPEN_MAX = 32;
/** Smaller pieces that are written together are copied together. */
const JOINED_BYTES_MAX = 16_384;

type Done = (error?: Error | null) => void;

export class HttpSocket extends Duplex {
  readonly remote: string;
  readonly openedMs: number;
  /** Requests that came over it, and those not yet answered. */
  requests = 0;
  open = 0;
  /** When it was opened, or its last answer was written. */
  quietSinceMs: number;
  /** Bytes that had come by then: more since are a request that is not whole yet. */
  quietBytesIn = 0;
  /** When bytes came last. */
  heardMs: number;
  /** True while a request's body is still to come. */
  hasBodyToCome: () => boolean = () => false;
  /** What to say to bytes that came and are no HTTP. */
  spoiled = "";
  /** What was asked before, one after another: the next request waits for it. */
  turn: Promise<void> = Promise.resolve();
  /** Since when the peer has taken nothing of what waits for it; −1 while nothing does. */
  stalledSinceMs = -1;
  bytesIn = 0;
  bytesOut = 0;
  software = "";
  readonly #conn: Deno.TcpConn;
  readonly #nowMs: () => number;
  #buffer = new Uint8Array(WAIT_BYTES);
  /** Somebody wants to read, but it is not the time. */
  #isHeld = false;

  constructor(conn: Deno.TcpConn, nowMs: () => number) {
    super();
    this.#conn = conn;
    this.#nowMs = nowMs;
    conn.setNoDelay(true);
    const { hostname, port } = conn.remoteAddr;
    this.remote = `${hostname}:${port}`;
    this.openedMs = this.quietSinceMs = this.heardMs = nowMs();
    // One that asks ahead is waited for by as many.
    this.setMaxListeners(0);
  }

  /** A request was answered, or bytes were taken: reading may go on. */
  release(): void {
    if (!this.#isHeld || !this.#mayRead()) return;
    this.#isHeld = false;
    void this._read();
  }

  #mayRead(): boolean {
    return this.writableLength <= UNTAKEN_BYTES_MAX && this.open <= OPEN_MAX;
  }

  override async _read(): Promise<void> {
    if (!this.#mayRead()) {
      this.#isHeld = true;
      return;
    }
    try {
      const buffer = this.#buffer;
      const count = await this.#conn.read(buffer);
      if (count === null) return void this.push(null);
      this.bytesIn += count;
      this.heardMs = this.#nowMs();
      const size = count === buffer.length ? READ_BYTES : WAIT_BYTES;
      if (size !== buffer.length) this.#buffer = new Uint8Array(size);
      this.push(Buffer.from(buffer.slice(0, count)));
    } catch {
      // A reset: the same as the end.
      this.destroy();
    }
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    void this.#send([chunk], done);
  }

  /** What gathered while a write was under way goes together: messages and frames are small. */
  override _writev(chunks: { readonly chunk: Uint8Array }[], done: Done): void {
    void this.#send(joined(chunks.map(({ chunk }) => chunk)), done);
  }

  async #send(parts: readonly Uint8Array[], done: Done): Promise<void> {
    try {
      for (const bytes of parts) {
        for (let at = 0; at < bytes.length;) {
          this.stalledSinceMs = this.#nowMs();
          const count = await this.#conn.write(at === 0 ? bytes : bytes.subarray(at));
          this.bytesOut += count;
          at += count;
        }
      }
      this.stalledSinceMs = -1;
      done();
      this.release();
    } catch (error) {
      done(error as Error);
    }
  }

  override async _final(done: Done): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch {
      // The peer closed first.
    }
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    try {
      this.#conn.close();
    } catch {
      // Closed before.
    }
    done(error);
  }

  // What node:http and ws call on a socket of theirs; timeouts are the listener's.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** Puts small pieces that follow each other into one; a large one stays as it is. */
function joined(parts: readonly Uint8Array[]): Uint8Array[] {
  const whole: Uint8Array[] = [];
  for (let first = 0; first < parts.length;) {
    let bytes = parts[first]!.length;
    let end = first + 1;
    while (end < parts.length && bytes + parts[end]!.length <= JOINED_BYTES_MAX) {
      bytes += parts[end++]!.length;
    }
    whole.push(end === first + 1 ? parts[first]! : Buffer.concat(parts.slice(first, end), bytes));
    first = end;
  }
  return whole;
}
