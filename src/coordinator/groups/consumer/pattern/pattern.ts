/**
 * Regular expressions of subscriptions, in RE2's syntax, which Kafka asks for.
 * They are not handed to JavaScript's own engine, which knows more than RE2
 * (lookaround, back-references) and can take exponential time. A library knows
 * them (`re2.ts`); it costs a thread some 20 ms and 8 MB, so the shell loads it
 * when the first pattern comes, and no turn that needs it runs before.
 */
import type { CoordinatorInput } from "../../../../model/mod.ts";

/** True when a topic's whole name is meant. */
export type TopicPattern = (name: string) => boolean;

/** Gives a pattern ready to match, or what is wrong with it, in words for whoever wrote it. */
export type CompilePattern = (pattern: string) => TopicPattern | string;

/** True when an input brings a pattern, known or not. */
export function bringsPattern(input: CoordinatorInput): boolean {
  if (input.kind !== "decide" || input.command.kind !== "consumer_heartbeat") return false;
  const { subscribedPattern } = input.command;
  return subscribedPattern !== null && subscribedPattern !== "";
}
