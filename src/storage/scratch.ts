/**
 * Read buffers for views that need a copy: one per file, kept between views
 * because a fresh large buffer costs more than the read that fills it. The sum
 * is bounded: past it the oldest buffers are let go. A buffer let go is not
 * reused, so a view into it stays whole for as long as its holder needs it.
 */
const SCRATCH_BYTES_MIN = 4_096;

export class Scratch {
  bytes: Uint8Array = new Uint8Array(0);
}

export class ScratchPool {
  readonly #bytesMax: number;
  readonly #held = new Set<Scratch>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** `length` bytes of the file's buffer, which grows when it is too small. */
  take(scratch: Scratch, length: number): Uint8Array {
    if (scratch.bytes.length < length) this.#grow(scratch, length);
    return scratch.bytes.subarray(0, length);
  }

  /** Lets a file's buffer go. */
  release(scratch: Scratch): void {
    if (!this.#held.delete(scratch)) return;
    this.#bytes -= scratch.bytes.length;
    scratch.bytes = new Uint8Array(0);
  }

  #grow(scratch: Scratch, length: number): void {
    this.release(scratch);
    let bytes = SCRATCH_BYTES_MIN;
    while (bytes < length) bytes *= 2;
    for (const oldest of this.#held) {
      if (this.#bytes + bytes <= this.#bytesMax) break;
      this.release(oldest);
    }
    scratch.bytes = new Uint8Array(bytes);
    this.#held.add(scratch);
    this.#bytes += bytes;
  }
}
