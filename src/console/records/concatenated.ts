/**
 * JSON values that come one after another, as REST v3 streams records: cut out of
 * the bytes as they arrive, each bounded in size and depth, with or without white
 * space between them. Only objects may stand at the top. However the bytes are cut,
 * the same values come out, and what is broken comes after all that lay before it.
 */
import { decode, parseJson, tooDeep, tooLarge } from "../body.ts";
import { RequestError } from "../failure.ts";
import { JSON_DEPTH_MAX } from "../json_depth.ts";

const HELD_BYTES_MIN = 1_024;
/** Room past this is given back once nothing is held. */
const HELD_BYTES_KEPT_MAX = 65_536;
const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = Array.from(
  '"\\{}[]',
  (sign) => sign.charCodeAt(0),
);

/** What some bytes completed: values, and what is wrong behind them; then nothing can follow. */
export interface Taken {
  readonly values: readonly unknown[];
  readonly failure: RequestError | null;
}

/** The bytes that values in the making may hold, all bodies together. */
export class Room {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Takes so many bytes; false, and nothing is taken, where there is no room for them. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** Takes bytes as they come, gives the values that are whole. `close` it in the end. */
export class Concatenated {
  readonly #bytesMax: number;
  readonly #room: Room;
  /** The bytes of a value that is not whole yet, and room to grow. */
  #held: Uint8Array = new Uint8Array(HELD_BYTES_MIN);
  #length = 0;
  /** How far the held bytes were looked at, where the open value begins (−1: none is open), how deep it is there. */
  #at = 0;
  #start = -1;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;

  /** `bytesMax`: of one value. */
  constructor(bytesMax: number, room: Room) {
    this.#bytesMax = bytesMax;
    this.#room = room;
  }

  /** The values that `bytes` completed. */
  take(bytes: Uint8Array): Taken {
    const values: unknown[] = [];
    try {
      this.#hold(bytes);
      for (; this.#at < this.#length; this.#at++) {
        if (!this.#step(this.#held[this.#at]!)) continue;
        values.push(this.#cut(this.#at + 1));
        this.#start = -1;
      }
      this.#keepOpen();
      this.#check(this.#length);
      return { values, failure: null };
    } catch (error) {
      if (error instanceof RequestError) return { values, failure: error };
      throw error;
    }
  }

  /** The bytes are over: what is wrong when a value is cut off. */
  end(): RequestError | null {
    return this.#start < 0 ? null : new RequestError(400, "The body ends inside of a record");
  }

  /** Gives back the room. */
  close(): void {
    this.#length = 0;
    this.#resize(HELD_BYTES_MIN);
  }

  #hold(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    const doubled = Math.min(2 * this.#held.length, this.#bytesMax + HELD_BYTES_KEPT_MAX);
    if (length > this.#held.length) this.#resize(Math.max(length, doubled));
    this.#held.set(bytes, this.#length);
    this.#length = length;
  }

  #resize(bytes: number): void {
    const more = bytes - this.#held.length;
    if (more > 0 && !this.#room.take(more)) {
      throw new RequestError(42901, "Too many records are half written at once, retry in a moment");
    }
    if (more < 0) this.#room.give(-more);
    const resized = new Uint8Array(bytes);
    resized.set(this.#held.subarray(0, this.#length));
    this.#held = resized;
  }

  #cut(end: number): unknown {
    this.#check(end - this.#start);
    return parseJson(decode(this.#held.subarray(this.#start, end)));
  }

  #check(bytes: number): void {
    if (bytes > this.#bytesMax) throw tooLarge(this.#bytesMax);
  }

  /** Looks at one byte; true where a value ends. */
  #step(byte: number): boolean {
    if (this.#start < 0) {
      if (byte === OPEN) [this.#start, this.#depth] = [this.#at, 1];
      else if (!isBetween(byte)) {
        throw new RequestError(400, "The body must be JSON objects, one after another");
      }
      return false;
    }
    if (this.#isInText) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInText = false;
      return false;
    }
    if (byte === QUOTE) this.#isInText = true;
    else if (byte === OPEN || byte === OPEN_LIST) this.#deepen();
    else if (byte === CLOSE || byte === CLOSE_LIST) return --this.#depth === 0;
    return false;
  }

  #deepen(): void {
    if (++this.#depth > JSON_DEPTH_MAX) throw tooDeep();
  }

  /** Forgets what was given away. */
  #keepOpen(): void {
    const from = this.#start < 0 ? this.#length : this.#start;
    if (from === 0) return;
    this.#held.copyWithin(0, from, this.#length);
    this.#length -= from;
    this.#at -= from;
    if (this.#start >= 0) this.#start = 0;
    else if (this.#held.length > HELD_BYTES_KEPT_MAX) this.#resize(HELD_BYTES_MIN);
  }
}

/** Space, tab, the ends of lines. */
function isBetween(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13;
}
