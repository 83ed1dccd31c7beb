/**
 * Compression of a batch's records, synchronous and behind four names. This
 * file holds no codec: a broker passes records through opaque, and loading the
 * libraries takes some 20 ms. Whoever looks into compressed batches (client,
 * command line, compaction) loads `record/codecs/mod.ts` once, which hands them
 * in here. Unfolding is bounded and never trusts a size the input claims.
 */
import type { CodecName } from "./batch.ts";

/** One codec. `decompress` throws `DecodeError` for damaged input and past `bytesMax`. */
export interface Codec {
  compress(bytes: Uint8Array): Uint8Array;
  decompress(bytes: Uint8Array, bytesMax: number): Uint8Array;
}

/** A codec is wanted that was not loaded, or that the runtime does not have. */
export class CodecUnavailableError extends Error {
  override name = "CodecUnavailableError";
}

const CODECS = new Map<CodecName, Codec>([
  ["none", { compress: (bytes) => bytes, decompress: (bytes) => bytes }],
]);

/** Makes `codec` the one that answers to `name` in this thread. */
export function useCodec(name: CodecName, codec: Codec): void {
  CODECS.set(name, codec);
}

/** True when {@linkcode compress} and {@linkcode decompress} know `name`. */
export function hasCodec(name: CodecName): boolean {
  return CODECS.has(name);
}

/**
 * Compresses the records of a batch.
 *
 * Throws {@linkcode CodecUnavailableError} when the codec is not there.
 *
 * @example
 * ```ts
 * import "../record/codecs/mod.ts";
 * const blob = compress("zstd", records);
 * ```
 */
export function compress(name: CodecName, bytes: Uint8Array): Uint8Array {
  return codecNamed(name).compress(bytes);
}

/**
 * Unfolds what {@linkcode compress}, or another Kafka client, made.
 *
 * Throws `DecodeError` when the input is damaged or holds more than `bytesMax`
 * bytes, and {@linkcode CodecUnavailableError} like `compress`.
 */
export function decompress(name: CodecName, bytes: Uint8Array, bytesMax: number): Uint8Array {
  return codecNamed(name).decompress(bytes, bytesMax);
}

function codecNamed(name: CodecName): Codec {
  const codec = CODECS.get(name);
  if (codec !== undefined) return codec;
  const wanted = name === "zstd"
    ? "Deno, Bun, or Node 22.15 or newer is wanted"
    : "the codecs must be loaded before records are read or written";
  throw new CodecUnavailableError(`Codec "${name}" is not available: ${wanted}`);
}
