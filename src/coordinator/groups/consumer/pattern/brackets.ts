/** Characters in brackets: ranges, classes, POSIX names, all of it or all but it. */
import { readEscape } from "./escape.ts";
import { type CharSet, type Cursor, PatternError } from "./node.ts";

const POSIX: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  ascii: /[\x20-\x7e]|\p{Cc}/u,
  blank: /[\t ]/,
  cntrl: /\p{Cc}/u,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t\n\v\f\r ]/,
  upper: /[A-Z]/,
  word: /[0-9A-Za-z_]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** The set after a bracket that was taken, up to the one that closes it. */
export function readBrackets(cursor: Cursor): CharSet {
  const isNegated = cursor.takeIf("^");
  const sets: CharSet[] = [];
  do {
    sets.push(readItem(cursor));
  } while (!cursor.takeIf("]"));
  return (char) => sets.some((has) => has(char)) !== isNegated;
}

function readItem(cursor: Cursor): CharSet {
  const posix = cursor.takeMatch(/^\[:(\^?)(\w+):\]/);
  if (posix !== null) return namedSet(posix[2]!, posix[1] === "^");
  const from = readChar(cursor);
  if (typeof from !== "string") return from;
  if (cursor.takeMatch(/^-(?!\])/) === null) return (char) => char === from;
  const to = readChar(cursor);
  if (typeof to !== "string" || to < from) {
    throw new PatternError(`a range that begins with "${from}" has no end`);
  }
  return (char) => char >= from && char <= to;
}

function readChar(cursor: Cursor): CharSet | string {
  if (cursor.isAtEnd) throw new PatternError("a closing bracket is missing");
  return cursor.takeIf("\\") ? readEscape(cursor) : cursor.take();
}

function namedSet(name: string, isNegated: boolean): CharSet {
  const expression = POSIX[name];
  if (expression === undefined) throw new PatternError(`class "[:${name}:]" is not known`);
  return (char) => expression.test(char) !== isNegated;
}
