/**
 * What deciding on topics takes and gives. `decide` functions read the image
 * and the context, and never change either; the events they give are applied by
 * `applyEvents` of the model alone.
 */
import {
  type CoordinatorSettings,
  type Fault,
  fault,
  type MetadataEvent,
  type TopicAnswer,
  TOPICS_PER_COMMAND_MAX,
} from "../../model/mod.ts";

/** What a decision depends on besides the image. */
export interface DecideContext {
  readonly settings: CoordinatorSettings;
  /** A topic id nobody has: 22 characters of base64url. */
  readonly newId: () => string;
}

/** What a command does: all its events or none, and an answer for each topic it names, in its order. */
export interface Decision {
  readonly events: readonly MetadataEvent[];
  readonly answers: readonly TopicAnswer[];
}

/** What becomes of one topic of a command: its event, its fault, or `null` where there is nothing to do. */
export type Outcome = MetadataEvent | Fault | null;

/**
 * Decides each item on its own; items that name a topic twice, or a command
 * with too many, are INVALID_REQUEST. The same for every command on topics.
 */
export function decideEach<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  decideOne: (item: Item) => Outcome,
): Decision {
  const common = items.length > TOPICS_PER_COMMAND_MAX ? tooMany(items.length) : null;
  const twice = namesGivenTwice(items.map(nameOf));
  const events: MetadataEvent[] = [];
  const answers = items.map((item) => {
    const name = nameOf(item);
    const outcome = common ?? (twice.has(name) ? givenTwice(name) : decideOne(item));
    if (outcome !== null && "code" in outcome) return { name, fault: outcome };
    if (outcome === null) return { name, fault: null };
    events.push(outcome);
    return outcome.kind === "topic_created"
      ? { name, fault: null, created: outcome.topic }
      : { name, fault: null };
  });
  return { events, answers };
}

/** UNKNOWN_TOPIC_OR_PARTITION for a topic that is not there. */
export function unknownTopic(name: string): Fault {
  return fault("UNKNOWN_TOPIC_OR_PARTITION", `Topic "${name}" does not exist`);
}

function namesGivenTwice(names: readonly string[]): ReadonlySet<string> {
  const once = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) {
    if (once.has(name)) twice.add(name);
    else once.add(name);
  }
  return twice;
}

function givenTwice(name: string): Fault {
  return fault("INVALID_REQUEST", `Topic "${name}" is named more than once in one request`);
}

function tooMany(count: number): Fault {
  const words = `Request names "${count}" topics, wanted are at most ${TOPICS_PER_COMMAND_MAX}`;
  return fault("INVALID_REQUEST", words);
}
