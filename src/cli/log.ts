/**
 * `weir log ...`: segment and index files read without a broker. Nothing is
 * written, so Ctrl-C ends these commands at once. `dump` shows what a file holds,
 * `verify` checks a partition's directory or a whole data directory.
 */
import { dumpSegment, type Finding, verifyLog } from "../log/mod.ts";
import { type Disk, DiskError, openDisk } from "../storage/mod.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, CommandError, type Context, type ExitStatus, JSON_LINE } from "./command.ts";
import { countOf, formatSize } from "./format.ts";
import { entryJson, entryText } from "./log_words.ts";
import { showProgress } from "./progress.ts";
import { isDataDirectory, verifyData } from "./verify_data.ts";

export const dump: Command = {
  operands: [{ name: "PATH" }],
  options: [{ name: "records", help: "show the records of each batch" }, JSON_LINE],
  endsAtOnce: true,
  notes: [
    "PATH is a .log, .index, .timeindex or .snapshot file. With --json one line for each batch or entry.",
  ],
  examples: ["weir log dump data/orders-0/00000000000000000000.log --records"],
  run: (given, context) => offline(() => runDump(given, context)),
};

export const verify: Command = {
  operands: [{ name: "DIR" }],
  options: [JSON_LINE],
  endsAtOnce: true,
  notes: [
    "DIR is the directory of a partition, or a data directory with all its partitions. Checks every batch's CRC and " +
    "offsets, every index entry, the epochs, the snapshots, and the files beside them against the logs; changes nothing. Stop the broker first: a file that " +
    "is being written looks damaged. Status 1 when something is wrong.",
  ],
  examples: ["weir log verify data", "weir log verify data/orders-0 --json"],
  run: (given, context) => offline(() => runVerify(given, context)),
};

async function offline(work: () => Promise<ExitStatus>): Promise<ExitStatus> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DiskError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

async function runDump(given: Arguments, { output }: Context): Promise<ExitStatus> {
  const path = given.operands[0]!;
  const form = given.has("json") ? entryJson : entryText;
  const { disk } = openDisk("auto");
  if (disk.stat(path) === null) throw new CommandError(`There is no file "${path}"`);
  const known = dumpSegment(disk, path, { records: given.has("records") }, (entry) => {
    output.textSync(form(entry));
  });
  if (!known) {
    throw new CommandError(
      `Cannot dump "${path}": a segment's .log, .index, .timeindex or .snapshot file is wanted`,
    );
  }
  await output.flush();
  return 0;
}

async function runVerify(given: Arguments, { output }: Context): Promise<ExitStatus> {
  const directory = given.operands[0]!.replace(/(?<=.)\/+$/, "");
  const { disk } = openDisk("auto");
  const logs = logDirectories(disk, directory);
  const sizes = logs.map((log) => sizeOf(disk, log));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const progress = await showProgress("Verifying", bytes, "bytes");
  const advance = (index: number) => progress.advance(sizes[index]!);
  const isData = isDataDirectory(disk, directory);
  const findings = isData ? verifyData(disk, directory, logs, advance) : logs.flatMap((log, index) => {
    const found = verifyLog(disk, log);
    advance(index);
    return found;
  });
  progress.stop();
  const report = { directory, logs: logs.length, bytes, findings };
  await output.write(given.has("json") ? `${JSON.stringify(report)}\n` : findings.map(findingText).join(""));
  const words = findings.length === 0 ? "nothing is wrong" : countOf(findings.length, "finding");
  output.note(`Verified ${countOf(logs.length, "log")}, ${formatSize(bytes)}: ${words}`);
  return findings.length === 0 ? 0 : 1;
}

function findingText({ path, position, what }: Finding): string {
  return position < 0 ? `${path}: ${what}\n` : `${path}, position ${position}: ${what}\n`;
}

/** The directory itself when it holds segments, else its directories that do. */
function logDirectories(disk: Disk, directory: string): string[] {
  if (disk.stat(directory)?.isDirectory !== true) {
    throw new CommandError(`There is no directory "${directory}"`);
  }
  if (isLog(disk, directory)) return [directory];
  const inside = disk.list(directory).filter((entry) => entry.isDirectory)
    .map((entry) => `${directory}/${entry.name}`);
  const logs = inside.filter((path) => isLog(disk, path));
  if (logs.length > 0 || isDataDirectory(disk, directory)) return logs;
  throw new CommandError(`"${directory}" is neither a partition's directory nor a data directory`);
}

function isLog(disk: Disk, directory: string): boolean {
  return disk.list(directory).some((entry) => /^\d{20}\.log$/.test(entry.name));
}

function sizeOf(disk: Disk, directory: string): number {
  return disk.list(directory).filter((entry) => !entry.isDirectory)
    .reduce((sum, entry) => sum + (disk.stat(`${directory}/${entry.name}`)?.size ?? 0), 0);
}
