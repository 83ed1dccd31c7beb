/**
 * Cuts the byte stream of a connection into frames. Small frames are read
 * through one reused inbox; a frame that does not fit gets a buffer of exactly
 * its size, and the socket reads straight into it.
 *
 *     inbox   [ consumed | frame, frame, half a frame | free ]
 *                        ^ from                       ^ to
 *
 * Called by `link.ts` alone: `space` to read into, `advance`, then `next` until null.
 */
import { FRAME_HEAD_BYTES, frameLength } from "../native/mod.ts";
import { WeirError } from "./error.ts";

const INBOX_BYTES = 65_536;
/** No reply is longer: what claims to be is another protocol. */
const REPLY_BYTES_MAX = 536_870_912;

/** One frame's message: `bytes[from, to)`, without the length. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** True when the bytes are this frame's own; otherwise they are valid until the next read. */
  readonly owned: boolean;
}

/** The state of one connection's inbound bytes. */
export class FrameReader {
  #inbox = new Uint8Array(INBOX_BYTES);
  #from = 0;
  #to = 0;
  #large: Uint8Array | null = null;
  #largeBytes = 0;

  /** Where the next read goes; never empty. */
  space(): Uint8Array {
    if (this.#large !== null) return this.#large.subarray(this.#largeBytes);
    if (this.#from > 0) {
      this.#inbox.copyWithin(0, this.#from, this.#to);
      this.#to -= this.#from;
      this.#from = 0;
    }
    return this.#inbox.subarray(this.#to);
  }

  /** Tells that `count` bytes were read into {@linkcode space}. */
  advance(count: number): void {
    if (this.#large === null) this.#to += count;
    else this.#largeBytes += count;
  }

  /** The next whole frame, or `null` when more bytes are needed. Throws PROTOCOL on a senseless length. */
  next(): Frame | null {
    if (this.#large !== null) return this.#nextLarge(this.#large);
    const available = this.#to - this.#from;
    if (available < FRAME_HEAD_BYTES) return null;
    const length = frameLength(this.#inbox, this.#from);
    if (length > REPLY_BYTES_MAX) {
      throw new WeirError(
        "PROTOCOL",
        `A reply of "${length}" bytes cannot be Weir's: the address must be a broker's native port`,
      );
    }
    const from = this.#from + FRAME_HEAD_BYTES;
    if (available >= FRAME_HEAD_BYTES + length) {
      this.#from = from + length;
      return { bytes: this.#inbox, from, to: this.#from, owned: false };
    }
    if (FRAME_HEAD_BYTES + length > INBOX_BYTES) this.#startLarge(from, length);
    return null;
  }

  #startLarge(from: number, length: number): void {
    this.#large = new Uint8Array(length);
    this.#large.set(this.#inbox.subarray(from, this.#to));
    this.#largeBytes = this.#to - from;
    this.#from = 0;
    this.#to = 0;
  }

  #nextLarge(large: Uint8Array): Frame | null {
    if (this.#largeBytes < large.length) return null;
    this.#large = null;
    return { bytes: large, from: 0, to: large.length, owned: true };
  }
}
