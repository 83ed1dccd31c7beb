/**
 * What an operation of the native door is: a request decoder that gives a command
 * (or throws FieldError), and a reply encoder. One file a family; `registry.ts`
 * lists them by name.
 */
import type { Command, Reply } from "../../model/mod.ts";
import type { Message } from "../frame.ts";

/** What a reply may need to know of its connection. */
export interface ReplyContext {
  readonly clusterId: string;
  /** Brokers with the addresses this client can reach them at. */
  readonly brokers: readonly { readonly node: number; readonly host: string; readonly port: number }[];
}

export interface Operation {
  /** Throws FieldError. Binary fields of the command are views of the frame. */
  decode(message: Message): Command;
  /** Chunks of the reply frame; `c` is the correlation id. The reply is not of kind "failed". */
  encode(c: number, reply: Reply, context: ReplyContext): Uint8Array[];
}

/** Narrows a reply to the kind its command is answered with. */
export function replyOf<Kind extends Reply["kind"]>(
  reply: Reply,
  kind: Kind,
): Extract<Reply, { kind: Kind }> {
  if (reply.kind !== kind) throw new TypeError(`Reply is of kind "${reply.kind}", wanted "${kind}"`);
  return reply as Extract<Reply, { kind: Kind }>;
}
