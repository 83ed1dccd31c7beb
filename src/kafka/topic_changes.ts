/**
 * Topics named in one request that changes them: those refused at the door and
 * those the broker decides on, put back together in the request's order. A topic
 * named twice is refused each time, whatever else is wrong with it. Called by
 * CreateTopics and DeleteTopics.
 */
import { type Command, type Fault, fault, type Submit, type TopicAnswer } from "../model/mod.ts";
import { failureOf } from "./faults.ts";

/** One topic of the request: what the command says of it, or why it is not in the command. */
export type PlannedTopic<Item> =
  | { readonly name: string; readonly refused: null; readonly item: Item }
  | { readonly name: string | null; readonly refused: Fault };

/** A topic's answer; its name is `null` where the request has none that is known. */
export type PlannedAnswer = Omit<TopicAnswer, "name"> & { readonly name: string | null };

/** Submits `commandOf` the topics that were not refused; calls `done` once, with an answer for each topic. */
export function changeTopics<Item>(
  submit: Submit,
  topics: readonly PlannedTopic<Item>[],
  commandOf: (items: readonly Item[]) => Command,
  done: (answers: readonly PlannedAnswer[]) => void,
): void {
  const planned = refuseTwice(topics);
  const items = planned.flatMap((topic) => topic.refused === null ? [topic.item] : []);
  const finish = (answerAt: (position: number) => Omit<TopicAnswer, "name">) => {
    let next = 0;
    done(planned.map((topic) => (
      { ...(topic.refused === null ? answerAt(next++) : { fault: topic.refused }), name: topic.name }
    )));
  };
  if (items.length === 0) return finish(() => ({ fault: null }));
  submit(commandOf(items), (reply) => {
    if (reply.kind === "topics_changed") return finish((position) => reply.topics[position]!);
    const failed = failureOf(reply);
    finish(() => ({ fault: failed }));
  });
}

function refuseTwice<Item>(topics: readonly PlannedTopic<Item>[]): readonly PlannedTopic<Item>[] {
  const counts = new Map<string | null, number>();
  for (const { name } of topics) counts.set(name, (counts.get(name) ?? 0) + 1);
  return topics.map((topic) => {
    if (topic.name === null || counts.get(topic.name) === 1) return topic;
    const words = `Topic "${topic.name}" is named more than once in one request`;
    return { name: topic.name, refused: fault("INVALID_REQUEST", words) };
  });
}
