/**
 * OffsetFetch, key 9, versions 1 to 10: how far groups have read. A partition
 * without a committed offset is answered with −1 and no error. From version 2 on
 * no topics stand for all of them, and what is wrong with the group is said once
 * instead of at every partition; from version 7 on `requireStable` refuses offsets
 * that an open transaction may change; from version 8 on it asks of several
 * groups; from version 9 on members of the new protocol say their epoch; version
 * 10 names topics by id, and leaves out those that are gone where it asks for
 * all. A coordinator that is not there is told as NOT_COORDINATOR: Java consumers
 * before 3.9 look for it then, and give up on COORDINATOR_NOT_AVAILABLE. KIP-88, KIP-320,
 * KIP-447, KIP-709, KIP-848.
 */
import type { DraftOf, MessageOf } from "../../bytes/mod.ts";
import {
  type CommittedOffsetEntry,
  type Fault,
  type Image,
  type OffsetsFetchedReply,
} from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, failureOf } from "../faults.ts";
import { entriesOf, knownById, named, type NamedTopic } from "../group_topics.ts";
import { OFFSET_FETCH_REQUEST, OFFSET_FETCH_RESPONSE } from "../schemas/offset_fetch.ts";

const GROUP_ERROR_VERSION_MIN = 2;
const SEVERAL_GROUPS_VERSION_MIN = 8;
const IDS_VERSION_MIN = 10;

type Request = MessageOf<typeof OFFSET_FETCH_REQUEST>;
type Response = DraftOf<typeof OFFSET_FETCH_RESPONSE>;

/** One group of the request; `topics` is `null` where it asks for all. */
interface AskedGroup {
  readonly group: string;
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly topics: readonly NamedTopic<number>[] | null;
}

export const offsetFetch = defineApi({
  key: 9,
  request: OFFSET_FETCH_REQUEST,
  response: OFFSET_FETCH_RESPONSE,
  versions: [1, 10],
  serve(request, { version, broker, answer }) {
    const asked = version < SEVERAL_GROUPS_VERSION_MIN
      ? [onlyGroup(request)]
      : groupsOf(request, version, broker.image());
    broker.submit({
      kind: "fetch_offsets",
      requireStable: request.requireStable,
      groups: asked.map(({ topics, ...group }) => ({
        ...group,
        entries: topics === null ? null : entriesOf(topics, (topic, partition) => ({ topic, partition })),
      })),
    }, (reply) => {
      const failed = reply.kind === "offsets_fetched" ? null : failureOf(reply);
      const fetched = (index: number) => reply.kind === "offsets_fetched" ? reply.groups[index] : undefined;
      const groups = asked.map((group, index) => {
        const fault = retriable(failed ?? fetched(index)?.fault ?? null);
        return { asked: group, fault, fetched: fetched(index) };
      });
      if (version < SEVERAL_GROUPS_VERSION_MIN) return answer(sayOne(groups[0]!, version));
      answer({ groups: groups.map((group) => sayGroup(group, version, broker.image())) });
    });
  },
});

function retriable(failed: Fault | null): Fault | null {
  if (failed?.code !== "COORDINATOR_NOT_AVAILABLE") return failed;
  return { ...failed, code: "NOT_COORDINATOR" };
}

function onlyGroup({ groupId, topics }: Request): AskedGroup {
  const asked = topics?.map(({ name, partitionIndexes }) => {
    return named({ name, topicId: "", partitions: partitionIndexes });
  });
  return { group: groupId, memberId: null, memberEpoch: -1, topics: asked ?? null };
}

function groupsOf({ groups }: Request, version: number, image: Image): AskedGroup[] {
  return groups.map(({ groupId, memberId, memberEpoch, topics }) => {
    const asked = topics?.map(({ name, topicId, partitionIndexes }) => {
      const topic = { name, topicId, partitions: partitionIndexes };
      return version < IDS_VERSION_MIN ? named(topic) : knownById(image, topic);
    });
    return { group: groupId, memberId, memberEpoch, topics: asked ?? null };
  });
}

interface FetchedGroup {
  readonly asked: AskedGroup;
  /** Of the group as a whole. */
  readonly fault: Fault | null;
  readonly fetched: OffsetsFetchedReply["groups"][number] | undefined;
}

function sayOne({ asked, fault, fetched }: FetchedGroup, version: number): Response {
  if (fault !== null && version < GROUP_ERROR_VERSION_MIN) {
    const topics = (asked.topics ?? []).map((topic) => ({ ...topic, partitions: refusals(topic, fault) }));
    return { topics };
  }
  const topics = fault === null ? sayEntries(fetched?.entries ?? []) : [];
  return { errorCode: errorCode(fault), topics };
}

function sayGroup({ asked, fault, fetched }: FetchedGroup, version: number, image: Image) {
  const groupId = asked.group;
  if (fault !== null) return { groupId, errorCode: errorCode(fault), topics: [] };
  const kept = sayEntries(fetched?.entries ?? []);
  if (version < IDS_VERSION_MIN) return { groupId, topics: kept };
  const withIds = kept.flatMap((topic) => {
    const topicId = image.topics.get(topic.name)?.id;
    return topicId === undefined ? [] : [{ ...topic, topicId }];
  });
  const refused = (asked.topics ?? []).flatMap((topic) => {
    return topic.refused === null ? [] : [{ ...topic, partitions: refusals(topic, topic.refused) }];
  });
  return { groupId, topics: [...withIds, ...refused] };
}

/** The entries by topic, the topics in the order they come first. */
function sayEntries(entries: readonly CommittedOffsetEntry[]) {
  const topics = Map.groupBy(entries, ({ topic }) => topic);
  return [...topics].map(([name, entries]) => ({
    name,
    partitions: entries.map(({ partition, offset, leaderEpoch, metadata, fault }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch,
      metadata,
      errorCode: errorCode(fault),
    })),
  }));
}

function refusals({ partitions }: NamedTopic<number>, fault: Fault) {
  return partitions.map((partitionIndex) => (
    { partitionIndex, committedOffset: -1, metadata: "", errorCode: errorCode(fault) }
  ));
}
