/**
 * What a compacted topic is written with: updates of keys drawn at random, each
 * with its own number in its value, so that whoever reads the topic in the end can
 * say whether the last one of every key is there.
 */
import { encodeBatch, RecordCursor } from "../../src/record/mod.ts";

const VALUE_BYTES = 100;
const NONE = -1;
const ENCODER = new TextEncoder();

export class Updates {
  readonly #keys: readonly Uint8Array[];
  /** By key: the number of its last update, and of the one that was read last. */
  readonly #last: Float64Array;
  readonly #read: Float64Array;
  readonly #cursor = new RecordCursor();
  readonly #values = crypto.getRandomValues(new Uint8Array(65_536));
  /** Updates made. */
  made = 0;
  /** Bytes of the batches they were made into. */
  bytes = 0;

  constructor(keys: number) {
    this.#keys = Array.from({ length: keys }, (_, key) => ENCODER.encode(String(key).padStart(8, "0")));
    this.#last = new Float64Array(keys).fill(NONE);
    this.#read = new Float64Array(keys).fill(NONE);
  }

  /** A batch with the next `count` updates. */
  makeBatch(count: number): Uint8Array {
    const timestamp = Date.now();
    const records = Array.from({ length: count }, () => {
      const key = Math.floor(Math.random() * this.#keys.length);
      const at = Math.floor(Math.random() * (this.#values.length - VALUE_BYTES));
      const value = this.#values.slice(at, at + VALUE_BYTES);
      new DataView(value.buffer).setFloat64(0, this.made);
      this.#last[key] = this.made++;
      return { timestamp, key: this.#keys[key]!, value, headers: [] };
    });
    const batch = encodeBatch(records);
    this.bytes += batch.length;
    return batch;
  }

  /** Takes a batch as it is in the log; they come from its start on. Gives the records in it. */
  readBatch(batch: Uint8Array): number {
    const cursor = this.#cursor;
    let count = 0;
    for (cursor.open(batch); cursor.next(); count++) {
      const { bytes, keyAt, keySize, valueAt } = cursor;
      let key = 0;
      for (let at = keyAt; at < keyAt + keySize; at++) key = key * 10 + bytes[at]! - 0x30;
      this.#read[key] = new DataView(bytes.buffer, bytes.byteOffset + valueAt).getFloat64(0);
    }
    return count;
  }

  /** Keys that were written. */
  get live(): number {
    return this.#last.reduce((sum, number) => number === NONE ? sum : sum + 1, 0);
  }

  /** Keys whose last update is not the one that was read last. */
  get wrong(): number {
    return this.#last.reduce((sum, number, key) => number === this.#read[key] ? sum : sum + 1, 0);
  }
}
