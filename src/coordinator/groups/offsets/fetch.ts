/**
 * Reading committed offsets, Kafka's OffsetFetch: of several groups, of the
 * partitions named or of all that have one. A partition or a group that nobody
 * knows has the offset -1 and no fault. Only a group of the new protocol looks at
 * who asks. There are no transactions yet, so every offset is stable. An answer is
 * bounded, however often a request names the same group or partition.
 */
import {
  type CommittedOffsetEntry,
  type Fault,
  fault,
  type FetchOffsetsCommand,
  OFFSETS_ANSWER_BYTES_MAX,
  type OffsetsFetchedReply,
} from "../../../model/mod.ts";
import { checkConsumerFetch } from "../consumer/mod.ts";
import type { Group } from "../group.ts";
import type { CommittedOffset } from "../record.ts";
import type { OffsetStore } from "./store.ts";

type AskedGroup = FetchOffsetsCommand["groups"][number];

/** What an entry of an answer takes besides its texts, about. */
const ENTRY_BYTES = 64;

/** Answers the command; changes nothing. A group that `faultOf` refuses is not looked at. */
export function fetchOffsets(
  command: FetchOffsetsCommand,
  groups: ReadonlyMap<string, Group>,
  offsets: OffsetStore,
  faultOf: (group: string) => Fault | null,
): OffsetsFetchedReply {
  let roomBytes = OFFSETS_ANSWER_BYTES_MAX;
  const answers = command.groups.map((asked) => {
    const { group } = asked;
    const refused = faultOf(group) ?? checkAsker(groups.get(group), asked);
    if (refused !== null) return { group, fault: refused, entries: [] };
    const entries: CommittedOffsetEntry[] = [];
    for (const entry of entriesOf(asked, offsets)) {
      roomBytes -= ENTRY_BYTES + entry.topic.length + entry.metadata.length;
      if (roomBytes < 0) return { group, fault: tooMuch(), entries: [] };
      entries.push(entry);
    }
    return { group, fault: null, entries };
  });
  return { kind: "offsets_fetched", groups: answers };
}

function tooMuch(): Fault {
  const words =
    `Offsets asked for at once come to more than "${OFFSETS_ANSWER_BYTES_MAX}" bytes, ask for fewer`;
  return fault("INVALID_REQUEST", words);
}

function checkAsker(group: Group | undefined, { memberId, memberEpoch }: AskedGroup): Fault | null {
  return group?.type === "consumer" ? checkConsumerFetch(group, memberId ?? "", memberEpoch) : null;
}

function* entriesOf({ group, entries }: AskedGroup, offsets: OffsetStore): Generator<CommittedOffsetEntry> {
  if (entries === null) {
    for (const { topic, partition, value } of offsets.entries(group)) yield entryOf(topic, partition, value);
    return;
  }
  for (const { topic, partition } of entries) {
    yield entryOf(topic, partition, offsets.get(group, topic, partition));
  }
}

function entryOf(
  topic: string,
  partition: number,
  committed: CommittedOffset | undefined,
): CommittedOffsetEntry {
  const { offset, leaderEpoch, metadata } = committed ?? { offset: -1, leaderEpoch: -1, metadata: "" };
  return { topic, partition, offset, leaderEpoch, metadata, fault: null };
}
