/**
 * What a command is: its operands and options as data (parser and help are both
 * derived from them), and the function that does it. Each file of this room
 * that holds commands exports values of `Command`; `catalog.ts` names them.
 */
import type { Arguments } from "./arguments.ts";
import type { Output } from "./output.ts";

/** One `--option`. Without `value` it is a switch. */
export interface Option {
  readonly name: string;
  /** Placeholder of its value in the help: `N`, `HOST:PORT`. */
  readonly value?: string;
  readonly help: string;
  /** Its value may be left out: then it is empty. */
  readonly optional?: true;
  /** May be given several times. */
  readonly repeated?: boolean;
  /** What is taken when it is not given, for the help alone. */
  readonly fallback?: string;
}

/** One operand: a word without dashes. */
export interface Operand {
  readonly name: string;
  /** Takes all the words that are left, at least one. */
  readonly many?: boolean;
}

/** What a command gets from the process. */
export interface Context {
  readonly output: Output;
  /** Aborted by the first Ctrl-C or SIGTERM: finish what was begun, close, return. */
  readonly signal: AbortSignal;
}

/** Exit status of the process: 0 done, 1 failed, 2 wrong usage. */
export type ExitStatus = 0 | 1 | 2;

/** A command's words and options; its name and summary stand in the catalog. */
export interface Command {
  readonly operands: readonly Operand[];
  readonly options: readonly Option[];
  /** Ctrl-C and SIGTERM end it at once: it reads only, and has nothing to finish. */
  readonly endsAtOnce?: true;
  /** Ctrl-C is a usual way to end it: nothing is said about it. */
  readonly stopsSilently?: true;
  /** Paragraphs below the options: formats, defaults, what is not obvious. */
  readonly notes?: readonly string[];
  /** Command lines that work as they stand. */
  readonly examples?: readonly string[];
  readonly run: (given: Arguments, context: Context) => Promise<ExitStatus>;
}

/** The command line is wrong: exit status 2, and a hint at the help. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The command could not be done, for a reason to be read by a person: exit status 1. */
export class CommandError extends Error {
  override name = "CommandError";
}

/** `--server`, shared by every command that talks to a broker. */
export const SERVER: Option = {
  name: "server",
  value: "HOST:PORT",
  help: "native door of the broker, also WEIR_SERVER",
  fallback: "127.0.0.1:9292",
};

/** `--version`, of the commands with Kafka's flags: it is answered before the command runs. */
export const VERSION: Option = { name: "version", help: "show the version" };

/** `--json`, shared by every command that prints data. */
export const JSON_LINE: Option = { name: "json", help: "print JSON, for programs" };
