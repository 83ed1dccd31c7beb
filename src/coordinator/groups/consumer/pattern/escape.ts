/**
 * What a backslash begins, in brackets and outside: classes of characters, and
 * characters by their number. Back-references and what else RE2 does not know are
 * refused. Source: RE2's syntax.
 */
import { type CharSet, type Cursor, PatternError } from "./node.ts";

const CLASSES: Readonly<Record<string, CharSet>> = {
  d: (char) => /[0-9]/.test(char),
  w: isWordChar,
  s: (char) => /[\t\n\f\r ]/.test(char),
};

const CONTROLS: Readonly<Record<string, string>> = {
  a: "\x07",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Letters, digits and the underscore, of ASCII alone. */
export function isWordChar(char: string): boolean {
  return /^[0-9A-Za-z_]$/.test(char);
}

/** The class, or the one character, after a backslash that was taken. */
export function readEscape(cursor: Cursor): CharSet | string {
  if (cursor.isAtEnd) throw new PatternError("it ends with a backslash");
  const number = readNumber(cursor);
  if (number !== null) return number;
  const char = cursor.take();
  const lower = char.toLowerCase();
  const known = CLASSES[lower];
  if (known !== undefined) return char === lower ? known : (other) => !known(other);
  if (lower === "p") return readProperty(cursor, char === "P");
  if (Object.hasOwn(CONTROLS, char)) return CONTROLS[char]!;
  if (/[1-9]/.test(char)) throw new PatternError(`back-reference "\\${char}" is not in RE2`);
  if (/[A-Za-z]/.test(char)) throw new PatternError(`escape "\\${char}" is not in RE2`);
  return char;
}

function readNumber(cursor: Cursor): string | null {
  const found = cursor.takeMatch(/^(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|(0[0-7]{0,2}))/);
  if (found === null) return null;
  const code = found[3] === undefined ? parseInt(found[1] ?? found[2] ?? "", 16) : parseInt(found[3], 8);
  if (code > 0x10ffff) throw new PatternError(`character "${code}" is not in Unicode`);
  return String.fromCodePoint(code);
}

function readProperty(cursor: Cursor, isNegated: boolean): CharSet {
  const found = cursor.takeMatch(/^(?:\{(\^?)(\w{1,40})\}|([A-Z]))/);
  if (found === null) throw new PatternError("a Unicode class wants a name");
  const name = found[2] ?? found[3] ?? "";
  const expression = unicodeClass(name) ?? unicodeClass(`Script=${name}`);
  if (expression === null) throw new PatternError(`Unicode class "${name}" is not known`);
  const isOutside = isNegated !== (found[1] === "^");
  return (char) => expression.test(char) !== isOutside;
}

function unicodeClass(name: string): RegExp | null {
  try {
    return new RegExp(`^\\p{${name}}$`, "u");
  } catch {
    return null;
  }
}
