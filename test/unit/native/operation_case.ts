/** What a case of an operation is, and the fault that all of them use. */
import { type Command, fault, type Reply } from "../../../src/model/mod.ts";
import type { NativeReplies, NativeRequests, Operation } from "../../../src/native/mod.ts";

/** What goes in and comes out of one operation. */
export interface Case<Name extends Operation> {
  readonly request: NativeRequests[Name];
  readonly command: Command;
  readonly reply: Reply;
  readonly answer: NativeReplies[Name];
}

/** A fault, and how the wire has it. */
export const NO_TOPIC = fault("UNKNOWN_TOPIC_OR_PARTITION", "No topic");
export const e = { code: "UNKNOWN_TOPIC_OR_PARTITION", message: "No topic", retriable: true } as const;
