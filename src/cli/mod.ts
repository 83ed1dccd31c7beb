/**
 * The command line: words in, exit status out. `main.ts` is its only caller.
 * Loads the one command that is asked for and turns what it throws into a
 * sentence on standard error: 2 for wrong usage, 1 for what could not be done.
 */
import { parseArguments } from "./arguments.ts";
import { choose } from "./choose.ts";
import { CommandError, type ExitStatus, UsageError, VERSION } from "./command.ts";
import type { CatalogEntry } from "./catalog.ts";
import { commandHelp } from "./help.ts";
import { type Output, OutputClosed, processOutput } from "./output.ts";
import { listenForStop } from "./signals.ts";

/** Runs the command that `words` name, on this process's streams and signals; resolves to the exit status. */
export async function runCommandLine(words: readonly string[]): Promise<ExitStatus> {
  const output = processOutput();
  try {
    const status = await run(words, output);
    await output.flush();
    return status;
  } catch (error) {
    return explain(error, words, output);
  }
}

async function run(words: readonly string[], output: Output): Promise<ExitStatus> {
  const choice = choose(words);
  if (choice.kind === "command") return await runCommand(choice.entry, choice.words, output);
  await output.write(choice.kind === "text" ? choice.text : await versionLine());
  return 0;
}

async function runCommand(
  entry: CatalogEntry,
  words: readonly string[],
  output: Output,
): Promise<ExitStatus> {
  const command = await entry.load();
  const given = parseArguments(command, words);
  if (given.has("help")) {
    await output.write(commandHelp(entry, command));
    return 0;
  }
  if (command.options.includes(VERSION) && given.has(VERSION.name)) {
    await output.write(await versionLine());
    return 0;
  }
  if (command.endsAtOnce) return await command.run(given, { output, signal: new AbortController().signal });
  const stop = listenForStop(output, command.stopsSilently !== true);
  try {
    return await command.run(given, { output, signal: stop.signal });
  } finally {
    stop.close();
  }
}

async function versionLine(): Promise<string> {
  const { default: project } = await import("../../deno.json", { with: { type: "json" } });
  return `weir ${project.version} (deno ${Deno.version.deno})\n`;
}

function explain(error: unknown, words: readonly string[], output: Output): ExitStatus {
  if (error instanceof OutputClosed) return 0;
  if (error instanceof UsageError) {
    output.note(`weir: ${error.message}`);
    if (!error.message.includes("\n")) output.note(`Try 'weir ${helpWords(words)}--help'`);
    return 2;
  }
  output.note(`weir: ${isExpected(error) ? (error as Error).message : describeBug(error)}`);
  return 1;
}

/** Errors that are answers, not bugs: our own, and a client's `WeirError`, known by name to load no client. */
function isExpected(error: unknown): boolean {
  return error instanceof CommandError || (error instanceof Error && error.name === "WeirError");
}

function describeBug(error: unknown): string {
  return error instanceof Error ? error.stack ?? `${error.name}: ${error.message}` : String(error);
}

/** The words that name the command, for the hint at its help. */
function helpWords(words: readonly string[]): string {
  try {
    const choice = choose(words);
    return choice.kind === "command" ? `${choice.entry.name} ` : "";
  } catch {
    return "";
  }
}
