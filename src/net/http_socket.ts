/**
 * A TCP connection in the form that `node:http` and `ws` take: a duplex stream
 * over a `Deno.TcpConn`, read through one small buffer. Knows what went over it
 * and since when a write waits, so that a peer that takes nothing can be dropped.
 */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

const READ_BYTES = 4_096;

type Done = (error?: Error | null) => void;

export class HttpSocket extends Duplex {
  readonly remote: string;
  readonly openedMs: number;
  /** Requests that came over it, and those not yet answered. */
  requests = 0;
  open = 0;
  /** When it was opened, or its last answer was written. */
  quietSinceMs: number;
  /** Since when the peer has taken nothing of what waits for it; −1 while nothing does. */
  stalledSinceMs = -1;
  bytesIn = 0;
  bytesOut = 0;
  software = "";
  readonly #conn: Deno.TcpConn;
  readonly #nowMs: () => number;
  readonly #buffer = new Uint8Array(READ_BYTES);

  constructor(conn: Deno.TcpConn, nowMs: () => number) {
    super();
    this.#conn = conn;
    this.#nowMs = nowMs;
    conn.setNoDelay(true);
    const { hostname, port } = conn.remoteAddr;
    this.remote = `${hostname}:${port}`;
    this.openedMs = this.quietSinceMs = nowMs();
  }

  override async _read(): Promise<void> {
    try {
      const count = await this.#conn.read(this.#buffer);
      if (count === null) return void this.push(null);
      this.bytesIn += count;
      this.push(Buffer.from(this.#buffer.slice(0, count)));
    } catch {
      // A reset: the same as the end.
      this.destroy();
    }
  }

  override async _write(chunk: Uint8Array | string, _encoding: string, done: Done): Promise<void> {
    const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
    try {
      for (let at = 0; at < bytes.length;) {
        this.stalledSinceMs = this.#nowMs();
        const count = await this.#conn.write(at === 0 ? bytes : bytes.subarray(at));
        this.bytesOut += count;
        at += count;
      }
      this.stalledSinceMs = -1;
      done();
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
