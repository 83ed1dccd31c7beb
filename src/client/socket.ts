/**
 * TCP for the client: `Deno.connect` on Deno, `node:net` everywhere else, behind
 * one pull-based interface, so that bytes of a large frame land in the frame's
 * own buffer. The only file of the client that knows the runtime.
 */
import * as net from "node:net";

/** One open TCP connection. Reads and writes do not overlap with themselves. */
export interface Socket {
  /** Reads at least one byte into `into` and says how many; 0 when the peer has ended. */
  read(into: Uint8Array): Promise<number>;
  /** Resolves when all of `chunk` was handed to the system; it may be reused then. */
  write(chunk: Uint8Array): Promise<void>;
  /** Closes both directions; pending reads and writes reject or end. */
  close(): void;
}

/** Opens a connection, without delaying small packets. Rejects with the system's error. */
export function openSocket(host: string, port: number): Promise<Socket> {
  return "Deno" in globalThis ? openDenoSocket(host, port) : openNodeSocket(host, port);
}

async function openDenoSocket(host: string, port: number): Promise<Socket> {
  const connection = await Deno.connect({ hostname: host, port });
  connection.setNoDelay(true);
  return {
    read: async (into) => await connection.read(into) ?? 0,
    async write(chunk) {
      let written = await connection.write(chunk);
      while (written < chunk.length) written += await connection.write(chunk.subarray(written));
    },
    close() {
      try {
        connection.close();
      } catch {
        // Closed already, by the peer's reset.
      }
    },
  };
}

function openNodeSocket(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(new NodeSocket(socket));
    });
  });
}

/** Received bytes that may wait here before the stream is paused. */
const WAITING_BYTES_MAX = 1_048_576;

/** Turns the events of a `net.Socket` into reads that are asked for. */
class NodeSocket implements Socket {
  #socket: net.Socket;
  #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;
  #error: Error | null = null;
  #reader: { into: Uint8Array; resolve: (count: number) => void; reject: (error: Error) => void } | null =
    null;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    socket.on("end", () => this.#finish(null));
    socket.on("close", () => this.#finish(null));
    socket.on("error", (error: Error) => this.#finish(error));
  }

  read(into: Uint8Array): Promise<number> {
    if (this.#chunks.length > 0) return Promise.resolve(this.#take(into));
    if (this.#error !== null) return Promise.reject(this.#error);
    if (this.#ended) return Promise.resolve(0);
    return new Promise((resolve, reject) => this.#reader = { into, resolve, reject });
  }

  write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(chunk, (error) => error ? reject(error) : resolve());
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    const reader = this.#reader;
    this.#reader = null;
    reader?.resolve(this.#take(reader.into));
    if (this.#waitingBytes > WAITING_BYTES_MAX) this.#socket.pause();
  }

  #take(into: Uint8Array): number {
    let count = 0;
    while (count < into.length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0]!;
      const taken = Math.min(chunk.length, into.length - count);
      into.set(taken === chunk.length ? chunk : chunk.subarray(0, taken), count);
      count += taken;
      if (taken === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(taken);
    }
    this.#waitingBytes -= count;
    if (this.#waitingBytes <= WAITING_BYTES_MAX && this.#socket.isPaused()) this.#socket.resume();
    return count;
  }

  #finish(error: Error | null): void {
    this.#ended = true;
    this.#error ??= error;
    const reader = this.#reader;
    this.#reader = null;
    if (this.#error === null) reader?.resolve(0);
    else reader?.reject(this.#error);
  }
}
