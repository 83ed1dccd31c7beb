/**
 * Reused buffers for bytes that cross threads. A fresh large ArrayBuffer costs a
 * page fault for every 4 KiB, many times what the copy into it costs, so buffers
 * travel with a message (transferred), come back with a later one, and are cut
 * into views again. One arena a direction: `take` gives a view in the buffer of
 * the running turn, `seal` names the buffers the turn filled, `giveBack` returns
 * them when the other side is done. What is kept is bounded; the rest is left to
 * the collector.
 */

/** The smallest buffer; also the step of the size classes, which double. */
const BUFFER_BYTES_MIN = 65_536;
/** Larger ones are not kept. */
const BUFFER_BYTES_MAX = 8_388_608;

export class Arena {
  readonly #keptBytesMax: number;
  readonly #free = new Map<number, ArrayBuffer[]>();
  #keptBytes = 0;
  #current: ArrayBuffer | null = null;
  #used = 0;
  #sealed: ArrayBuffer[] = [];

  /** `keptBytesMax`: bytes of idle buffers kept for reuse. */
  constructor(keptBytesMax: number) {
    this.#keptBytesMax = keptBytesMax;
  }

  /** Room for `length` bytes, in a buffer that leaves at the next `seal`. Contents are undefined. */
  take(length: number): Uint8Array {
    if (this.#current === null || this.#current.byteLength - this.#used < length) {
      this.#current = this.#find(length);
      this.#used = 0;
      this.#sealed.push(this.#current);
    }
    const view = new Uint8Array(this.#current, this.#used, length);
    this.#used += length;
    return view;
  }

  /** The buffers filled since the last call, for a transfer list. */
  seal(): ArrayBuffer[] {
    const sealed = this.#sealed;
    this.#sealed = [];
    this.#current = null;
    return sealed;
  }

  /** Takes a buffer in again. */
  giveBack(buffer: ArrayBuffer): void {
    const size = buffer.byteLength;
    if (size < BUFFER_BYTES_MIN || size > BUFFER_BYTES_MAX) return;
    if (this.#keptBytes + size > this.#keptBytesMax) return;
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [buffer]);
    else list.push(buffer);
    this.#keptBytes += size;
  }

  #find(length: number): ArrayBuffer {
    let size = BUFFER_BYTES_MIN;
    while (size < length) size *= 2;
    const buffer = this.#free.get(size)?.pop();
    if (buffer === undefined) return new ArrayBuffer(size);
    this.#keptBytes -= size;
    return buffer;
  }
}
