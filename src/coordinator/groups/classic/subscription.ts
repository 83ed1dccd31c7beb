/**
 * A peek into what members of the type "consumer" subscribe to, so that offsets of
 * topics nobody reads may expire. The bytes stay the clients' own affair: what
 * cannot be read makes the topics unknown, never an error.
 *
 *     version int16, topics [string], ... (ConsumerProtocolSubscription: every version begins like this)
 */
import { DecodeError, Reader } from "../../../bytes/mod.ts";
import type { ClassicMember } from "./group.ts";

/** The protocol type of consumers. */
const CONSUMER_TYPE = "consumer";

/** Topics the members subscribe to under `protocol`; `null` when that cannot be told. */
export function subscribedTopics(
  protocolType: string | null,
  protocol: string | null,
  members: Iterable<Pick<ClassicMember, "protocols">>,
): ReadonlySet<string> | null {
  if (protocolType !== CONSUMER_TYPE) return null;
  const topics = new Set<string>();
  for (const { protocols } of members) {
    const bytes = protocols.find(({ name }) => name === protocol)?.metadata;
    const read = bytes === undefined ? null : topicsIn(bytes);
    if (read === null) return null;
    for (const topic of read) topics.add(topic);
  }
  return topics;
}

/** Topics of one subscription; `null` when the bytes are not one. */
export function topicsIn(bytes: Uint8Array): readonly string[] | null {
  try {
    const reader = new Reader(bytes);
    if (reader.readInt16() < 0) return null;
    return Array.from({ length: reader.readArrayCount() }, () => reader.readString());
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
