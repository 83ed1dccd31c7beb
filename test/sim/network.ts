/**
 * The network between clients and the broker's real connections: bytes arrive in
 * order, in pieces of any size, after any delay, until the connection is cut;
 * then what is under way is lost, perhaps but for the first part of it. Different
 * connections overtake each other freely.
 *
 *     ClientConnection --- bytes ---> Socket of a src/net Connection
 *                      <-- bytes ---
 */
import type { Socket } from "../../src/net/connection.ts";
import { decodeFrame, encodeFrame, FRAME_HEAD_BYTES, frameLength } from "../../src/native/frame.ts";
import type { SeededRandom } from "./random.ts";
import { Violation, type World } from "./world.ts";

/** A decoded reply, its shape the operation's. */
// deno-lint-ignore no-explicit-any
export type WireReply = any;

export interface NetworkOptions {
  /** Longest usual delay of a piece. */
  readonly delayMsMax: number;
  /** How likely a piece takes a hundred times as long. */
  readonly stallChance: number;
}

interface Waiting {
  readonly c: number;
  readonly words: string;
  readonly resolve: (reply: WireReply | null) => void;
}

/** One direction of a connection. */
class Pipe {
  #lastMs = 0;
  #isCut = false;

  constructor(
    readonly world: World,
    readonly random: SeededRandom,
    readonly options: NetworkOptions,
    readonly arrive: (bytes: Uint8Array) => void,
  ) {}

  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const isWhole = this.random.chance(0.7);
      const size = isWhole ? bytes.length - at : this.random.integer(1, bytes.length - at);
      this.#deliver(bytes.slice(at, at + size));
      at += size;
    }
  }

  /** Nothing more arrives, but perhaps the start of what is under way. */
  cut(): void {
    this.#isCut = true;
  }

  #deliver(piece: Uint8Array): void {
    const { world, random, options } = this;
    const stalls = random.chance(options.stallChance) ? 100 : 1;
    this.#lastMs = Math.max(this.#lastMs, world.nowMs + random.fraction() * options.delayMsMax * stalls);
    world.at(this.#lastMs, () => {
      if (!this.#isCut) this.arrive(piece);
    });
  }
}

/** The broker's end. */
class ServerSocket implements Socket {
  readonly #random: SeededRandom;
  readonly #world: World;
  readonly #out: Pipe;
  readonly #closed: () => void;
  #arrived: Uint8Array[] = [];
  #reader: { target: Uint8Array; resolve: (count: number | null) => void } | null = null;
  #isOver = false;

  constructor(world: World, random: SeededRandom, out: Pipe, closed: () => void) {
    this.#world = world;
    this.#random = random;
    this.#out = out;
    this.#closed = closed;
  }

  arrive(bytes: Uint8Array): void {
    this.#arrived.push(bytes);
    this.#serve();
  }

  /** The peer is gone. */
  end(): void {
    this.#isOver = true;
    this.#serve();
  }

  read(target: Uint8Array): Promise<number | null> {
    return new Promise((resolve) => {
      this.#reader = { target, resolve };
      this.#serve();
    });
  }

  /** The bytes are taken some time before the promise resolves, as a socket does that waits for its peer. */
  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#world.after(this.#random.fraction() * 0.3, () => {
        if (this.#isOver) return reject(new Error("Broken pipe"));
        const count = this.#random.chance(0.8) ? bytes.length : this.#random.integer(1, bytes.length);
        this.#out.send(bytes.subarray(0, count));
        resolve(count);
      });
    });
  }

  close(): void {
    this.#isOver = true;
    this.#closed();
    this.#serve();
  }

  #serve(): void {
    const reader = this.#reader;
    if (reader === null) return;
    const first = this.#arrived[0];
    if (first === undefined && !this.#isOver) return;
    this.#reader = null;
    if (first === undefined) return reader.resolve(null);
    const count = Math.min(first.length, reader.target.length);
    reader.target.set(first.subarray(0, count));
    if (count === first.length) this.#arrived.shift();
    else this.#arrived[0] = first.subarray(count);
    reader.resolve(count);
  }
}

/** What accepts connections: a broker process. */
export interface Acceptor {
  /** Serves a new connection; false when nobody listens. */
  accept(socket: Socket): boolean;
}

/** A client's end: requests go out at once, replies are matched in the order of their requests. */
export class ClientConnection {
  readonly #world: World;
  readonly #out: Pipe;
  readonly #in: Pipe;
  readonly #server: ServerSocket;
  #waiting: Waiting[] = [];
  #received = new Uint8Array(0);
  #nextC = 1;
  #isOpen = true;

  constructor(world: World, random: SeededRandom, options: NetworkOptions, acceptor: Acceptor) {
    this.#world = world;
    this.#in = new Pipe(world, random, options, (bytes) => this.#receive(bytes));
    this.#server = new ServerSocket(world, random, this.#in, () => this.#peerClosed());
    this.#out = new Pipe(world, random, options, (bytes) => this.#server.arrive(bytes));
    if (!acceptor.accept(this.#server)) this.#isOpen = false;
    else void this.request("hello", { v: 1 });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Sends a request; resolves with the reply, or with `null` when the connection ends before it comes. */
  request(k: string, fields: object): Promise<WireReply | null> {
    if (!this.#isOpen) return Promise.resolve(null);
    const c = this.#nextC++;
    this.#out.send(encodeFrame({ k, c, ...fields })[0]!);
    return new Promise((resolve) => this.#waiting.push({ c, words: k, resolve }));
  }

  /** Sends a request that gets no reply. */
  tell(k: string, fields: object): void {
    if (this.#isOpen) this.#out.send(encodeFrame({ k, c: this.#nextC++, ...fields })[0]!);
  }

  /** The network drops the connection. */
  cut(): void {
    if (!this.#isOpen) return;
    this.#out.cut();
    this.#end();
    this.#server.end();
  }

  /** The broker's process is gone: nothing it still wrote arrives. */
  lose(): void {
    this.#end();
  }

  #peerClosed(): void {
    if (!this.#isOpen) return;
    // The last bytes are still under way; then the client sees the end.
    this.#world.after(50, () => this.#end());
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#in.cut();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve(null);
  }

  #receive(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    const joined = new Uint8Array(this.#received.length + bytes.length);
    joined.set(this.#received);
    joined.set(bytes, this.#received.length);
    let at = 0;
    while (joined.length - at >= FRAME_HEAD_BYTES) {
      const end = at + FRAME_HEAD_BYTES + frameLength(joined, at);
      if (end > joined.length) break;
      this.#take(decodeFrame(joined, at + FRAME_HEAD_BYTES, end));
      at = end;
    }
    this.#received = joined.slice(at);
  }

  #take(reply: WireReply): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) throw new Violation("A reply came that nobody waits for");
    if (reply.c !== waiting.c) {
      throw new Violation(
        `Reply "${reply.c}" came where the one to "${waiting.words}" "${waiting.c}" is due`,
      );
    }
    waiting.resolve(reply);
  }
}
