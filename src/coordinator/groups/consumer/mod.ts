/**
 * The consumer protocol (KIP-848) as pure machines over immutable groups: members
 * report by heartbeats, the coordinator assigns, and partitions change hands one
 * member at a time. Called by the groups' dispatcher.
 */
export { applyConsumerRecord } from "./apply.ts";
export { checkConsumerCommit, checkConsumerFetch, topicsOfConsumer, touchConsumer } from "./commit.ts";
export { decideConsumer } from "./decide.ts";
export { describeConsumer } from "./describe.ts";
export { expireConsumer, refreshConsumer, resumeConsumer } from "./expire.ts";
export type { ConsumerGroup } from "./group.ts";
export { hasPattern } from "./subscription.ts";
export { stateOfConsumer } from "./state.ts";
export { upgradeClassic } from "./upgrade.ts";
