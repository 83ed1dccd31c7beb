/**
 * Topics as a machine of words: a command against the image gives events and
 * answers, and changes nothing. `applyEvents` of the model is the only mutator.
 * Pure; called by the coordinator and by the simulation.
 */
import type { CoordinatorCommand, Image } from "../../model/mod.ts";
import { decideAddPartitions } from "./add_partitions.ts";
import { decideAlter } from "./alter.ts";
import type { DecideContext, Decision } from "./context.ts";
import { decideCreate } from "./create.ts";
import { decideDelete } from "./delete.ts";

/**
 * Decides one command. With `validateOnly` the answers are the same and there
 * are no events.
 *
 * @example
 * ```ts
 * const { events, answers } = decideTopics(IMAGE_EMPTY, command, context);
 * const image = applyEvents(IMAGE_EMPTY, events);
 * ```
 */
export function decideTopics(image: Image, command: CoordinatorCommand, context: DecideContext): Decision {
  const decision = dispatch(image, command, context);
  const dry = "validateOnly" in command && command.validateOnly;
  return dry ? { events: [], answers: decision.answers } : decision;
}

function dispatch(image: Image, command: CoordinatorCommand, context: DecideContext): Decision {
  switch (command.kind) {
    case "create_topics":
      return decideCreate(image, command, context);
    case "delete_topics":
      return decideDelete(image, command, context.settings);
    case "alter_topics":
      return decideAlter(image, command);
    case "add_partitions":
      return decideAddPartitions(image, command, context.settings);
  }
}
