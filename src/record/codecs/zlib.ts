/**
 * gzip and zstd, which are `node:zlib`'s own. zstd is there on Deno, Bun and
 * Node from 22.15; on an older Node it stays away, and asking for it says so.
 * Both stop unfolding at the bound by themselves. What does not start as gzip or
 * zstd does is refused here: a call that fails holds some 20 KB of the library's
 * memory until the event loop turns.
 */
import zlib from "node:zlib";
import { DecodeError } from "../../bytes/mod.ts";
import type { Codec } from "../compression.ts";

/** Magic and the one method, deflate. */
const GZIP_START = [0x1f, 0x8b, 0x08];
const ZSTD_START = [0x28, 0xb5, 0x2f, 0xfd];

/** gzip, RFC 1952. */
export const GZIP: Codec = {
  compress: (bytes) => zlib.gzipSync(bytes),
  decompress(bytes, bytesMax) {
    requireStart("gzip", bytes, GZIP_START);
    return unfold("gzip", () => zlib.gunzipSync(bytes, { maxOutputLength: bytesMax }));
  },
};

/** zstd, RFC 8878; `null` where the runtime has none. */
export const ZSTD: Codec | null = typeof zlib.zstdCompressSync !== "function" ? null : {
  compress: (bytes) => zlib.zstdCompressSync(bytes),
  decompress(bytes, bytesMax) {
    requireStart("zstd", bytes, ZSTD_START);
    return unfold("zstd", () => zlib.zstdDecompressSync(bytes, { maxOutputLength: bytesMax }));
  },
};

/** Turns whatever the library throws on bad input into the one error decoders may throw. */
function unfold(name: string, run: () => Uint8Array): Uint8Array {
  try {
    return run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DecodeError(`Records compressed with "${name}" cannot be unfolded: ${reason}`);
  }
}

function requireStart(name: string, bytes: Uint8Array, start: readonly number[]): void {
  if (start.every((byte, index) => bytes[index] === byte)) return;
  throw new DecodeError(`Records compressed with "${name}" must start with the bytes of a ${name} frame`);
}
