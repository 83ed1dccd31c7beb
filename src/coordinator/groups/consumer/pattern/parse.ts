/**
 * Regular expressions of subscriptions, in RE2's syntax, which Kafka asks for.
 * They are not handed to JavaScript's own engine, which knows more than RE2
 * (lookaround, back-references) and can take exponential time: they become a
 * machine that looks at each character of a topic's name once, for each of its
 * states at most. Pattern and machine are bounded, so no pattern can hold up the
 * coordinator.
 *
 *     text -> tree (this file) -> states (program.ts) -> match (match.ts)
 */
import { readBrackets } from "./brackets.ts";
import { readEscape } from "./escape.ts";
import { type CharSet, Cursor, type Node, PatternError, type Place } from "./node.ts";
import { compile, type Program } from "./program.ts";

const PATTERN_LENGTH_MAX = 1_000;
const REPEATS_MAX = 1_000;
const DEPTH_MAX = 100;

/** The machine of a pattern, or what is wrong with it, in words for whoever wrote it. */
export function parsePattern(text: string): Program | string {
  try {
    if (text.length > PATTERN_LENGTH_MAX) {
      return `Pattern of "${text.length}" characters is too long, at most ${PATTERN_LENGTH_MAX} are wanted`;
    }
    const cursor = new Cursor(text);
    const node = readEither(cursor, 0);
    if (!cursor.isAtEnd) throw new PatternError("an opening parenthesis is missing");
    return compile(node);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return `Pattern "${text}" must be a regular expression in RE2's syntax: ${error.message}`;
  }
}

function readEither(cursor: Cursor, depth: number): Node {
  if (depth > DEPTH_MAX) throw new PatternError("groups are nested too deep");
  const parts = [readSequence(cursor, depth)];
  while (cursor.takeIf("|")) parts.push(readSequence(cursor, depth));
  return parts.length === 1 ? parts[0]! : { kind: "either", parts };
}

function readSequence(cursor: Cursor, depth: number): Node {
  const parts: Node[] = [];
  while (!cursor.isAtEnd && cursor.next !== "|" && cursor.next !== ")") {
    const quoted = cursor.takeIf("\\Q") ? readQuoted(cursor) : null;
    const atom = quoted === null ? readAtom(cursor, depth) : quoted.pop();
    parts.push(...(quoted ?? []), ...(atom === undefined || atom === null ? [] : [readRepeat(cursor, atom)]));
  }
  return { kind: "sequence", parts };
}

/** Characters that stand for themselves up to `\E`; the last one may be repeated. */
function readQuoted(cursor: Cursor): Node[] {
  const parts: Node[] = [];
  while (!cursor.isAtEnd && !cursor.takeIf("\\E")) parts.push(charNode(cursor, cursor.take()));
  return parts;
}

/** `null` where only flags change. */
function readAtom(cursor: Cursor, depth: number): Node | null {
  const char = cursor.take();
  switch (char) {
    case "(":
      return readGroup(cursor, depth);
    case "[":
      return setNode(cursor, readBrackets(cursor));
    case ".":
      return { kind: "set", has: (other) => other !== "\n" };
    case "^":
      return place("begin");
    case "$":
      return place("end");
    case "*":
    case "+":
    case "?":
      throw new PatternError(`"${char}" has nothing to repeat`);
    case "\\":
      return readPlace(cursor) ?? setOrChar(cursor, readEscape(cursor));
    default:
      return charNode(cursor, char);
  }
}

function readGroup(cursor: Cursor, depth: number): Node | null {
  const { ignoreCase } = cursor;
  const isFlagsAlone = readOpening(cursor);
  if (isFlagsAlone) return null;
  const inner = readEither(cursor, depth + 1);
  if (!cursor.takeIf(")")) throw new PatternError("a closing parenthesis is missing");
  cursor.ignoreCase = ignoreCase;
  return inner;
}

/** What may stand behind an opening parenthesis; true when the group was flags and nothing else. */
function readOpening(cursor: Cursor): boolean {
  if (cursor.next !== "?") return false;
  if (cursor.takeMatch(/^\?P?<[A-Za-z_]\w*>/) !== null) return false;
  const flags = cursor.takeMatch(/^\?([imsU]*)(?:-([imsU]+))?([:)])/);
  if (flags === null) throw new PatternError("lookaround, and other groups that RE2 does not have");
  if (flags[1]!.includes("i")) cursor.ignoreCase = true;
  if (flags[2]?.includes("i") === true) cursor.ignoreCase = false;
  return flags[3] === ")";
}

function readRepeat(cursor: Cursor, part: Node): Node {
  const found = cursor.takeMatch(/^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/);
  if (found === null) return part;
  if (cursor.takeMatch(/^(?:[*+?]|\{\d+(?:,\d*)?\})/) !== null) {
    throw new PatternError("a repetition is repeated");
  }
  const [, sign, least, range, most] = found;
  if (sign !== undefined) {
    return { kind: "repeat", part, min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : null };
  }
  const min = Number(least);
  const max = range === undefined ? min : most === "" ? null : Number(most);
  if (min > REPEATS_MAX || (max !== null && (max > REPEATS_MAX || max < min))) {
    throw new PatternError(`repetition "${found[0]}" is out of range, at most ${REPEATS_MAX} are wanted`);
  }
  return { kind: "repeat", part, min, max };
}

function readPlace(cursor: Cursor): Node | null {
  const places: readonly (readonly [string, Place])[] = [
    ["A", "begin"],
    ["z", "end"],
    ["b", "boundary"],
    ["B", "inside"],
  ];
  const found = places.find(([letter]) => cursor.takeIf(letter));
  return found === undefined ? null : place(found[1]);
}

function place(place: Place): Node {
  return { kind: "place", place };
}

function setOrChar(cursor: Cursor, read: CharSet | string): Node {
  return typeof read === "string" ? charNode(cursor, read) : setNode(cursor, read);
}

function charNode(cursor: Cursor, char: string): Node {
  return setNode(cursor, (other) => other === char);
}

function setNode({ ignoreCase }: Cursor, has: CharSet): Node {
  if (!ignoreCase) return { kind: "set", has };
  return { kind: "set", has: (char) => has(char) || has(char.toLowerCase()) || has(char.toUpperCase()) };
}
