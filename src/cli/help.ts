/**
 * Help texts, derived from the same tables the parser reads: of a command, of a
 * group of commands (`topic`), of the whole program. Plain text, 100 columns.
 */
import { optionsOf } from "./arguments.ts";
import type { CatalogEntry } from "./catalog.ts";
import type { Command, Option } from "./command.ts";

const WIDTH = 100;

/** The help of one command. */
export function commandHelp(entry: CatalogEntry, command: Command): string {
  const rows = optionsOf(command).map((option): [string, string] => [optionForm(option), optionText(option)]);
  const parts = [
    `${entry.summary}\n`,
    `Usage: ${usageLine(entry.name, command)}\n`,
    `Options:\n${columns(rows)}`,
  ];
  for (const note of command.notes ?? []) parts.push(`${wrap(note, 0)}\n`);
  const examples = command.examples ?? [];
  if (examples.length > 0) parts.push(`Examples:\n${examples.map(exampleText).join("")}`);
  return parts.join("\n");
}

/** A command line; one that is too long goes on in the next line, as shells take it. */
function exampleText(example: string): string {
  const lines = [""];
  for (const part of example.split(/ (?=--)/)) {
    const longer = `${lines.at(-1)} ${part}`.trimStart();
    if (lines.at(-1) === "" || longer.length + 4 <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(`  ${part}`);
  }
  return `  ${lines.join(" \\\n  ")}\n`;
}

/** `weir topic create NAME [OPTIONS]`. */
function usageLine(name: string, command: Command): string {
  const operands = command.operands.map((operand) => ` ${operand.name}${operand.many ? "..." : ""}`);
  return `weir ${name}${operands.join("")} [OPTIONS]`;
}

/** The help of the commands that begin with `group`: `topic`, `log`, `bench`. */
export function groupHelp(group: string, entries: readonly CatalogEntry[]): string {
  const rows = entries.map((entry): [string, string] => [entry.name, entry.summary]);
  return `Usage: weir ${group} COMMAND [OPTIONS]\n\nCommands:\n${columns(rows)}\n` +
    `'weir ${group} COMMAND --help' shows the options of a command\n`;
}

/** The help of the program. */
export function programHelp(entries: readonly CatalogEntry[]): string {
  const rows = entries.map((entry): [string, string] => [entry.name, entry.summary]);
  return `A log-structured event broker: Apache Kafka's model and disk format in one command\n\n` +
    `Usage: weir COMMAND [OPTIONS]\n\nCommands:\n${columns(rows)}\n` +
    `'weir COMMAND --help' shows the options of a command, 'weir --version' the version\n\n` +
    `Examples:\n  weir broker --data ./data\n  weir topic create orders --partitions 3\n` +
    `  echo 'hello' | weir produce orders\n  weir consume orders --from earliest --exit-at-end\n`;
}

function optionForm(option: Option): string {
  if (option.value === undefined) return `--${option.name}`;
  return `--${option.name} ${option.optional === true ? `[${option.value}]` : option.value}`;
}

function optionText(option: Option): string {
  const repeated = option.repeated === true ? " (may be repeated)" : "";
  const fallback = option.fallback === undefined ? "" : ` [default: ${option.fallback}]`;
  return `${option.help}${repeated}${fallback}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const indent = Math.max(...rows.map(([left]) => left.length)) + 4;
  return rows.map(([left, right]) => `${`  ${left}`.padEnd(indent)}${wrap(right, indent)}\n`).join("");
}

function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.join(`\n${" ".repeat(indent)}`);
}
