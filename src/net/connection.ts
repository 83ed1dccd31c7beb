/**
 * One connection: reads, cuts frames, hands them to the door's session, and
 * writes replies in order. It stops reading while too many requests or bytes of
 * this connection, or too many bytes of all, wait for their answers. The read
 * buffer is small while little comes and grows with what really arrives, so that
 * neither ten thousand idle peers nor a peer that claims a huge frame cost memory.
 */
import { type ListenerMeter, UNMEASURED } from "../meter/mod.ts";
import { REPLY_SLOTS_MAX } from "../model/mod.ts";
import type { ClientWords, ConnectionFacts, Session } from "./door.ts";
import { ReplyQueue } from "./reply_queue.ts";

/** Bytes of the length in front of a frame. */
const HEAD_BYTES = 4;
const BUFFER_BYTES_MIN = 4_096;
/** A buffer does not grow past this unless a single frame needs it. */
const BUFFER_BYTES_USUAL_MAX = 1_048_576;
/** So many reads in a row that use less than an eighth of the buffer shrink it. */
const SMALL_READS_MAX = 64;

/** What a connection needs of a socket. */
export interface Socket {
  /** Bytes read into `target`, or `null` at the end of the stream. */
  read(target: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/** The bytes that wait for answers, over all connections. */
export interface InFlight {
  bytes: number;
  readonly bytesMax: number;
  /** Connections to call when bytes were freed. */
  readonly blocked: Set<() => void>;
}

export interface ConnectionLimits {
  /** Of one connection: bytes of requests that wait for their answers. */
  readonly inFlightBytesMax: number;
  /** Of its listener. Default: nothing is measured. */
  readonly meter?: ListenerMeter;
}

export class Connection {
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #limits: ConnectionLimits;
  readonly #inFlight: InFlight;
  readonly #ended: (connection: Connection) => void;
  readonly #replies: ReplyQueue;
  #countedBytes = 0;
  #buffer = new Uint8Array(BUFFER_BYTES_MIN);
  #start = 0;
  #end = 0;
  #smallReads = 0;
  #resume: (() => void) | null = null;
  #closed = false;
  #lastActivity = 0;
  #requests = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  readonly #meter: ListenerMeter;
  /** When the request began to arrive that is not whole yet; −1: there is none. */
  #arrivingUs = -1;

  /** `closed` is called once, when the connection is over. */
  constructor(
    socket: Socket,
    session: Session,
    limits: ConnectionLimits,
    inFlight: InFlight,
    closed: (connection: Connection) => void,
  ) {
    this.#ended = closed;
    this.#socket = socket;
    this.#session = session;
    this.#limits = limits;
    this.#inFlight = inFlight;
    this.#meter = limits.meter ?? UNMEASURED;
    const write = (bytes: Uint8Array) => this.#writeAll(bytes);
    this.#replies = new ReplyQueue(write, this.#progressed, () => this.close(), this.#meter);
  }

  /** A counter that grows whenever bytes move: the listener's idle check compares it. */
  get activity(): number {
    return this.#lastActivity;
  }

  /** True while requests wait inside the broker: such a connection is not idle. */
  get isWaiting(): boolean {
    return this.#replies.count > 0 && !this.#replies.isWriting;
  }

  /** What went over it so far. */
  get traffic(): Pick<ConnectionFacts, "requests" | "bytesIn" | "bytesOut" | "waiting"> {
    const requests = this.#requests;
    return { requests, bytesIn: this.#bytesIn, bytesOut: this.#bytesOut, waiting: this.#replies.count };
  }

  /** What its client said of itself. */
  get client(): ClientWords {
    return this.#session.client ?? { clientId: "", software: "" };
  }

  /** Reads until the peer or the broker closes. Throws only what the door throws, which is a bug in it. */
  async run(): Promise<void> {
    while (!this.#closed) {
      const count = await this.#read();
      if (count === null || this.#closed) break;
      this.#lastActivity++;
      this.#bytesIn += count;
      this.#meter.received(count);
      this.#end += count;
      const filled = this.#end === this.#buffer.length;
      if (this.#replies.closes || !this.#take()) return;
      while (this.#mustWait()) {
        await this.#wait();
        if (this.#replies.closes || !this.#take()) return;
      }
      this.#fit(count, filled);
    }
    this.finish();
  }

  async #read(): Promise<number | null> {
    try {
      return await this.#socket.read(this.#buffer.subarray(this.#end));
    } catch {
      // A reset or a broken pipe: the same as the end of the stream.
      return null;
    }
  }

  /** Closes at once; replies not yet written are lost. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#replies.abandon();
    try {
      this.#socket.close();
    } catch {
      // The peer closed it first.
    }
    this.#session.close();
    this.#progressed();
    this.#ended(this);
  }

  /** Takes no more requests: what was asked is still answered, then the connection closes. */
  finish(): void {
    if (this.#replies.count === 0 || this.#closed) return this.close();
    if (this.#replies.closes) return;
    this.#replies.reserve(0).fillAndClose([]);
  }

  /** Hands on what is whole, and measures it: a look at the clock or two, however many requests there are. */
  #take(): boolean {
    const requestsBefore = this.#requests;
    const beganUs = this.#meter.watch.stamp();
    const goesOn = this.#cut();
    const requests = this.#requests - requestsBefore;
    if (requests > 0) {
      const readUs = this.#arrivingUs < 0 ? 0 : beganUs - this.#arrivingUs;
      this.#meter.routed(requests, readUs, beganUs);
    }
    if (this.#start === this.#end) this.#arrivingUs = -1;
    else if (requests > 0 || this.#arrivingUs < 0) this.#arrivingUs = beganUs;
    return goesOn;
  }

  /** Hands whole frames in the buffer on until it must wait; false when the connection ends here. */
  #cut(): boolean {
    while (this.#end - this.#start >= HEAD_BYTES && !this.#mustWait()) {
      const measured = this.#session.measure(this.#buffer.subarray(this.#start, this.#end));
      if (typeof measured !== "number") {
        this.#replies.reserve(0).fillAndClose([measured.refusal]);
        return false;
      }
      const frameEnd = this.#start + HEAD_BYTES + measured;
      if (frameEnd > this.#end) {
        this.#makeRoom(HEAD_BYTES + measured);
        return true;
      }
      const frame = this.#buffer.subarray(this.#start + HEAD_BYTES, frameEnd);
      this.#start = frameEnd;
      this.#requests++;
      this.#session.receive(frame, this.#replies.reserve(frame.length));
      this.#count();
      if (this.#closed || this.#replies.closes) return false;
    }
    if (this.#closed) return false;
    if (this.#start === this.#end) this.#start = this.#end = 0;
    else if (this.#buffer.length - this.#end < HEAD_BYTES) this.#makeRoom(HEAD_BYTES);
    return true;
  }

  /** Makes sure the frame that begins at `start` can go on arriving: moves it down, or grows a buffer half full of it. */
  #makeRoom(frameBytes: number): void {
    const held = this.#end - this.#start;
    if (frameBytes > this.#buffer.length && held * 2 >= this.#buffer.length) {
      this.#resize(Math.min(frameBytes, this.#buffer.length * 2));
    } else if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#start = 0;
      this.#end = held;
    }
  }

  #resize(length: number): void {
    const next = new Uint8Array(length);
    next.set(this.#buffer.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = next;
  }

  /** Grows the buffer while reads fill it, shrinks it when they long have not. */
  #fit(count: number, filled: boolean): void {
    const held = this.#end - this.#start;
    const { length } = this.#buffer;
    if (filled && length < BUFFER_BYTES_USUAL_MAX) {
      this.#smallReads = 0;
      this.#resize(Math.min(BUFFER_BYTES_USUAL_MAX, length * 4));
    } else if (count < length / 8 && length > BUFFER_BYTES_MIN) {
      if (++this.#smallReads < SMALL_READS_MAX || held > 0) return;
      this.#smallReads = 0;
      this.#resize(Math.max(BUFFER_BYTES_MIN, length / 4));
    } else {
      this.#smallReads = 0;
    }
  }

  /** Brings the count of all connections up to date with this one's; gives the bytes that were freed. */
  #count(): number {
    const freed = this.#countedBytes - this.#replies.pendingBytes;
    this.#countedBytes -= freed;
    this.#inFlight.bytes -= freed;
    return freed;
  }

  /** Replies left: takes their requests off the counts and lets readers go on. */
  readonly #progressed = (): void => {
    this.#lastActivity++;
    const freed = this.#count();
    if (this.#resume !== null && !this.#mustWait()) this.#wakeUp();
    if (freed > 0 && this.#inFlight.blocked.size > 0 && this.#inFlight.bytes < this.#inFlight.bytesMax) {
      for (const wake of [...this.#inFlight.blocked]) wake();
    }
  };

  #mustWait(): boolean {
    if (this.#closed) return false;
    return this.#replies.count >= REPLY_SLOTS_MAX ||
      this.#replies.pendingBytes + this.#replies.expectedBytes >= this.#limits.inFlightBytesMax ||
      (this.#inFlight.bytes >= this.#inFlight.bytesMax && this.#replies.count > 0);
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
      this.#inFlight.blocked.add(this.#recheck);
    });
  }

  readonly #recheck = (): void => {
    if (!this.#mustWait()) this.#wakeUp();
  };

  #wakeUp(): void {
    const resume = this.#resume;
    this.#resume = null;
    this.#inFlight.blocked.delete(this.#recheck);
    resume?.();
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const written = await this.#socket.write(at === 0 ? bytes : bytes.subarray(at));
      at += written;
      this.#bytesOut += written;
      this.#lastActivity++;
    }
    this.#meter.sent(bytes.length);
  }
}
