/**
 * The simulation's only source of chance: sfc32, a small generator that passes
 * the usual statistical suites (Chris Doty-Humphrey, PractRand). One seed, one
 * sequence. `fork` gives an independent stream, so that one part of a run taking
 * a number more does not change what every other part sees.
 */

export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  /** `seed`: any integer; `stream` keeps streams of one seed apart. */
  constructor(readonly seed: number, readonly stream = 0) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 4_294_967_296) | 0;
    this.#c = stream | 0;
    for (let round = 0; round < 15; round++) this.next();
  }

  /** 32 bits, unsigned. */
  next(): number {
    const sum = (this.#a + this.#b + this.#count++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum | 0;
    return sum >>> 0;
  }

  /** In [0, 1). */
  readonly fraction = (): number => this.next() / 4_294_967_296;

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.integer(0, items.length - 1)]!;
  }

  fork(stream: number): SeededRandom {
    return new SeededRandom(this.seed, this.stream * 1_000 + stream);
  }

  /** 22 characters of base64url that do not start with "-": the shape of Kafka's ids. */
  id(): string {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let text = "";
    for (let index = 0; index < 21; index++) text += letters[this.integer(0, 61)];
    return text + "AQgw"[this.integer(0, 3)];
  }
}
