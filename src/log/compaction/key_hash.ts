/**
 * SipHash-2-4 with 128 bits of output: what stands for a key in the offset map.
 * Under a secret the cleaner alone knows nobody can choose two keys that hash
 * alike, as one can under MD5, and by chance n keys do with odds of n² / 2^129:
 * for five million keys 1 in 10^25 or so. So equal hashes are taken for equal keys.
 * Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012.
 *
 *     state   v0 v1 v2 v3, each 64 bits as two halves: high at 2i, low at 2i + 1
 */
import { assert } from "../../model/mod.ts";

/** 32-bit words in the secret, and in a hash. */
export const HASH_WORDS = 4;

export class KeyHash {
  /** The last hash. */
  readonly words = new Uint32Array(HASH_WORDS);
  readonly #secret: Uint32Array;
  readonly #state = new Int32Array(8);

  /** `secret`: four random words. */
  constructor(secret: Uint32Array) {
    assert(secret.length === HASH_WORDS, "the secret has 128 bits");
    this.#secret = secret;
  }

  /** Puts the hash of `bytes[from, from + size)` into {@linkcode words}. */
  update(bytes: Uint8Array, from: number, size: number): void {
    this.#begin();
    const s = this.#state;
    const end = from + size;
    let at = from;
    for (; at + 8 <= end; at += 8) {
      const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      const high = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
      this.#compress(high, low);
    }
    let low = 0;
    let high = (size & 0xff) << 24;
    for (let index = 0; at < end; at++, index++) {
      if (index < 4) low |= bytes[at]! << (8 * index);
      else high |= bytes[at]! << (8 * (index - 4));
    }
    this.#compress(high, low);
    s[5]! ^= 0xee;
    this.#give(0);
    s[3]! ^= 0xdd;
    this.#give(2);
  }

  #begin(): void {
    const s = this.#state;
    const [k0Low, k0High, k1Low, k1High] = this.#secret as unknown as [number, number, number, number];
    s[0] = k0High ^ 0x736f6d65;
    s[1] = k0Low ^ 0x70736575;
    s[2] = k1High ^ 0x646f7261;
    s[3] = k1Low ^ 0x6e646f6d ^ 0xee;
    s[4] = k0High ^ 0x6c796765;
    s[5] = k0Low ^ 0x6e657261;
    s[6] = k1High ^ 0x74656462;
    s[7] = k1Low ^ 0x79746573;
  }

  #compress(high: number, low: number): void {
    const s = this.#state;
    s[6]! ^= high;
    s[7]! ^= low;
    this.#rounds(2);
    s[0]! ^= high;
    s[1]! ^= low;
  }

  /** Four rounds, then 64 bits of the hash. */
  #give(word: number): void {
    const s = this.#state;
    this.#rounds(4);
    this.words[word] = s[1]! ^ s[3]! ^ s[5]! ^ s[7]!;
    this.words[word + 1] = s[0]! ^ s[2]! ^ s[4]! ^ s[6]!;
  }

  #rounds(count: number): void {
    const s = this.#state;
    for (let round = 0; round < count; round++) {
      half(s, 0, 2, 13, 4, 6, 16);
      half(s, 4, 2, 17, 0, 6, 21);
    }
  }
}

/** `a += b; b <<<= n; b ^= a; a <<<= 32` and `c += d; d <<<= m; d ^= c`, over halves at even places. */
function half(s: Int32Array, a: number, b: number, n: number, c: number, d: number, m: number): void {
  mix(s, a, b, n);
  const high = s[a]!;
  s[a] = s[a + 1]!;
  s[a + 1] = high;
  mix(s, c, d, m);
}

function mix(s: Int32Array, a: number, b: number, n: number): void {
  const bHigh = s[b]!;
  const bLow = s[b + 1]!;
  const low = (s[a + 1]! >>> 0) + (bLow >>> 0);
  s[a + 1] = low;
  s[a] = s[a]! + bHigh + (low > 0xffffffff ? 1 : 0);
  s[b] = ((bHigh << n) | (bLow >>> (32 - n))) ^ s[a]!;
  s[b + 1] = ((bLow << n) | (bHigh >>> (32 - n))) ^ s[a + 1]!;
}
