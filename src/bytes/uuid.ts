/**
 * Kafka's 16-byte ids (topics, directories, clusters) as the text Kafka writes:
 * base64url without padding, 22 characters. The nil id is "AAAAAAAAAAAAAAAAAAAAAA".
 *
 *     bytes  0 1 2 | 3 4 5 | ... | 15        each three bytes four characters,
 *     text   c c c c c c c c ...   c c       the last byte two
 */
import { DecodeError } from "./decode_error.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUE_OF = new Map([...ALPHABET].map((character, value) => [character, value]));

/** Bytes of an id. */
export const UUID_BYTES = 16;
/** Characters of an id's text. */
const UUID_LENGTH = 22;
/** The id that stands for "none". */
export const UUID_NIL = "A".repeat(UUID_LENGTH);

/** Text of the 16 bytes at `at`. */
export function uuidText(bytes: Uint8Array, at = 0): string {
  let text = "";
  let held = 0;
  let bits = 0;
  for (let index = 0; index < UUID_BYTES; index++) {
    held = (held << 8) | bytes[at + index]!;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += ALPHABET[(held >>> bits) & 0x3f];
    }
  }
  return text + ALPHABET[(held << (6 - bits)) & 0x3f];
}

/** Writes the 16 bytes of `text` at `at`. Throws {@linkcode DecodeError} when `text` is no id. */
export function putUuid(bytes: Uint8Array, at: number, text: string): void {
  if (text.length !== UUID_LENGTH) throw notAnId(text);
  let held = 0;
  let bits = 0;
  for (const character of text) {
    const value = VALUE_OF.get(character);
    if (value === undefined) throw notAnId(text);
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >>> bits;
    }
  }
  if ((held & 0xf) !== 0) throw notAnId(text);
}

function notAnId(text: string): DecodeError {
  return new DecodeError(`Id "${text}" must be 22 characters of base64url, 16 bytes`);
}
