/**
 * Stand-in for `@std/bytes/concat`, same signature: several byte arrays as one.
 * Imported by that name only; the import map chooses (deno.json: this file, deno.jsr.json: the real one).
 */

/**
 * Copies the bytes of every buffer, in order, into one new array.
 *
 * @example
 * ```ts
 * concat([new Uint8Array([1]), new Uint8Array([2, 3])]); // Uint8Array [1, 2, 3]
 * ```
 */
export function concat(buffers: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const buffer of buffers) length += buffer.length;
  const joined = new Uint8Array(length);
  let position = 0;
  for (const buffer of buffers) {
    joined.set(buffer, position);
    position += buffer.length;
  }
  return joined;
}
