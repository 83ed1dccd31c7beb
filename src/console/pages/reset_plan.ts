/** Where each partition of a group would go if it were reset: worked out for the preview, and read back from its form. */
import { assert, type OffsetToCommit, type TopicImage } from "../../model/mod.ts";
import { RequestError } from "../failure.ts";
import type { Lag } from "../groups.ts";
import { findPositions, type Positions } from "../records/positions.ts";
import type { ConsoleView } from "../view.ts";
import { FieldError, timeIn } from "./form.ts";
import type { GroupFacts } from "./group_facts.ts";

export const TARGETS = [
  ["earliest", "The oldest record"],
  ["latest", "The end"],
  ["offset", "An offset"],
  ["time", "A time"],
  ["shift", "So many records on or back"],
] as const;

/** One partition's move. */
export interface Move {
  readonly topic: string;
  readonly partition: number;
  /** −1: nothing was committed. */
  readonly before: number;
  readonly after: number;
  readonly end: number;
}

/** What is to be reset, as it was typed. */
interface Wish {
  readonly topic: string;
  readonly partition: number | null;
  readonly to: string;
  readonly at: string;
}

/** The moves that an address asks for. Throws {@linkcode RequestError}. */
export async function planMoves(
  view: ConsoleView,
  { lags }: GroupFacts,
  query: URLSearchParams,
): Promise<Move[]> {
  const wish = readWish(query);
  const names = wish.topic === "" ? [...new Set(lags.map(({ topic }) => topic))] : [wish.topic];
  const moves: Move[] = [];
  for (const name of names) {
    const topic = view.image().topics.get(name);
    if (topic === undefined) throw new FieldError("topic", `Topic "${name}" does not exist`);
    moves.push(...await movesIn(view, topic, lags.filter((lag) => lag.topic === name), wish));
  }
  if (moves.length === 0) {
    throw new FieldError("topic", "The group has committed nothing there: choose a topic");
  }
  return moves;
}

function readWish(query: URLSearchParams): Wish {
  const text = (name: string) => (query.get(name) ?? "").trim();
  const [partition, to, at] = [text("partition"), text("to"), text("at")];
  if (!/^\d{0,6}$/.test(partition)) {
    throw new FieldError("partition", `Partition "${partition}" is no number`);
  }
  if (to === "time") timeIn("at", at);
  if (to === "offset" && !/^\d{1,15}$/.test(at)) {
    throw new FieldError("at", `Offset "${at}" must be a whole number, such as 0 or 1200`);
  }
  if (to === "shift" && !/^[-+]?\d{1,15}$/.test(at)) {
    throw new FieldError("at", `"${at}" must be a whole number, such as -100 for a hundred records back`);
  }
  return { topic: text("topic"), partition: partition === "" ? null : Number(partition), to, at };
}

/** What a topic's partitions are between, and, for a time, where it lies; asked once for all of them. */
interface Places {
  readonly starts: Positions;
  readonly ends: Positions;
  readonly times: Positions;
}

async function placesIn(view: ConsoleView, topic: TopicImage, { to, at }: Wish): Promise<Places> {
  const find = (offset: string, time: string | null) =>
    findPositions(view, topic, { partition: null, offset, time, positions: null });
  const starts = await find("earliest", null);
  const ends = await find("latest", null);
  return { starts, ends, times: to === "time" ? await find("earliest", String(timeIn("at", at))) : starts };
}

async function movesIn(
  view: ConsoleView,
  topic: TopicImage,
  committed: readonly Lag[],
  wish: Wish,
): Promise<Move[]> {
  const { name, partitions } = topic;
  if (wish.partition !== null && wish.partition >= partitions.length) {
    const words = `Topic "${name}" has no partition "${wish.partition}", wanted 0 to ${
      partitions.length - 1
    }`;
    throw new FieldError("partition", words);
  }
  const offsets = new Map(committed.map(({ partition, committedOffset }) => [partition, committedOffset]));
  const all = wish.topic === "" || offsets.size > 0 ? [...offsets.keys()] : [...partitions.keys()];
  const chosen = wish.partition === null ? all : [wish.partition];
  const places = await placesIn(view, topic, wish);
  return chosen.map((partition) => {
    const before = offsets.get(partition) ?? -1;
    const after = goal(wish, places, partition, before);
    return { topic: name, partition, before, after, end: places.ends.get(partition)! };
  });
}

function goal({ to, at }: Wish, { starts, ends, times }: Places, partition: number, before: number): number {
  const [start, end] = [starts.get(partition), ends.get(partition)];
  assert(start !== undefined && end !== undefined, "each partition has a beginning and an end");
  const within = (offset: number) => Math.min(end, Math.max(start, offset));
  switch (to) {
    case "latest":
      return end;
    case "offset":
      return within(Number(at));
    case "time":
      return times.get(partition)!;
    case "shift":
      return within((before < 0 ? start : before) + Number(at));
    default:
      return start;
  }
}

/** The moves as a form carries them. */
export function movesText(moves: readonly Move[]): string {
  return JSON.stringify(moves.map(({ topic, partition, after }) => [topic, partition, after]));
}

/** What the form of the preview says to commit. Throws {@linkcode RequestError}. */
export function readMoves(text: string): OffsetToCommit[] {
  let moves: unknown;
  try {
    moves = JSON.parse(text);
  } catch {
    moves = null;
  }
  if (!Array.isArray(moves) || moves.length === 0 || !moves.every(isMove)) {
    throw new RequestError(400, "The form does not say what to reset: preview it first");
  }
  return moves.map(([topic, partition, offset]) => (
    { topic, partition, offset, leaderEpoch: -1, metadata: null }
  ));
}

function isMove(move: unknown): move is [topic: string, partition: number, offset: number] {
  return Array.isArray(move) && typeof move[0] === "string" && Number.isSafeInteger(move[1]) &&
    Number.isSafeInteger(move[2]);
}
