/**
 * One question to a partition's worker for each entry of a command, whose entries
 * are independent of each other; the answers gathered in their order. What every
 * per-partition command but fetch does.
 */
import { type Fault, fault, isFaultCode, type Receiver, type ShardOutput } from "../model/mod.ts";
import type { Deadlines } from "./deadlines.ts";
import { EntryGather } from "./gather_entries.ts";
import { isFault, locate } from "./locate.ts";
import type { Place, RouterPorts } from "./ports.ts";

/** How long a worker may take for what should take microseconds. */
export const ANSWER_MS_MAX = 30_000;

/** What the commands of a router share. */
export interface Routes {
  readonly ports: RouterPorts;
  readonly deadlines: Deadlines;
}

interface Entry {
  readonly topic: string;
  readonly partition: number;
}

/** What came for an entry: the output asked for, or why there is none. */
export type Found<Kind extends ShardOutput["kind"]> =
  | Extract<ShardOutput, { kind: Kind }>
  | { readonly kind: "fault"; readonly fault: Fault };

export interface Asking<From extends Entry, Kind extends ShardOutput["kind"], Answer> {
  readonly entries: readonly From[];
  /** The output that answers the question. */
  readonly kind: Kind;
  readonly waitMsMax: number;
  readonly ask: (place: Place, entry: From, receiver: Receiver) => void;
  readonly answer: (entry: From, found: Found<Kind>) => Answer;
  readonly done: (answers: Answer[]) => void;
}

/** Asks for each entry and calls `done` once, when the last has its answer or its fault. */
export function askEntries<From extends Entry, Kind extends ShardOutput["kind"], Answer>(
  { ports, deadlines }: Routes,
  { entries, kind, waitMsMax, ask, answer, done }: Asking<From, Kind, Answer>,
): void {
  const gather = new EntryGather(
    entries.length,
    ports.nowMs() + waitMsMax,
    deadlines,
    (index, output) => answer(entries[index]!, foundIn(output, kind)),
    done,
  );
  entries.forEach((entry, index) => {
    const place = locate(ports, entry.topic, entry.partition);
    if (isFault(place)) gather.settle(index, place);
    else ask(place, entry, gather.receiver(index));
  });
  gather.seal();
}

/** An output of another kind than the one asked for is a fault, too. */
function foundIn<Kind extends ShardOutput["kind"]>(output: ShardOutput | Fault, kind: Kind): Found<Kind> {
  if ("code" in output && isFaultCode(output.code)) return { kind: "fault", fault: output };
  const answer = output as ShardOutput;
  if (answer.kind === kind) return answer as Extract<ShardOutput, { kind: Kind }>;
  const words = `A worker answered "${answer.kind}", wanted "${kind}"`;
  return { kind: "fault", fault: fault("UNKNOWN_SERVER_ERROR", words) };
}
