/**
 * Lengths of files and functions, in lines, as a ratchet. Past its limit a file or function is refused. Between aim
 * and limit it must stand in ratchet.json with the length it has: longer than its record, or new, is
 * refused; shorter asks for a lower record, so that it never grows back. Pure.
 */
import type { Source } from "./source.ts";

/** Lengths above the aim, by path, and by path and name (`src/a.ts parse`). */
export interface Ratchet {
  readonly files: Readonly<Record<string, number>>;
  readonly functions: Readonly<Record<string, number>>;
}

interface Bound {
  readonly kind: string;
  readonly aim: number;
  readonly limit: number;
}

const FILE: Bound = { kind: "file", aim: 300, limit: 500 };
const FUNCTION: Bound = { kind: "function", aim: 40, limit: 70 };

/** Files that are one table from top to bottom, where length is no fault. */
const TABLES = /^(src\/config(\/\w*table)?|src\/kafka\/schemas\/\w+)\.ts$/;

/** One sentence for each length that the limits or the records do not allow. */
export function findLengths(sources: ReadonlyMap<string, Source>, ratchet: Ratchet): string[] {
  const { files, functions } = measure(sources);
  return [...judge(files, ratchet.files, FILE), ...judge(functions, ratchet.functions, FUNCTION)];
}

/** The records of `ratchet`, lowered to what is there now; none is raised and none added. */
export function lower(sources: ReadonlyMap<string, Source>, ratchet: Ratchet): Ratchet {
  const { files, functions } = measure(sources);
  return {
    files: lowerRecords(ratchet.files, files, FILE.aim),
    functions: lowerRecords(ratchet.functions, functions, FUNCTION.aim),
  };
}

function measure(sources: ReadonlyMap<string, Source>) {
  const files = new Map<string, number>();
  const functions = new Map<string, number>();
  for (const [path, source] of sources) {
    if (!TABLES.test(path)) files.set(path, source.lines);
    // A test file's functions are its describe blocks.
    for (const { name, lines } of path.endsWith("_test.ts") ? [] : source.functions) {
      const key = `${path} ${name}`;
      functions.set(key, Math.max(lines, functions.get(key) ?? 0));
    }
  }
  return { files, functions };
}

function judge(
  lengths: ReadonlyMap<string, number>,
  records: Readonly<Record<string, number>>,
  bound: Bound,
): string[] {
  const found: string[] = [];
  for (const [name, lines] of lengths) {
    const reason = judgeOne(lines, records[name], bound);
    if (reason !== null) found.push(`${bound.kind} "${name}" has ${lines} lines, ${reason}`);
  }
  for (const name of Object.keys(records)) {
    if (!lengths.has(name)) {
      found.push(`${bound.kind} "${name}" is gone, its record stands: run "deno task ratchet"`);
    }
  }
  return found;
}

function judgeOne(lines: number, record: number | undefined, { aim, limit }: Bound): string | null {
  if (lines > limit) return `the limit is ${limit}: split it by what it does`;
  if (record === undefined) return lines > aim ? `the aim is ${aim}: split it by what it does` : null;
  if (lines > record) return `its record is ${record}: make it shorter, not longer`;
  return lines < record || lines <= aim
    ? `its record is ${record}: run "deno task ratchet" to lower it`
    : null;
}

function lowerRecords(
  records: Readonly<Record<string, number>>,
  lengths: ReadonlyMap<string, number>,
  aim: number,
): Record<string, number> {
  const lowered: Record<string, number> = {};
  for (const [name, record] of Object.entries(records)) {
    const lines = Math.min(record, lengths.get(name) ?? 0);
    if (lines > aim) lowered[name] = lines;
  }
  return lowered;
}
