/**
 * The last offset of every key in a stretch of the log: 24 bytes a key whatever
 * its size, in arrays made once per cleaning and bounded by bytes. Open
 * addressing; nothing is ever removed. Keys are told apart by 128 bits of a keyed
 * hash (`key_hash.ts` says why that is enough).
 *
 *     slot    hash 4 × u32 | offset + 1 as f64, 0 for a free slot
 */
import { assert } from "../../model/mod.ts";
import { HASH_WORDS, KeyHash } from "./key_hash.ts";

const SLOT_BYTES = 24;
/** Kafka's own default (`log.cleaner.io.buffer.load.factor`). */
const LOAD_MAX = 0.9;
const SLOTS_MIN = 2;

/** Bounds of a map. */
export interface OffsetMapOptions {
  readonly dedupeBytesMax: number;
  /** How full it gets, 0 to 1. Default 0.9. */
  readonly dedupeLoadMax?: number;
  /** Four random words, for the hash of keys. */
  readonly secret: Uint32Array;
}

export class OffsetMap {
  readonly #hash: KeyHash;
  readonly #hashes: Uint32Array;
  readonly #offsets: Float64Array;
  readonly #countMax: number;
  #count = 0;

  /** Room for `keysExpected` keys, as far as the bytes go; one key at least. */
  constructor({ dedupeBytesMax, dedupeLoadMax = LOAD_MAX, secret }: OffsetMapOptions, keysExpected: number) {
    const wanted = Math.ceil(keysExpected / dedupeLoadMax) + 1;
    const slots = Math.max(SLOTS_MIN, Math.min(Math.floor(dedupeBytesMax / SLOT_BYTES), wanted));
    this.#hash = new KeyHash(secret);
    this.#hashes = new Uint32Array(slots * HASH_WORDS);
    this.#offsets = new Float64Array(slots);
    // One slot stays free: a search ends there.
    this.#countMax = Math.max(1, Math.min(slots - 1, Math.floor(slots * dedupeLoadMax)));
  }

  /** Keys in it. */
  get count(): number {
    return this.#count;
  }

  /** Notes that `bytes[at, at + size)` is the key of the record at `offset`; false when there is no room for it. */
  put(bytes: Uint8Array, at: number, size: number, offset: number): boolean {
    const slot = this.#find(bytes, at, size);
    if (this.#offsets[slot] === 0) {
      if (this.#count === this.#countMax) return false;
      this.#hashes.set(this.#hash.words, slot * HASH_WORDS);
      this.#count++;
    }
    assert(offset + 1 > this.#offsets[slot]!, "offsets of a key ascend");
    this.#offsets[slot] = offset + 1;
    return true;
  }

  /** Last offset of the key, −1 when it is not in the map. */
  get(bytes: Uint8Array, at: number, size: number): number {
    return this.#offsets[this.#find(bytes, at, size)]! - 1;
  }

  /** Slot of the key, or the free one where it belongs. */
  #find(bytes: Uint8Array, at: number, size: number): number {
    this.#hash.update(bytes, at, size);
    const { words } = this.#hash;
    const slots = this.#offsets.length;
    let slot = words[0]! % slots;
    while (this.#offsets[slot] !== 0 && !this.#isAt(slot * HASH_WORDS)) {
      slot = slot + 1 === slots ? 0 : slot + 1;
    }
    return slot;
  }

  #isAt(word: number): boolean {
    const hashes = this.#hashes;
    const { words } = this.#hash;
    return hashes[word] === words[0] && hashes[word + 1] === words[1] && hashes[word + 2] === words[2] &&
      hashes[word + 3] === words[3];
  }
}
