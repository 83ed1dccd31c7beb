/**
 * One command against the image and the producer ids at hand: events, and the
 * reply for when they are in the journal. Changes nothing. Called by the
 * coordinator.
 */
import type { CoordinatorCommand, Fault, GroupCommand, Image, MetadataEvent, Reply } from "../model/mod.ts";
import { decideAlterBroker } from "./broker/alter.ts";
import { decideProducerId, type ProducerIdBlock } from "./producers/ids.ts";
import type { DecideContext } from "./topics/context.ts";
import { decideTopics } from "./topics/decide.ts";

/** What a command does: all its events or none. */
export interface Decided {
  readonly events: readonly MetadataEvent[];
  readonly reply: Reply;
  /** The producer ids left once the events are in the journal. */
  readonly block: ProducerIdBlock;
}

/** Commands on topics, the broker and producer ids. */
type ClusterCommand = Exclude<CoordinatorCommand, GroupCommand>;

/** Decides one command. */
export function decide(
  image: Image,
  block: ProducerIdBlock,
  command: ClusterCommand,
  context: DecideContext,
): Decided {
  if (command.kind === "init_producer_id") return giveProducerId(image, block);
  if (command.kind === "alter_broker") {
    const outcome = decideAlterBroker(image, command, context.settings);
    if (outcome !== null && "code" in outcome) return refused(outcome, block);
    return { events: outcome === null ? [] : [outcome], reply: { kind: "broker_altered" }, block };
  }
  const { events, answers } = decideTopics(image, command, context);
  return { events, reply: { kind: "topics_changed", topics: answers }, block };
}

/** The reply when the events of `reply` could not be kept. */
export function refuse(reply: Reply, failed: Fault): Reply {
  if (reply.kind !== "topics_changed") return { kind: "failed", fault: failed };
  const topics = reply.topics.map(({ name, fault }) => ({ name, fault: fault ?? failed }));
  return { kind: "topics_changed", topics };
}

function giveProducerId(image: Image, block: ProducerIdBlock): Decided {
  const decision = decideProducerId(image, block);
  if ("code" in decision) return refused(decision, block);
  const { producerId } = decision;
  return { ...decision, reply: { kind: "producer_id", producerId, producerEpoch: 0 } };
}

function refused(fault: Fault, block: ProducerIdBlock): Decided {
  return { events: [], reply: { kind: "failed", fault }, block };
}
