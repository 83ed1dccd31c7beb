/** One question to a worker as a promise: for what is asked rarely, about a whole worker. */
import type { Receiver, ShardOutput } from "../model/mod.ts";
import type { Outbox } from "./outbox.ts";

/** The output for a question, or `null` when the worker died before it answered. */
export function answerOf(
  outbox: Outbox,
  question: { kind: "describe"; handles: readonly number[] } | { kind: "stop" },
): Promise<ShardOutput | null> {
  return new Promise((resolve) => {
    const receiver: Receiver = { receive: (output) => resolve(output), fail: () => resolve(null) };
    outbox.ask(question, receiver);
  });
}
