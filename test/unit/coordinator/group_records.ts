/** Random records of groups, of every kind, and the image they lie in. */
import fc from "fast-check";
import type { GroupRecord } from "../../../src/coordinator/groups/record.ts";
import { applyEvents, type Image, IMAGE_EMPTY, OFFSETS_TOPIC } from "../../../src/model/mod.ts";

const TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAqw";
const ORDERS_ID = "AAAAAAAAAAAAAAAAAAAAbw";

/** An image with a topic "orders" and `__consumer_offsets` of so many partitions. */
export function imageWith(partitionCount: number): Image {
  const topic = (name: string, id: string, count: number) => ({
    name,
    id,
    internal: name === OFFSETS_TOPIC,
    settings: {},
    partitions: Array.from({ length: count }, (_, partition) => ({
      partition,
      leader: 1,
      leaderEpoch: 0,
      replicas: [1],
      inSyncReplicas: [1],
    })),
  });
  return applyEvents(IMAGE_EMPTY, [
    { kind: "topic_created", topic: topic(OFFSETS_TOPIC, TOPIC_ID, partitionCount) },
    { kind: "topic_created", topic: topic("orders", ORDERS_ID, 3) },
  ]);
}

const text = fc.string({ maxLength: 12, unit: "grapheme" });
const maybeText = fc.option(text);
const int32 = fc.integer({ min: -1, max: 2_147_483_647 });
const int64 = fc.maxSafeNat();
const bytes = fc.uint8Array({ maxLength: 40 });
const topicId = fc.constantFrom(TOPIC_ID, ORDERS_ID, "AAAAAAAAAAAAAAAAAAAAAA");
const partitions = fc.array(fc.record({ topicId, partitions: fc.array(int32, { maxLength: 4 }) }), {
  maxLength: 3,
});
const held = fc.array(
  fc.record({ topicId, owned: fc.array(fc.tuple(int32, fc.nat()), { maxLength: 4 }) }).map((
    { topicId, owned },
  ) => ({
    topicId,
    partitions: owned.map(([partition]) => partition),
    epochs: owned.map(([, epoch]) => epoch),
  })),
  { maxLength: 3 },
);
const classicMember = fc.record({
  memberId: text,
  instanceId: maybeText,
  clientId: text,
  clientHost: text,
  rebalanceTimeoutMs: fc.nat(),
  sessionTimeoutMs: fc.nat(),
  subscription: bytes,
  assignment: bytes,
});
const protocols = fc.array(fc.record({ name: text, metadata: bytes }), { maxLength: 3 });

/** A member's key: few of them, so that records meet. */
const memberId = fc.constantFrom("m-1", "m-2", "m-3");

/** Values of every kind, with what of the key is not the group. */
const parts: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.record({
    kind: fc.constant("offset"),
    topic: fc.constantFrom("orders", "gone"),
    partition: fc.nat(3),
    value: fc.option(fc.oneof(
      fc.record({
        offset: int64,
        leaderEpoch: int32,
        metadata: text,
        commitMs: int64,
        expireMs: fc.constant(-1),
      }),
      // The version that has an expiry has no leader epoch.
      fc.record({
        offset: int64,
        leaderEpoch: fc.constant(-1),
        metadata: text,
        commitMs: int64,
        expireMs: int64,
      }),
    )),
  }),
  fc.record({
    kind: fc.constant("classic_group"),
    value: fc.option(fc.record({
      protocolType: text,
      generation: int32,
      protocol: maybeText,
      leader: maybeText,
      sinceMs: int64,
      members: fc.array(classicMember, { maxLength: 3 }),
    })),
  }),
  fc.record({
    kind: fc.constant("consumer_group"),
    value: fc.option(fc.record({ epoch: int32, metadataHash: int64 })),
  }),
  fc.record({
    kind: fc.constant("consumer_member"),
    memberId,
    value: fc.option(fc.record({
      instanceId: maybeText,
      rackId: maybeText,
      clientId: text,
      clientHost: text,
      subscribedTopics: fc.array(text, { maxLength: 3 }),
      subscribedPattern: maybeText,
      rebalanceTimeoutMs: int32,
      serverAssignor: maybeText,
      classic: fc.option(fc.record({ sessionTimeoutMs: fc.integer({ min: 1, max: 1_800_000 }), protocols })),
    })),
  }),
  fc.record({
    kind: fc.constant("consumer_target"),
    value: fc.option(fc.record({ assignmentEpoch: int32 })),
  }),
  fc.record({
    kind: fc.constant("consumer_target_member"),
    memberId,
    value: fc.option(fc.record({ partitions })),
  }),
  fc.record({
    kind: fc.constant("consumer_current"),
    memberId,
    value: fc.option(fc.record({
      memberEpoch: int32,
      previousMemberEpoch: int32,
      state: fc.constantFrom(0, 1, 2),
      assigned: held,
      pendingRevocation: held,
    })),
  }),
  fc.record({
    kind: fc.constant("consumer_pattern"),
    pattern: fc.constantFrom("a.*", "b+"),
    value: fc.option(fc.record({ topics: fc.array(text, { maxLength: 3 }), version: int64, atMs: int64 })),
  }),
);

/** One record of any kind, of a group of `groups`. */
export function recordOf(groups: readonly string[]): fc.Arbitrary<GroupRecord> {
  // The parts are those of the record's kinds; the compiler cannot follow them through the generator.
  return fc.tuple(fc.constantFrom(...groups), parts).map(([group, rest]) => plain({ group, ...rest }));
}

/** Records as the decoder makes them: of plain objects. */
function plain(record: Record<string, unknown>): GroupRecord {
  return structuredClone(record) as unknown as GroupRecord;
}

/** Numbers in [0, 1) for a crash, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296;
}
