/** A random UUID as Kafka's member ids have it: 36 characters, hexadecimal. The coordinator draws its ids as base64url. */
import { putUuid, UUID_BYTES } from "../../bytes/mod.ts";

const GROUPS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/**
 * The same id in the other form. Throws DecodeError when `id` is no id.
 *
 * @example
 * ```ts
 * memberUuid("AAAAAAAAQAiAAAAAAAAAAA"); // "00000000-0000-4008-8000-000000000000"
 * ```
 */
export function memberUuid(id: string): string {
  const bytes = new Uint8Array(UUID_BYTES);
  putUuid(bytes, 0, id);
  return bytes.toHex().replace(GROUPS, "$1-$2-$3-$4-$5");
}
