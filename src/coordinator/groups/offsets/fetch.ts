/**
 * Reading committed offsets, Kafka's OffsetFetch: of several groups, of the
 * partitions named or of all that have one. A partition or a group that nobody
 * knows has the offset -1 and no fault. Only a group of the new protocol looks at
 * who asks. There are no transactions yet, so every offset is stable.
 */
import type {
  CommittedOffsetEntry,
  Fault,
  FetchOffsetsCommand,
  OffsetsFetchedReply,
} from "../../../model/mod.ts";
import { checkConsumerFetch } from "../consumer/mod.ts";
import type { Group } from "../group.ts";
import type { CommittedOffset } from "../record.ts";
import type { OffsetStore } from "./store.ts";

type AskedGroup = FetchOffsetsCommand["groups"][number];

/** Answers the command; changes nothing. A group that `faultOf` refuses is not looked at. */
export function fetchOffsets(
  command: FetchOffsetsCommand,
  groups: ReadonlyMap<string, Group>,
  offsets: OffsetStore,
  faultOf: (group: string) => Fault | null,
): OffsetsFetchedReply {
  const answers = command.groups.map((asked) => {
    const fault = faultOf(asked.group) ?? checkAsker(groups.get(asked.group), asked);
    return { group: asked.group, fault, entries: fault === null ? entriesOf(asked, offsets) : [] };
  });
  return { kind: "offsets_fetched", groups: answers };
}

function checkAsker(group: Group | undefined, { memberId, memberEpoch }: AskedGroup): Fault | null {
  return group?.type === "consumer" ? checkConsumerFetch(group, memberId ?? "", memberEpoch) : null;
}

function entriesOf({ group, entries }: AskedGroup, offsets: OffsetStore): CommittedOffsetEntry[] {
  if (entries === null) {
    return Array.from(
      offsets.entries(group),
      ({ topic, partition, value }) => entryOf(topic, partition, value),
    );
  }
  return entries.map(({ topic, partition }) =>
    entryOf(topic, partition, offsets.get(group, topic, partition))
  );
}

function entryOf(
  topic: string,
  partition: number,
  committed: CommittedOffset | undefined,
): CommittedOffsetEntry {
  const { offset, leaderEpoch, metadata } = committed ?? { offset: -1, leaderEpoch: -1, metadata: "" };
  return { topic, partition, offset, leaderEpoch, metadata, fault: null };
}
