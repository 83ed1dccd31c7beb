/**
 * The CSV that `--export` writes and `--from-file` reads: `topic,partition,offset`
 * a line for one group, `group,topic,partition,offset` for several. Pure.
 */
import { CommandError } from "../command.ts";

/** Where a group shall go on in one partition. */
export interface NewOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** What becomes of each group. */
export type ResetPlan = ReadonlyMap<string, readonly NewOffset[]>;

/** The plan as CSV; `withGroups` puts the group before each line. */
export function csvOf(plan: ResetPlan, withGroups: boolean): string {
  const lines = [...plan].flatMap(([group, entries]) =>
    entries.map(({ topic, partition, offset }) => {
      return [...(withGroups ? [quoted(group)] : []), quoted(topic), partition, offset].join(",") + "\n";
    })
  );
  return lines.join("");
}

function quoted(text: string): string {
  return /^[\w.-]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}

/**
 * Reads a plan; lines without a group are of `group`, where one alone was given.
 * Throws {@linkcode CommandError} with the number of the line that is wrong.
 */
export function parseResetFile(text: string, group: string | null): Map<string, NewOffset[]> {
  const plan = new Map<string, NewOffset[]>();
  const lines = text.split(/\r\n|\n/);
  const hasGroups = group === null || fieldsOf(lines[0] ?? "").length === 4;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const fields = fieldsOf(line);
    const name = hasGroups ? fields.shift() : group;
    const entry = entryOf(fields);
    if (name === undefined || name === null || entry === null) {
      const form = hasGroups ? "group,topic,partition,offset" : "topic,partition,offset";
      throw new CommandError(`Line ${index + 1} of the reset plan, "${line}", must be ${form}`);
    }
    plan.set(name, [...(plan.get(name) ?? []), entry]);
  }
  return plan;
}

function entryOf(fields: readonly string[]): NewOffset | null {
  const [topic, partition, offset] = fields;
  if (fields.length !== 3 || !/^\d{1,9}$/.test(partition!) || !/^-?\d{1,15}$/.test(offset!)) return null;
  return { topic: topic!, partition: Number(partition), offset: Number(offset) };
}

/** Fields of a line, those in quotes without them. */
function fieldsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?=,|$)/g)]
    .map(([, inQuotes, plain]) => inQuotes === undefined ? plain!.trim() : inQuotes.replaceAll('""', '"'));
}
