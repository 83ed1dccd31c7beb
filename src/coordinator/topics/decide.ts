/**
 * Topics as a machine of words: a command against the image gives events and
 * answers, and changes nothing. `applyEvents` of the model is the only mutator.
 * Pure; called by the coordinator and by the simulation.
 */
import type { CoordinatorCommand, Image, TopicAnswer } from "../../model/mod.ts";
import { decideAddPartitions } from "./add_partitions.ts";
import { decideAlter } from "./alter.ts";
import type { DecideContext, Decision } from "./context.ts";
import { decideCreate } from "./create.ts";
import { decideDelete } from "./delete.ts";

/** The commands on topics. */
export type TopicsCommand = Extract<
  CoordinatorCommand,
  { kind: "create_topics" | "delete_topics" | "alter_topics" | "add_partitions" }
>;

/**
 * Decides one command. With `validateOnly` the answers are the same, except that
 * no id is given out, and there are no events.
 *
 * @example
 * ```ts
 * const { events, answers } = decideTopics(IMAGE_EMPTY, command, context);
 * const image = applyEvents(IMAGE_EMPTY, events);
 * ```
 */
export function decideTopics(image: Image, command: TopicsCommand, context: DecideContext): Decision {
  const decision = dispatch(image, command, context);
  const dry = "validateOnly" in command && command.validateOnly;
  return dry ? { events: [], answers: decision.answers.map(withoutId) } : decision;
}

function withoutId(answer: TopicAnswer): TopicAnswer {
  return answer.created === undefined ? answer : { ...answer, created: { ...answer.created, id: "" } };
}

function dispatch(image: Image, command: TopicsCommand, context: DecideContext): Decision {
  switch (command.kind) {
    case "create_topics":
      return decideCreate(image, command, context);
    case "delete_topics":
      return decideDelete(image, command, context.settings);
    case "alter_topics":
      return decideAlter(image, command, context.settings);
    case "add_partitions":
      return decideAddPartitions(image, command, context.settings);
  }
}
