/**
 * Settings of Kafka's clients as its tools take them: `--producer-property
 * linger.ms=5`, and files in the format of Java's properties:
 *
 *     # comment            ! comment too
 *     acks = all           key.separator : |         value after =, : or blanks
 *     long.value = one, \
 *                  two                               a backslash joins lines
 *
 * Pure but for reading the file.
 */
import { CommandError } from "../command.ts";

/** Settings by name. */
export type Properties = ReadonlyMap<string, string>;

/** Each `KEY=VALUE` in order; without a value it is empty, as Kafka has it. */
export function propertiesOf(assignments: readonly string[]): Map<string, string> {
  return new Map(assignments.map((given) => {
    const split = given.indexOf("=");
    return split < 0 ? [given, ""] : [given.slice(0, split), given.slice(split + 1)];
  }));
}

/** Reads a properties file. Throws {@linkcode CommandError} when it cannot be read. */
export async function readProperties(path: string): Promise<Map<string, string>> {
  try {
    return parseProperties(await Deno.readTextFile(path));
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : (error as Error).message;
    throw new CommandError(`Cannot read the properties file "${path}": ${reason}`);
  }
}

/** The settings of a properties file's text; the last one counts where a name repeats. */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const parts = /^((?:\\.|[^\\=:\s])*)\s*[=:]?\s*(.*)$/s.exec(line);
    if (parts !== null) properties.set(unescape(parts[1]!), unescape(parts[2]!));
  }
  return properties;
}

/** Lines without comments and empty ones, those that end in an odd number of backslashes joined with the next. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let begun: string | null = null;
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.replace(/^[ \t\f]+/, "");
    if (begun === null && (line === "" || line.startsWith("#") || line.startsWith("!"))) continue;
    const joined: string = (begun ?? "") + line;
    const backslashes = /\\*$/.exec(joined)![0].length;
    if (backslashes % 2 === 1) begun = joined.slice(0, -1);
    else {
      lines.push(joined);
      begun = null;
    }
  }
  if (begun !== null) lines.push(begun);
  return lines;
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, letter: string) => {
    return code === undefined ? ESCAPES[letter] ?? letter : String.fromCharCode(parseInt(code, 16));
  });
}

/** A whole number of at least `minimum`. Throws {@linkcode CommandError} in Kafka's words. */
export function numberProperty(properties: Properties, name: string, minimum: number): number | undefined {
  const given = properties.get(name);
  if (given === undefined) return undefined;
  const value = /^\s*-?\d+\s*$/.test(given) ? Number(given) : NaN;
  if (Number.isSafeInteger(value) && value >= minimum) return value;
  throw new CommandError(
    `Invalid value ${given} for configuration ${name}: it must be a whole number of at least ${minimum}`,
  );
}

/** One of `choices`. Throws {@linkcode CommandError} in Kafka's words. */
export function choiceProperty<Choice extends string>(
  properties: Properties,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const given = properties.get(name);
  if (given === undefined) return undefined;
  const found = choices.find((choice) => choice === given.trim().toLowerCase());
  if (found !== undefined) return found;
  throw new CommandError(
    `Invalid value ${given} for configuration ${name}: it must be one of ${choices.join(", ")}`,
  );
}

/** True for `true` in any case, as Kafka's tools read a switch among properties. */
export function switchProperty(properties: Properties, name: string, fallback = false): boolean {
  const given = properties.get(name);
  return given === undefined ? fallback : given.trim().toLowerCase() === "true";
}
