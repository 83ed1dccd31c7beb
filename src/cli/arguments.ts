/**
 * The command line of one command, read by the command's own option table.
 * Splitting is `node:util` parseArgs (commander costs 20 to 35 ms of a start
 * that has 150; parseArgs about 1 where Node's built-ins are loaded anyway);
 * what a value must look like is checked here, with errors people can act on.
 */
import { parseArgs } from "node:util";
import { type Command, type Option, UsageError } from "./command.ts";
import { nearest } from "../config/mod.ts";

/** What was given, by option name; every getter throws {@linkcode UsageError} on a value that does not fit. */
export class Arguments {
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(operands: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.operands = operands;
    this.#values = values;
  }

  /** True when the switch or option was given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The last value given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** Every value given, in order. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** A whole number of at least `minimum`; `undefined` when not given. */
  integer(name: string, minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): number | undefined {
    const given = this.text(name);
    if (given === undefined) return undefined;
    const value = /^-?[0-9][0-9_]*$/.test(given) ? Number(given.replaceAll("_", "")) : NaN;
    if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return value;
    const bound = maximum === Number.MAX_SAFE_INTEGER
      ? `of at least ${minimum}`
      : `from ${minimum} to ${maximum}`;
    throw new UsageError(`--${name} must be a whole number ${bound}, not "${given}"`);
  }

  /** One of `choices`; `undefined` when not given. */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const given = this.text(name);
    if (given === undefined) return undefined;
    const found = choices.find((choice) => choice === given);
    if (found !== undefined) return found;
    throw new UsageError(`--${name} must be one of ${choices.join(", ")}, not "${given}"`);
  }

  /** Each `KEY=VALUE` given, in order; the value may hold further `=`. */
  pairs(name: string): [key: string, value: string][] {
    return this.all(name).map((given) => {
      const split = given.indexOf("=");
      if (split < 1) throw new UsageError(`--${name} must be KEY=VALUE, not "${given}"`);
      return [given.slice(0, split), given.slice(split + 1)];
    });
  }
}

const HELP: Option = { name: "help", help: "show this help" };

/** The options of `command` and `--help`, which each command has. */
export function optionsOf(command: Command): readonly Option[] {
  return [...command.options, HELP];
}

/**
 * Reads `words`, the command line after the command's name. With `--help` among them operands are not
 * checked. Throws {@linkcode UsageError} with the nearest known option for one that is not known.
 */
export function parseArguments(command: Command, words: readonly string[]): Arguments {
  const options = optionsOf(command);
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokenize(options, words)) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const option = findOption(options, token.name, token.rawName);
    const value = readValue(option, token.value, options);
    const given = values.get(option.name) ?? [];
    if (given.length > 0 && option.value !== undefined && option.repeated !== true) {
      throw new UsageError(`--${option.name} is given twice`);
    }
    values.set(option.name, [...given, value]);
  }
  if (!values.has("help") && !values.has("version")) checkOperands(command, operands);
  return new Arguments(operands, values);
}

function tokenize(options: readonly Option[], words: readonly string[]) {
  const config = options.map((option): [string, { type: "string" | "boolean"; short?: string }] => [
    option.name,
    { type: option.value === undefined ? "boolean" : "string", ...(option === HELP ? { short: "h" } : {}) },
  ]);
  return parseArgs({
    args: withEmptyValues(options, words),
    options: Object.fromEntries(config),
    allowPositionals: true,
    strict: false,
    tokens: true,
  }).tokens;
}

/** Where an option may stand without its value, and does: an empty value, so that the next option is not taken for it. */
function withEmptyValues(options: readonly Option[], words: readonly string[]): string[] {
  const forms = new Set(options.filter((option) => option.optional === true).map(({ name }) => `--${name}`));
  return words.map((word, index) => {
    const next = words[index + 1];
    return forms.has(word) && (next === undefined || next.startsWith("-")) ? `${word}=` : word;
  });
}

function findOption(options: readonly Option[], name: string, typed: string): Option {
  const option = options.find((candidate) => candidate.name === name);
  if (option !== undefined) return option;
  const meant = nearest(name, options.map((candidate) => candidate.name));
  throw new UsageError(`Unknown option "${typed}"${meant === null ? "" : `, did you mean --${meant}?`}`);
}

function readValue(option: Option, value: string | undefined, options: readonly Option[]): string {
  if (option.value === undefined) {
    if (value === undefined) return "";
    throw new UsageError(`--${option.name} takes no value, but was given "${value}"`);
  }
  const isOption = value !== undefined && options.some((other) => value === `--${other.name}`);
  if (value === undefined || isOption) {
    throw new UsageError(`--${option.name} needs a value: --${option.name} ${option.value}`);
  }
  return value;
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const missing = command.operands[operands.length];
  if (missing !== undefined) throw new UsageError(`${missing.name} is missing`);
  const takesMany = command.operands.at(-1)?.many === true;
  const extra = operands[command.operands.length];
  if (extra !== undefined && !takesMany) throw new UsageError(`"${extra}" is one word too many`);
}
