/**
 * From the words of the command line to what is wanted: a command and the rest
 * of the words, or a help text. No command is loaded here.
 */
import { CATALOG, type CatalogEntry } from "./catalog.ts";
import { UsageError } from "./command.ts";
import { groupHelp, programHelp } from "./help.ts";
import { nearest } from "../config/mod.ts";

/** What the command line asks for. */
export type Choice =
  | { readonly kind: "command"; readonly entry: CatalogEntry; readonly words: readonly string[] }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "version" };

/**
 * Reads the command's name. Throws {@linkcode UsageError} with the nearest known name for one that is
 * not known, and with the help of the program or group where the name is not complete.
 */
export function choose(words: readonly string[]): Choice {
  const [first, second] = words;
  if (first === undefined) throw new UsageError(`A command is missing\n\n${programHelp(CATALOG).trimEnd()}`);
  if (first === "--help" || first === "-h") return { kind: "text", text: programHelp(CATALOG) };
  if (first === "--version" || first === "-V") return { kind: "version" };
  if (first === "help") return choose([...words.slice(1), "--help"]);
  const whole = CATALOG.find((entry) => entry.name === first);
  if (whole !== undefined) return { kind: "command", entry: whole, words: words.slice(1) };
  const group = CATALOG.filter((entry) => entry.name.startsWith(`${first} `));
  if (group.length === 0) throw unknown(first, CATALOG.map((entry) => entry.name.split(" ")[0]!), "");
  return chooseInGroup(first, second, group, words);
}

function chooseInGroup(
  name: string,
  word: string | undefined,
  group: readonly CatalogEntry[],
  words: readonly string[],
): Choice {
  if (word === "--help" || word === "-h") return { kind: "text", text: groupHelp(name, group) };
  if (word === undefined) throw new UsageError(`A command is missing\n\n${groupHelp(name, group).trimEnd()}`);
  const entry = group.find((candidate) => candidate.name === `${name} ${word}`);
  if (entry !== undefined) return { kind: "command", entry, words: words.slice(2) };
  throw unknown(word, group.map((candidate) => candidate.name.slice(name.length + 1)), `${name} `);
}

function unknown(word: string, known: readonly string[], prefix: string): UsageError {
  const meant = nearest(word, known);
  const hint = meant === null ? "" : `, did you mean "${prefix}${meant}"?`;
  const kind = word.startsWith("-") ? "option" : "command";
  return new UsageError(`Unknown ${kind} "${prefix}${word}"${hint}`);
}
