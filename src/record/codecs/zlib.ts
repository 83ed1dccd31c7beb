/**
 * gzip and zstd, which are `node:zlib`'s own. zstd is there on Deno, Bun and
 * Node from 22.15; on an older Node it stays away, and asking for it says so.
 * Both stop unfolding at the bound by themselves.
 */
import zlib from "node:zlib";
import { DecodeError } from "../../bytes/mod.ts";
import type { Codec } from "../compression.ts";

/** gzip, RFC 1952. */
export const GZIP: Codec = {
  compress: (bytes) => zlib.gzipSync(bytes),
  decompress: (bytes, bytesMax) =>
    unfold("gzip", () => zlib.gunzipSync(bytes, { maxOutputLength: bytesMax })),
};

/** zstd, RFC 8878; `null` where the runtime has none. */
export const ZSTD: Codec | null = typeof zlib.zstdCompressSync !== "function" ? null : {
  compress: (bytes) => zlib.zstdCompressSync(bytes),
  decompress: (bytes, bytesMax) =>
    unfold("zstd", () => zlib.zstdDecompressSync(bytes, { maxOutputLength: bytesMax })),
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
