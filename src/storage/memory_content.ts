/**
 * The bytes of one file in memory. Small files live in one buffer that doubles;
 * from 1 MiB on the file is a row of 1 MiB chunks, so a large log grows without
 * being copied. A range inside one chunk is viewed in place.
 *
 *     | chunk 0, doubles up to 1 MiB | chunk 1, 1 MiB | chunk 2, 1 MiB | ...
 *
 * Invariant: bytes at or past `size` are never shown. Called by memory_disk,
 * and by faulty_disk for what it holds to be durable.
 */
const CHUNK_BYTES = 1_048_576;
const FIRST_BYTES = 256;
const EMPTY = new Uint8Array(0);

export class MemoryContent {
  readonly #chunks: Uint8Array[] = [];
  #scratch: Uint8Array = EMPTY;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Copies from `position` into `target`; returns how many bytes there were. */
  read(position: number, target: Uint8Array): number {
    const length = Math.max(0, Math.min(target.length, this.#size - position));
    for (let done = 0; done < length;) {
      const piece = this.#piece(position + done, length - done);
      target.set(piece, done);
      done += piece.length;
    }
    return length;
  }

  /** The bytes in place, or a copy where they cross a chunk's end. The range must exist. */
  view(position: number, length: number): Uint8Array {
    if (length === 0) return EMPTY;
    const piece = this.#piece(position, length);
    if (piece.length === length) return piece;
    if (this.#scratch.length < length) this.#scratch = new Uint8Array(length);
    const copy = this.#scratch.subarray(0, length);
    this.read(position, copy);
    return copy;
  }

  /** Writes at `position`; a hole before it reads as zeros, as in a file. */
  write(position: number, source: Uint8Array): void {
    if (position > this.#size) this.#zero(this.#size, position);
    this.#reserve(position + source.length);
    for (let done = 0; done < source.length;) {
      const piece = this.#piece(position + done, source.length - done);
      piece.set(source.subarray(done, done + piece.length));
      done += piece.length;
    }
    this.#size = Math.max(this.#size, position + source.length);
  }

  /** Cuts to `size` bytes and gives whole chunks past it back. */
  truncate(size: number): void {
    this.#size = Math.min(this.#size, size);
    this.#chunks.length = Math.min(this.#chunks.length, Math.ceil(this.#size / CHUNK_BYTES));
    this.#scratch = EMPTY;
  }

  /** The part of `[position, position + length)` that lies in one chunk. */
  #piece(position: number, length: number): Uint8Array {
    const chunk = this.#chunks[Math.floor(position / CHUNK_BYTES)]!;
    const start = position % CHUNK_BYTES;
    return chunk.subarray(start, Math.min(start + length, CHUNK_BYTES));
  }

  #zero(from: number, to: number): void {
    this.#reserve(to);
    for (let at = from; at < to;) {
      const piece = this.#piece(at, to - at);
      piece.fill(0);
      at += piece.length;
    }
    this.#size = to;
  }

  #reserve(size: number): void {
    const chunksWanted = Math.ceil(size / CHUNK_BYTES);
    if (chunksWanted > 0) this.#growFirst(Math.min(size, CHUNK_BYTES));
    while (this.#chunks.length < chunksWanted) this.#chunks.push(new Uint8Array(CHUNK_BYTES));
  }

  #growFirst(size: number): void {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= size) return;
    let bytes = Math.max(first?.length ?? 0, FIRST_BYTES);
    while (bytes < size) bytes *= 2;
    const grown = new Uint8Array(bytes);
    if (first !== undefined) grown.set(first);
    this.#chunks[0] = grown;
  }
}
