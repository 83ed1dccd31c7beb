/**
 * JSON values that come one after another, as REST v3 streams records: cut out of
 * the bytes as they arrive, each bounded, with or without white space or commas
 * of a line between them. Only objects may stand at the top.
 */
import { decode, parseJson, tooLarge } from "../body.ts";
import { RequestError } from "../failure.ts";

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = Array.from(
  '"\\{}[]',
  (sign) => sign.charCodeAt(0),
);

/** Takes bytes as they come, gives the values that are whole. */
export class Concatenated {
  readonly #bytesMax: number;
  #held: Uint8Array = new Uint8Array(0);
  /** How far the held bytes were looked at, and what lies open there. */
  #at = 0;
  #start = -1;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The values that `bytes` completed. Throws {@linkcode RequestError}; nothing can follow it. */
  take(bytes: Uint8Array): unknown[] {
    const held = new Uint8Array(this.#held.length + bytes.length);
    held.set(this.#held);
    held.set(bytes, this.#held.length);
    this.#held = held;
    const values: unknown[] = [];
    for (; this.#at < held.length; this.#at++) {
      if (this.#step(held[this.#at]!)) {
        values.push(parseJson(decode(held.subarray(this.#start, this.#at + 1))));
        this.#start = -1;
      }
    }
    this.#keepOpen();
    if (this.#held.length > this.#bytesMax) throw tooLarge(this.#bytesMax);
    return values;
  }

  /** The bytes are over. Throws {@linkcode RequestError} when a value is cut off. */
  end(): void {
    if (this.#start >= 0) throw new RequestError(400, "The body ends inside of a record");
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
    else if (byte === OPEN || byte === OPEN_LIST) this.#depth++;
    else if (byte === CLOSE || byte === CLOSE_LIST) return --this.#depth === 0;
    return false;
  }

  /** Forgets what was given away. */
  #keepOpen(): void {
    const from = this.#start < 0 ? this.#held.length : this.#start;
    this.#held = this.#held.slice(from);
    this.#at -= from;
    if (this.#start >= 0) this.#start = 0;
  }
}

/** Space, tab, the ends of lines. */
function isBetween(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13;
}
