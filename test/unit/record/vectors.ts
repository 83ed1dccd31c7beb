/** Batches whose bytes are known from outside: the vectors every test of the record room starts from. */

/** Bytes of hexadecimal digits. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}

/** Three records: k1=v1; null key, v2 and header h=x a millisecond later; k3=null. No producer, epoch −1. */
export const THREE_RECORDS_HEX =
  "000000000000000000000052ffffffff0229bc2bfa0000000000020000018bcfe568000000018bcfe56802" +
  "ffffffffffffffffffffffffffff0000000314000000046b31047631001800020201047632020268027810000404046b330100";

/** A COMMIT marker at offset 3, leader epoch 5, producer 1000 epoch 0, coordinator epoch 7. */
export const COMMIT_MARKER_HEX =
  "00000000000000030000004200000005022f67205f0030000000000000018bcfe568030000018bcfe56803" +
  "00000000000003e80000ffffffff000000012000000008000000010c00000000000700";

/** When the vectors were written, milliseconds since 1970. */
export const VECTOR_TIME_MS = 1_700_000_000_000;
