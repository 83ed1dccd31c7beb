/**
 * Where reading goes on, partition by partition: `0:12,1:40`. The text is what
 * links to the next page carry, what a live tail gives as its event ids, and what
 * both take back.
 */
import {
  assert,
  type ListedOffset,
  TIMESTAMP_EARLIEST,
  TIMESTAMP_LATEST,
  type TopicImage,
} from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import type { ConsoleView } from "../view.ts";

/** Next offset by partition. */
export type Positions = Map<number, number>;

/** Where to begin, as a request says it. */
export interface Beginning {
  readonly partition: number | null;
  /** "earliest", "latest", an offset, or a negative number: so many before the end. */
  readonly offset: string;
  /** Milliseconds since 1970, or RFC 3339: the first record at or after it; wins over `offset`. */
  readonly time: string | null;
  /** Wins over all others. */
  readonly positions: string | null;
}

export const POSITIONS_PATTERN = "^\\d{1,6}:\\d{1,16}(,\\d{1,6}:\\d{1,16})*$";

export function positionsText(positions: Positions): string {
  return Array.from(positions, ([partition, offset]) => `${partition}:${offset}`).join(",");
}

/** Finds where to begin in each partition that is read. Throws {@linkcode RequestError}. */
export async function findPositions(
  view: ConsoleView,
  topic: TopicImage,
  beginning: Beginning,
): Promise<Positions> {
  if (beginning.positions !== null) return readPositions(topic, beginning.positions);
  const partitions = choosePartitions(topic, beginning.partition);
  const { offset, time } = beginning;
  if (time !== null) return await findTime(view, topic.name, partitions, timeOf(time));
  if (/^\d/.test(offset)) {
    if (partitions.length > 1) {
      throw new RequestError(400, "An offset wants a partition, for there are several");
    }
    return new Map([[partitions[0]!, offsetOf(offset)]]);
  }
  const earliest = await ask(view, topic.name, partitions, TIMESTAMP_EARLIEST);
  if (offset === "earliest") return earliest;
  const latest = await ask(view, topic.name, partitions, TIMESTAMP_LATEST);
  if (offset === "latest") return latest;
  const before = offsetOf(offset.slice(1));
  for (const [partition, end] of latest) {
    latest.set(partition, Math.max(earliest.get(partition) ?? 0, end - before));
  }
  return latest;
}

/**
 * Finds where a live tail begins. `resumed`: where one was cut off that asked the same; what it has not
 * heard of, of a topic that it follows whole, came since, and past an end that is nearer now there is
 * nothing to wait for. Throws {@linkcode RequestError}, also for a beginning past the end.
 */
export async function findTail(
  view: ConsoleView,
  topic: TopicImage,
  beginning: Beginning,
  resumed: string | null,
): Promise<{ readonly positions: Positions; readonly isWhole: boolean }> {
  const { partition } = beginning;
  const isWhole = partition === null && beginning.positions === null;
  const named = resumed ?? beginning.positions;
  const positions = await findPositions(view, topic, { ...beginning, positions: named });
  if (named === null && !/^\d/.test(beginning.offset)) return { positions, isWhole };
  if (isWhole) {
    for (const { partition } of topic.partitions) positions.set(partition, positions.get(partition) ?? 0);
  }
  for (const [partition, end] of await ask(view, topic.name, [...positions.keys()], TIMESTAMP_LATEST)) {
    const offset = positions.get(partition)!;
    if (offset <= end) continue;
    if (resumed === null) throw pastEnd(topic.name, partition, offset, end);
    positions.set(partition, end);
  }
  return { positions, isWhole };
}

function pastEnd(topic: string, partition: number, offset: number, end: number): RequestError {
  const words = `Offset "${offset}" of "${topic}-${partition}" lies past the end, wanted at most ${end}`;
  return new RequestError(40002, words);
}

function choosePartitions(topic: TopicImage, partition: number | null): number[] {
  if (partition === null) return topic.partitions.map(({ partition }) => partition);
  checkPartition(topic, partition);
  return [partition];
}

function checkPartition({ name, partitions }: TopicImage, partition: number): void {
  if (partition < partitions.length) return;
  const words = `Topic "${name}" has no partition "${partition}", wanted 0 to ${partitions.length - 1}`;
  throw new RequestError(40403, words);
}

function readPositions(topic: TopicImage, text: string): Positions {
  const positions: Positions = new Map();
  for (const part of text.split(",")) {
    const [partition, offset] = part.split(":");
    checkPartition(topic, Number(partition));
    positions.set(Number(partition), offsetOf(offset!));
  }
  return positions;
}

function offsetOf(text: string): number {
  const offset = Number(text);
  if (Number.isSafeInteger(offset)) return offset;
  throw new RequestError(400, `Offset "${text}" is larger than any`);
}

/** A plus sign that was not escaped in a query arrives as a space. Without a zone it is the broker's own time. */
const TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[-+]\d\d:\d\d)?)?$/i;

/** Milliseconds since 1970 of a time as people write it. Throws {@linkcode RequestError}. */
export function timeOf(text: string): number {
  const time = text.replace(/(?<=:\d\d(?:\.\d+)?) (?=\d\d:\d\d$)/, "+");
  const ms = /^\d{1,15}$/.test(time) ? Number(time) : TIME.test(time) ? Date.parse(time) : NaN;
  if (Number.isSafeInteger(ms) && ms >= 0) return ms;
  throw new RequestError(
    400,
    `Time "${text}" is none: wanted are milliseconds since 1970, or 2026-01-31T12:00:00Z`,
  );
}

/** The first record at or after a time; the end where there is none. */
async function findTime(view: ConsoleView, topic: string, partitions: readonly number[], ms: number) {
  const found = await ask(view, topic, partitions, ms);
  const missing = partitions.filter((partition) => found.get(partition) === -1);
  if (missing.length === 0) return found;
  for (const [partition, end] of await ask(view, topic, missing, TIMESTAMP_LATEST)) found.set(partition, end);
  return found;
}

async function ask(
  view: ConsoleView,
  topic: string,
  partitions: readonly number[],
  timestamp: number,
): Promise<Positions> {
  const entries = partitions.map((partition) => ({ topic, partition, timestamp, currentLeaderEpoch: -1 }));
  const reply = await view.ask({ kind: "list_offsets", isolation: "read_committed", entries });
  if (reply.kind === "failed") throw failed(reply.fault);
  assert(reply.kind === "offsets_listed", "offsets are listed when they are asked for");
  return new Map(reply.entries.map((entry) => [entry.partition, offsetIn(entry)]));
}

function offsetIn({ offset, fault }: ListedOffset): number {
  if (fault !== null) throw failed(fault);
  return offset;
}
