/**
 * What a connection stands between, scripted: a socket that gives what the test
 * puts in and keeps what is written, a session of length-prefixed frames, and a
 * clock that moves by hand.
 */
import type { Clock } from "../../../src/host/mod.ts";
import type { ReplySlot, Session } from "../../../src/net/mod.ts";

/** Lets promises that are ready run: as many turns of the microtask queue as asked for. */
export async function settle(turns = 100): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await null;
}

export function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** A frame: its length in four bytes, then itself. */
export function framed(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, 4);
  return frame;
}

/** A socket: `send` what the peer sends, `end` when it stops; `written` is what it got. */
export class FakeSocket {
  readonly written: Uint8Array[] = [];
  closes = 0;
  /** The largest buffer a read came with. */
  bufferBytesMax = 0;
  /** Most bytes one write takes. */
  writeBytesMax = Infinity;
  writeError: Error | null = null;
  #arrived: (Uint8Array | null | Error)[] = [];
  #wake: (() => void) | null = null;

  send(...chunks: (Uint8Array | null | Error)[]): void {
    this.#arrived.push(...chunks);
    this.#wake?.();
  }

  end(): void {
    this.send(null);
  }

  async read(target: Uint8Array): Promise<number | null> {
    this.bufferBytesMax = Math.max(this.bufferBytesMax, target.buffer.byteLength);
    if (target.length === 0) throw new RangeError("A read must have room");
    while (this.#arrived.length === 0) {
      if (this.closes > 0) throw new Deno.errors.BadResource("closed");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const next = this.#arrived.shift()!;
    if (next === null) return null;
    if (next instanceof Error) throw next;
    const count = Math.min(next.length, target.length);
    target.set(next.subarray(0, count));
    if (count < next.length) this.#arrived.unshift(next.subarray(count));
    return count;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await null;
    if (this.writeError !== null) throw this.writeError;
    const count = Math.min(bytes.length, this.writeBytesMax);
    this.written.push(bytes.slice(0, count));
    return count;
  }

  close(): void {
    this.closes++;
    this.#wake?.();
  }
}

/** A session that keeps its frames and slots; `answer` does with them what the test wants. */
export class FakeSession implements Session {
  readonly frames: Uint8Array[] = [];
  readonly slots: ReplySlot[] = [];
  closes = 0;
  readonly #answer: (frame: Uint8Array, slot: ReplySlot) => void;
  readonly #frameBytesMax: number;

  constructor(answer: (frame: Uint8Array, slot: ReplySlot) => void = () => {}, frameBytesMax = 2 ** 31) {
    this.#answer = answer;
    this.#frameBytesMax = frameBytesMax;
  }

  measure(head: Uint8Array): number | { readonly refusal: Uint8Array } {
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    return length <= this.#frameBytesMax ? length : { refusal: new TextEncoder().encode("too long") };
  }

  receive(frame: Uint8Array, slot: ReplySlot): void {
    this.frames.push(frame.slice());
    this.slots.push(slot);
    this.#answer(frame, slot);
  }

  close(): void {
    this.closes++;
  }
}

/** A clock that stands still until it is moved. Each sleep moves it by itself, after a real moment. */
export class HandClock implements Clock {
  nowMs = 1_000;
  readonly #repeating = new Set<{ periodMs: number; nextMs: number; action: () => void }>();

  now(): number {
    return this.nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { periodMs: Infinity, nextMs: this.nowMs + delayMs, action };
    this.#repeating.add(timer);
    return () => this.#repeating.delete(timer);
  }

  every(periodMs: number, action: () => void): () => void {
    const timer = { periodMs, nextMs: this.nowMs + periodMs, action };
    this.#repeating.add(timer);
    return () => this.#repeating.delete(timer);
  }

  async sleep(delayMs: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.move(delayMs);
  }

  /** Moves on and fires what is due. */
  move(byMs: number): void {
    this.nowMs += byMs;
    for (const timer of [...this.#repeating]) {
      while (timer.nextMs <= this.nowMs) {
        timer.nextMs += timer.periodMs;
        timer.action();
      }
    }
  }
}
