/**
 * Fetch, key 1, versions 4 to 18: whole batches from many partitions, with a long
 * poll. Records leave as they lie on disk, and are empty, never null, where there
 * are none (KAFKA-18646). Sessions (version 7) are in `fetch_sessions.ts`; from
 * version 13 on topics go by id. The last fetched epoch (version 12) tells a client
 * that the log was cut below it.
 *
 * Not done: aborted transactions, for there are none; replicas that fetch; a
 * preferred replica other than none. KIP-74, KIP-227, KIP-320, KIP-392, KIP-516,
 * KIP-595, KIP-951.
 */
import type { DraftOf, MessageOf } from "../../bytes/mod.ts";
import { fault, type FetchedEntry, fetchedNothing, type FetchEntry, type Reply } from "../../model/mod.ts";
import { type Call, defineApi } from "../api.ts";
import { errorCode } from "../faults.ts";
import { type FetchPlan, openPlan, type PlannedPartition } from "../fetch_plan.ts";
import { FETCH_REQUEST, FETCH_RESPONSE } from "../schemas/fetch.ts";

type Request = MessageOf<typeof FETCH_REQUEST>;
type Response = DraftOf<typeof FETCH_RESPONSE>;
type Topic = NonNullable<Response["responses"]>[number];
type Partition = NonNullable<Topic["partitions"]>[number];

const READ_COMMITTED = 1;

export const fetch = defineApi({
  key: 1,
  request: FETCH_REQUEST,
  response: FETCH_RESPONSE,
  versions: [4, 18],
  serve(request, call) {
    const plan = openPlan(request, call);
    if ("code" in plan) return call.answer({ errorCode: errorCode(plan) });
    const asked = plan.partitions.filter(({ refused }) => refused === null);
    call.weigh(Math.min(Math.max(0, request.maxBytes), call.broker.fetchBytesMax));
    const command = {
      kind: "fetch",
      // What is refused here must be told at once.
      waitMsMax: asked.length < plan.partitions.length ? 0 : Math.max(0, request.maxWaitMs),
      bytesMin: request.minBytes,
      bytesMax: Math.max(0, request.maxBytes),
      isolation: request.isolationLevel === READ_COMMITTED ? "read_committed" : "read_uncommitted",
      entries: asked.map(entryOf),
    } as const;
    if (asked.length === 0) return answer(plan, [], request, call, null);
    call.broker.submit(command, (reply) => {
      const lease = reply.kind === "fetched" ? reply.lease : null;
      answer(plan, entriesOf(reply, asked), request, call, lease);
    });
  },
});

function entryOf(
  { topic, partition, offset, bytesMax, currentLeaderEpoch, lastFetchedEpoch }: PlannedPartition,
): FetchEntry {
  return { topic, partition, offset, bytesMax, currentLeaderEpoch, lastFetchedEpoch };
}

function entriesOf(reply: Reply, asked: readonly PlannedPartition[]): readonly FetchedEntry[] {
  if (reply.kind === "fetched") return reply.entries;
  const failed = reply.kind === "failed" ? reply.fault : fault("UNKNOWN_SERVER_ERROR", "");
  return asked.map(({ topic, partition }) => fetchedNothing(topic, partition, failed));
}

function answer(
  plan: FetchPlan,
  entries: readonly FetchedEntry[],
  request: Request,
  call: Call<Response>,
  lease: Parameters<Call<Response>["answer"]>[1] & object | null,
): void {
  const topics = new Map<string, { topic: string; topicId: string; partitions: Partition[] }>();
  let next = 0;
  for (const planned of plan.partitions) {
    const entry = planned.refused === null
      ? entries[next++]!
      : fetchedNothing(planned.topic, planned.partition, planned.refused);
    if (plan.session !== null && !plan.session.isNews(planned.key, entry) && plan.isIncremental) continue;
    const place = `${planned.topic} ${planned.topicId}`;
    let topic = topics.get(place);
    if (topic === undefined) {
      topics.set(place, topic = { topic: planned.topic, topicId: planned.topicId, partitions: [] });
    }
    topic.partitions.push(answerPartition(entry, request, call));
  }
  call.answer({ sessionId: plan.session?.id ?? 0, responses: [...topics.values()] }, lease);
}

function answerPartition(entry: FetchedEntry, request: Request, call: Call<Response>): Partition {
  const code = errorCode(entry.fault);
  const isCommitted = request.isolationLevel === READ_COMMITTED;
  const { divergingEpoch } = entry;
  return {
    partitionIndex: entry.partition,
    errorCode: code,
    highWatermark: entry.highWatermark,
    lastStableOffset: entry.lastStableOffset,
    logStartOffset: entry.logStartOffset,
    abortedTransactions: isCommitted && entry.fault === null ? [] : null,
    records: entry.records,
    ...(divergingEpoch !== null && divergingEpoch !== undefined
      ? { divergingEpoch: { epoch: divergingEpoch.leaderEpoch, endOffset: divergingEpoch.endOffset } }
      : {}),
    ...leaderOf(entry, call),
  };
}

/** Who leads now, for a client whose epoch is not the partition's (KIP-951, version 12). */
function leaderOf({ topic, partition, fault }: FetchedEntry, call: Call<Response>): Partial<Partition> {
  if (fault === null || call.version < 12) return {};
  if (fault.code !== "NOT_LEADER_OR_FOLLOWER" && fault.code !== "FENCED_LEADER_EPOCH") return {};
  const image = call.broker.image().topics.get(topic)?.partitions[partition];
  if (image === undefined) return {};
  return { currentLeader: { leaderId: image.leader, leaderEpoch: image.leaderEpoch } };
}
