/**
 * The replies of one connection: slots in the order of their requests, filled in
 * any order, written in order. Short chunks are gathered into one write, long
 * ones (record bytes) go out as they are. One writer loop runs while there is
 * something to write.
 */
import type { ListenerMeter, RequestMeter } from "../meter/mod.ts";
import { assert } from "../model/mod.ts";
import type { ReplySlot } from "./door.ts";

/** Chunks up to this size are copied together; longer ones are written by themselves. */
const GATHERED_CHUNK_BYTES_MAX = 16_384;
const GATHER_BYTES = 65_536;

/** What the queue writes to: all of `bytes`, or it throws. */
export type Write = (bytes: Uint8Array) => Promise<void>;

class Slot implements ReplySlot {
  readonly #queue: ReplyQueue;
  /** Bytes of its request, and of its answer once that is there. */
  heldBytes: number;
  /** Bytes its answer may have, until it is there. */
  expectedBytes = 0;
  chunks: readonly Uint8Array[] | null = null;
  written: (() => void) | null = null;
  closes = false;
  /** What its request is counted by, and as. */
  #meter: RequestMeter | null = null;
  #request = 0;
  readonly #askedUs: number;

  constructor(queue: ReplyQueue, requestBytes: number) {
    this.#queue = queue;
    this.heldBytes = requestBytes;
    this.#askedUs = queue.meter.watch.us;
  }

  count(meter: RequestMeter, request: number): void {
    this.#meter = meter;
    this.#request = request;
  }

  weigh(bytesMax: number): void {
    assert(this.chunks === null, "an answer is weighed before it is there");
    this.#queue.changed(0, bytesMax - this.expectedBytes);
    this.expectedBytes = bytesMax;
  }

  fill(chunks: readonly Uint8Array[], written?: () => void): void {
    assert(this.chunks === null, "a reply slot is filled once");
    this.chunks = chunks;
    this.written = written ?? null;
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    this.#meter?.answered(this.#request, this.heldBytes, bytes, this.#sinceAskedUs());
    this.#queue.changed(bytes, -this.expectedBytes);
    this.heldBytes += bytes;
    this.expectedBytes = 0;
    this.#queue.filled();
  }

  fillAndClose(chunks: readonly Uint8Array[]): void {
    this.closes = true;
    this.#queue.closing();
    this.fill(chunks);
  }

  /** The clock is read again only for what is answered in the event that asked. */
  #sinceAskedUs(): number {
    const { watch } = this.#queue.meter;
    return (watch.us === this.#askedUs ? watch.stamp() : watch.us) - this.#askedUs;
  }
}

export class ReplyQueue {
  readonly meter: ListenerMeter;
  readonly #write: Write;
  /** Called when slots were freed, and when the connection should end. */
  readonly #progress: () => void;
  readonly #end: () => void;
  #slots: Slot[] = [];
  #first = 0;
  #writing = false;
  #broken = false;
  #closes = false;
  #pendingBytes = 0;
  #expectedBytes = 0;

  constructor(write: Write, progress: () => void, end: () => void, meter: ListenerMeter) {
    this.meter = meter;
    this.#write = write;
    this.#progress = progress;
    this.#end = end;
  }

  /** Requests not yet answered on the wire. */
  get count(): number {
    return this.#slots.length - this.#first;
  }

  /** Bytes of those requests, and of their answers that are there. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** True while the writer waits for the peer to take bytes. */
  get isWriting(): boolean {
    return this.#writing;
  }

  /** True once a slot was filled that ends the connection: nothing read from now on is answered. */
  get closes(): boolean {
    return this.#closes;
  }

  /** Reserves the next place in the order. */
  reserve(requestBytes: number): ReplySlot {
    const slot = new Slot(this, requestBytes);
    this.#slots.push(slot);
    this.#pendingBytes += requestBytes;
    return slot;
  }

  /** Bytes that answers may have which are not there yet. */
  get expectedBytes(): number {
    return this.#expectedBytes;
  }

  /** A slot stands for more or fewer bytes than before. */
  changed(pendingBytes: number, expectedBytes: number): void {
    this.#pendingBytes += pendingBytes;
    this.#expectedBytes += expectedBytes;
  }

  /** A slot is being filled that ends the connection. */
  closing(): void {
    this.#closes = true;
  }

  /** A slot was filled: writes what is next, as far as it is there. A writer at work takes care of it itself. */
  filled(): void {
    if (this.#writing) return;
    if (this.#broken) return this.#discard();
    if (this.#slots[this.#first]?.chunks === null) return;
    this.#writing = true;
    void this.#run();
  }

  /** The connection is gone: what is filled, now or later, is let go at once. */
  abandon(): void {
    this.#broken = true;
    if (!this.#writing) this.#discard();
  }

  async #run(): Promise<void> {
    let closes = false;
    try {
      for (let isLater = false; !this.#broken && !closes && this.#nextIsFilled(); isLater = true) {
        closes = await this.#writeFilled(isLater);
      }
    } catch {
      this.#broken = true;
    }
    this.#writing = false;
    if (this.#broken) this.#discard();
    if (closes || this.#broken) this.#end();
  }

  #nextIsFilled(): boolean {
    return this.#first < this.#slots.length && this.#slots[this.#first]!.chunks !== null;
  }

  /** Writes every filled slot at the front; true when one of them ends the connection. */
  async #writeFilled(isLater: boolean): Promise<boolean> {
    const last = this.#lastFilled();
    const answers = last - this.#first;
    const beganUs = this.meter.replying(isLater);
    let short: Uint8Array[] = [];
    let shortBytes = 0;
    for (let index = this.#first; index < last; index++) {
      for (const chunk of this.#slots[index]!.chunks!) {
        const isShort = chunk.length <= GATHERED_CHUNK_BYTES_MAX;
        if (short.length > 0 && (!isShort || shortBytes + chunk.length > GATHER_BYTES)) {
          await this.#write(gather(short, shortBytes));
          short = [];
          shortBytes = 0;
        }
        if (isShort) {
          short.push(chunk);
          shortBytes += chunk.length;
        } else {
          await this.#write(chunk);
        }
      }
    }
    if (shortBytes > 0) await this.#write(gather(short, shortBytes));
    this.meter.replied(answers, beganUs);
    return this.#free(last);
  }

  /** Where the filled slots at the front end; nothing behind a slot that closes is written. */
  #lastFilled(): number {
    let last = this.#first;
    while (last < this.#slots.length && this.#slots[last]!.chunks !== null) {
      if (this.#slots[last++]!.closes) break;
    }
    return last;
  }

  #free(last: number): boolean {
    let closes = false;
    for (; this.#first < last; this.#first++) {
      const slot = this.#slots[this.#first]!;
      this.#pendingBytes -= slot.heldBytes;
      closes ||= slot.closes;
      slot.written?.();
    }
    if (this.#first === this.#slots.length || this.#first > 256) {
      this.#slots = this.#slots.slice(this.#first);
      this.#first = 0;
    }
    this.#progress();
    return closes;
  }

  /** Lets go of what is filled; unfilled slots stay and are discarded when they fill, perhaps by a `written` here. */
  #discard(): void {
    const slots = this.#slots.slice(this.#first);
    const filled = slots.filter((slot) => slot.chunks !== null);
    this.#slots = slots.filter((slot) => slot.chunks === null);
    this.#first = 0;
    for (const slot of filled) {
      this.#pendingBytes -= slot.heldBytes;
      slot.written?.();
    }
    this.#progress();
  }
}

/** One chunk as it is, several in a buffer of their size. */
function gather(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const gathered = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    gathered.set(chunk, at);
    at += chunk.length;
  }
  return gathered;
}
