/** Turns an input into choices: for targets whose input is a program, not a file. */
export class Choices {
  #at = 0;

  constructor(readonly bytes: Uint8Array) {}

  get isOver(): boolean {
    return this.#at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.#at++] ?? 0;
  }

  /** From 0 to `count` − 1. */
  below(count: number): number {
    return this.byte() % count;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  take(length: number): Uint8Array {
    const taken = this.bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  text(): string {
    return new TextDecoder().decode(this.take(this.below(24)));
  }
}
