/**
 * What an operation of the native door is: a request decoder that gives a command
 * (or throws FieldError), and a reply encoder. One file a family; `registry.ts`
 * lists them by name.
 */
import type { Command, GroupClient, Image, Reply } from "../../model/mod.ts";
import type { Message } from "../frame.ts";

/** What requests and replies may need to know of their connection, and of the cluster. */
export interface SessionContext extends GroupClient {
  readonly clusterId: string;
  /** Brokers with the addresses this client can reach them at. */
  readonly brokers: readonly { readonly node: number; readonly host: string; readonly port: number }[];
  image(): Image;
}

export interface Operation {
  /** Throws FieldError. Binary fields of the command are views of the frame. */
  decode(message: Message, context: SessionContext): Command;
  /** Chunks of the reply frame; `c` is the correlation id. The reply is not of kind "failed". */
  encode(c: number, reply: Reply, context: SessionContext): Uint8Array[];
}

/** Narrows a reply to the kind its command is answered with. */
export function replyOf<Kind extends Reply["kind"]>(
  reply: Reply,
  kind: Kind,
): Extract<Reply, { kind: Kind }> {
  if (reply.kind !== kind) throw new TypeError(`Reply is of kind "${reply.kind}", wanted "${kind}"`);
  return reply as Extract<Reply, { kind: Kind }>;
}
