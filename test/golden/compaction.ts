/**
 * Histories and what compaction leaves of them, as text: `compaction/*.txt`. Lines
 * are commands; what `show` and `judge` print stands below them behind `>`.
 *
 *     set NAME=VALUE            a LogSettings field          keys N    room in the offset map
 *     at MS                     the clock                    roll | restart | clean | show | judge
 *     batch [codec=C] [pid=N seq=N] [transactional] key=value key ...      (a key alone: a tombstone; "-": no key)
 *     commit PID | abort PID    a transaction's marker
 *
 * `deno run -A test/golden/compaction.ts` writes the files anew: read the difference.
 */
import type { CodecName } from "../../src/record/mod.ts";
import { History, type Pair } from "../unit/log/compaction/history.ts";

export const GOLDEN_DIRECTORY = new URL("./compaction/", import.meta.url);

/** The text with what the commands in it print now. */
export function play(text: string): string {
  const lines = text.split("\n").filter((line) => !line.startsWith(">"));
  let history = new History();
  const out: string[] = [];
  for (const line of lines) {
    out.push(line);
    if (line.startsWith("#") || line.trim() === "") {
      // A blank line ends a case.
      if (line.trim() === "") history = new History();
      continue;
    }
    for (const printed of run(history, line.trim().split(/\s+/))) out.push(`> ${printed}`);
  }
  return out.join("\n");
}

function run(history: History, [command, ...words]: string[]): string[] {
  switch (command) {
    case "set":
      for (const word of words) history.configure({ [word.split("=")[0]!]: Number(word.split("=")[1]) });
      return [];
    case "keys":
      history.keysMax = Number(words[0]);
      return [];
    case "at":
      history.nowMs = Number(words[0]);
      return [];
    case "batch":
      appendBatch(history, words);
      return [];
    case "commit":
    case "abort":
      history.marker(command, Number(words[0]));
      return [];
    case "roll":
    case "restart":
    case "clean":
      history[command]();
      return [];
    case "show":
      return history.lines();
    case "judge": {
      const { firstDirtyOffset, endOffset, ratio, isDue } = history.find();
      return [
        `dirty ${firstDirtyOffset} to ${endOffset}, ratio ${ratio.toFixed(2)}, ${isDue ? "due" : "not due"}`,
      ];
    }
  }
  throw new TypeError(`Command "${command}" is unknown`);
}

function appendBatch(history: History, words: string[]): void {
  const options: Record<string, unknown> = {};
  const pairs: Pair[] = [];
  for (const word of words) {
    const [name, value] = word.split("=") as [string, string | undefined];
    if (word === "transactional") options.isTransactional = true;
    else if (name === "codec") options.codec = value as CodecName;
    else if (name === "pid") Object.assign(options, { producerId: Number(value), producerEpoch: 0 });
    else if (name === "seq") options.baseSequence = Number(value);
    else pairs.push([name === "-" ? null : name, value ?? null]);
  }
  if (pairs.some(([key]) => key === null)) history.configure({ cleanupCompact: false });
  history.append(pairs, options);
  history.configure({ cleanupCompact: true });
}

if (import.meta.main) {
  for (const entry of Deno.readDirSync(GOLDEN_DIRECTORY)) {
    const url = new URL(entry.name, GOLDEN_DIRECTORY);
    Deno.writeTextFileSync(url, play(Deno.readTextFileSync(url)));
  }
}
