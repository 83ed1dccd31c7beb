/** Randomness, as a port: the only file that asks the machine for it. */

export interface Random {
  /** A number in [0, 1). */
  fraction(): number;
  /** So many random 32-bit words that nobody can guess. */
  words(count: number): Uint32Array;
  /** A random UUID as 22 characters of unpadded base64url that do not start with "-": Kafka's form for ids. */
  id(): string;
}

/** The machine's randomness. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  words: (count) => crypto.getRandomValues(new Uint32Array(count)),
  id() {
    for (;;) {
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      bytes[6] = (bytes[6]! & 0x0f) | 0x40;
      bytes[8] = (bytes[8]! & 0x3f) | 0x80;
      const text = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
      if (!text.startsWith("-")) return text;
    }
  },
};

/** The most the machine gives at once. */
const RANDOM_BYTES_MAX = 65_536;

/** Fills `bytes` with bytes that cannot be packed. */
export function fillRandomly(bytes: Uint8Array<ArrayBuffer>): void {
  for (let at = 0; at < bytes.length; at += RANDOM_BYTES_MAX) {
    crypto.getRandomValues(bytes.subarray(at, at + RANDOM_BYTES_MAX));
  }
}
