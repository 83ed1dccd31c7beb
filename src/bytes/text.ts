/**
 * UTF-8, quick for the short ASCII strings that names and header keys are:
 * calling the platform's coder costs more than the work below some 30 bytes.
 * Lone surrogates become U+FFFD, bytes that are no UTF-8 too, as in Java.
 */

const SHORT_MAX = 32;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes of `text` in UTF-8. */
export function utf8Size(text: string): number {
  let size = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) size += 1;
    else if (unit < 0xd800 || unit > 0xdbff) size += 2;
    else if (isLowSurrogate(text.charCodeAt(index + 1))) {
      // Two units, four bytes; the second one is done with it.
      size += 2;
      index++;
    } else size += 2;
  }
  return size;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Writes `text`, whose {@linkcode utf8Size} is `size`, at `at`, where there is room; returns the position after. */
export function putUtf8(bytes: Uint8Array, at: number, text: string, size: number): number {
  if (size !== text.length || size > SHORT_MAX) {
    ENCODER.encodeInto(text, bytes.subarray(at, at + size));
  } else {
    for (let index = 0; index < size; index++) bytes[at + index] = text.charCodeAt(index);
  }
  return at + size;
}

/** Text of the UTF-8 in `bytes[from, to)`. */
export function utf8Text(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  if (to - from > SHORT_MAX) return DECODER.decode(bytes.subarray(from, to));
  let text = "";
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return DECODER.decode(bytes.subarray(from, to));
    text += String.fromCharCode(byte);
  }
  return text;
}
