/**
 * Stand-in for `@std/bytes/equals`, same signature: are two byte arrays alike.
 * Imported by that name only; the import map chooses (deno.json: this file, deno.jsr.json: the real one).
 */

/**
 * True when both arrays hold the same bytes.
 *
 * @example
 * ```ts
 * equals(new Uint8Array([1, 2]), new Uint8Array([1, 2])); // true
 * ```
 */
export function equals(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    if (a[index] !== b[index]) return false;
  }
  return true;
}
