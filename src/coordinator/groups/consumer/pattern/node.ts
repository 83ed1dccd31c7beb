/**
 * A regular expression as a tree, and how its text is read: one character after
 * the other, with a fault that says what is wrong. Called by the files that parse.
 */

/** Says whether a character is meant. */
export type CharSet = (char: string) => boolean;

/** A place a match may depend on. */
export type Place = "begin" | "end" | "boundary" | "inside";

export type Node =
  | { readonly kind: "set"; readonly has: CharSet }
  | { readonly kind: "place"; readonly place: Place }
  | { readonly kind: "sequence"; readonly parts: readonly Node[] }
  | { readonly kind: "either"; readonly parts: readonly Node[] }
  /** `max` is `null` for any number. */
  | { readonly kind: "repeat"; readonly part: Node; readonly min: number; readonly max: number | null };

/** What is wrong with a pattern; never leaves this folder. */
export class PatternError extends Error {
  override name = "PatternError";
}

/** The text of a pattern while it is read. */
export class Cursor {
  readonly #chars: readonly string[];
  #position = 0;
  /** Letters match in either case: the flag `i`. */
  ignoreCase = false;

  constructor(text: string) {
    this.#chars = Array.from(text);
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#chars.length;
  }

  /** The next character, not yet taken; empty at the end. */
  get next(): string {
    return this.#chars[this.#position] ?? "";
  }

  take(): string {
    return this.#chars[this.#position++] ?? "";
  }

  /** Takes `text` if it comes next. */
  takeIf(text: string): boolean {
    const isNext = Array.from(text).every((char, index) => this.#chars[this.#position + index] === char);
    if (isNext) this.#position += Array.from(text).length;
    return isNext;
  }

  /** Takes what `expression`, which begins with `^`, matches; `null` when that is nothing. */
  takeMatch(expression: RegExp): RegExpExecArray | null {
    const found = expression.exec(this.#chars.slice(this.#position, this.#position + 64).join(""));
    if (found !== null) this.#position += Array.from(found[0]).length;
    return found;
  }
}
