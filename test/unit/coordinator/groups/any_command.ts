/**
 * Commands on groups as fast-check makes them, of all kinds, sensible more often than not. What only
 * the run can know stands in them as a word: `#3` an older member id of the group, `#0` the newest, `@` the topic id of "orders",
 * LATEST the generation or epoch the member was told last. `resolve` puts in what is meant.
 */
import fc from "fast-check";
import type { GroupCommand } from "../../../../src/model/mod.ts";
import { commitOf, joinOf, subscriptionTo, toCommit } from "./coordinator_world.ts";

export const LATEST = -77;
export const GROUPS = ["a", "b", "c"] as const;

const MAX_INT = 2_147_483_647;
const group = fc.constantFrom("a", "a", "a", "a", "a", "a", "b", "c", "c", "c", "c", "c", "c", "");
const topic = fc.constantFrom("orders", "orders", "bills", "nothing", "");
const partition = fc.constantFrom(-1, 0, 0, 1, 1, 2, MAX_INT);
const number = fc.constantFrom(LATEST, LATEST, LATEST, LATEST, LATEST, -2, -1, 0, 1, 2, MAX_INT);
const places = fc.array(fc.record({ topic, partition }), { maxLength: 3 });
const instanceId = fc.constantFrom(null, null, null, null, "static", "");
const memberId = fc.constantFrom("", "#0", "#0", "#0", "#0", "#1", "#1", "#1", "#2", "#9");

const join = fc.record({
  group,
  memberId: fc.constantFrom("", "", "", "#0", "#1", "#2"),
  instanceId,
  needsMemberId: fc.boolean(),
  protocolType: fc.constantFrom(...Array(12).fill("consumer"), "connect", ""),
  sessionTimeoutMs: fc.constantFrom(6_000, 10_000, 10_000, 10_000, 10_000, 30_000, 30_000, -1),
  rebalanceTimeoutMs: fc.constantFrom(1_000, 20_000, 20_000, -1, MAX_INT),
  topics: fc.constantFrom(["orders"], ["orders"], ["bills"], ["orders", "bills"], null),
}).map(({ topics, ...more }): GroupCommand => {
  const metadata = topics === null ? new Uint8Array([0, 9]) : subscriptionTo(...topics);
  return joinOf("", { ...more, protocols: [{ name: "range", metadata }] });
});

const sync = fc.record({ group, memberId, generation: number, instanceId }).map((more): GroupCommand => ({
  kind: "sync_group",
  protocolType: null,
  protocol: null,
  assignments: [{ memberId: more.memberId, assignment: new Uint8Array([1]) }],
  ...more,
}));

const heartbeat = fc.record({ group, memberId, generation: number, instanceId })
  .map((more): GroupCommand => ({ kind: "heartbeat_group", ...more }));

const leave = fc.record({ group, memberId, instanceId })
  .map(({ group, ...member }): GroupCommand => ({ kind: "leave_group", group, members: [member] }));

const consumerJoin = fc.record({
  group,
  memberId: fc.constantFrom("one", "two", "three"),
  instanceId: fc.constantFrom(null, null, null, "static"),
  rebalanceTimeoutMs: fc.constantFrom(1_000, 60_000),
  subscribedTopics: fc.constantFrom([], ["orders"], ["orders", "bills", "nothing"]),
  subscribedPattern: fc.constantFrom(null, null, null, "b.*", "("),
  serverAssignor: fc.constantFrom(null, "range", "none"),
}).map((more): GroupCommand => consumerHeartbeat({ memberEpoch: 0, ownedPartitions: [], ...more }));

const consumerStay = fc.record({
  group,
  memberId: fc.constantFrom("one", "two", "three", "#0"),
  memberEpoch: fc.constantFrom(LATEST, LATEST, LATEST, LATEST, LATEST, -1, -2, 1, 2, MAX_INT),
  owned: fc.constantFrom(null, null, [], [0], [1], [0, 1], [-1, 7]),
  subscribedTopics: fc.constantFrom(null, null, null, ["orders"], ["bills"]),
  waitMsMax: fc.constantFrom(0, 0, 5_000),
}).map(({ owned, ...more }): GroupCommand =>
  consumerHeartbeat({
    ownedPartitions: owned === null ? null : [{ topicId: "@", partitions: owned }],
    ...more,
  })
);

type Heartbeat = Extract<GroupCommand, { kind: "consumer_heartbeat" }>;

function consumerHeartbeat(more: Partial<Heartbeat> & Pick<Heartbeat, "group" | "memberId" | "memberEpoch">) {
  return {
    kind: "consumer_heartbeat",
    clientId: "client",
    clientHost: "/127.0.0.1",
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: -1,
    subscribedTopics: null,
    subscribedPattern: null,
    serverAssignor: null,
    ownedPartitions: null,
    waitMsMax: 0,
    ...more,
  } satisfies GroupCommand;
}

const commit = fc.record({
  group,
  memberId,
  generation: number,
  instanceId,
  retentionMs: fc.constantFrom(-1, -1, 0, 1, -2, MAX_INT),
  knowsMemberEpochs: fc.boolean(),
  places,
}).map(({ group, places, ...more }): GroupCommand =>
  commitOf(group, places.map(({ topic, partition }) => toCommit(topic, partition, 7)), more)
);

const fetch = fc.record({
  group,
  memberId: fc.option(memberId),
  memberEpoch: number,
  entries: fc.option(places),
}).map((asked): GroupCommand => ({ kind: "fetch_offsets", requireStable: true, groups: [asked] }));

const groups = fc.array(group, { maxLength: 3 });

/** Any command on groups but ListGroups, which every test asks. */
export const anyCommand: fc.Arbitrary<GroupCommand> = fc.oneof(
  { weight: 6, arbitrary: join },
  { weight: 5, arbitrary: sync },
  { weight: 2, arbitrary: heartbeat },
  { weight: 1, arbitrary: leave },
  { weight: 4, arbitrary: consumerJoin },
  { weight: 8, arbitrary: consumerStay },
  { weight: 3, arbitrary: commit },
  { weight: 1, arbitrary: fetch },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete_offsets"), group, entries: places }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete_groups"), groups }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("describe_groups"), groups }) },
);

/** What the words in a command stand for. */
export interface Meaning {
  /** Of a group, newest first. */
  readonly memberIds: (group: string) => readonly string[];
  readonly topicId: string;
  /** Of the member, in its group. */
  readonly latest: (group: string, memberId: string) => number;
}

/** The command with what its words stand for. */
export function resolve(command: GroupCommand, meaning: Meaning): GroupCommand {
  const memberIds = meaning.memberIds("group" in command ? command.group : "");
  const meant = (text: string) => {
    if (text === "@") return meaning.topicId;
    return /^#\d$/.test(text) ? memberIds[Number(text[1])] ?? "stranger" : text;
  };
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return meant(value);
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner)]));
  };
  const resolved = walk(command) as GroupCommand & { memberId?: string; group?: string };
  const latest = meaning.latest(resolved.group ?? "", resolved.memberId ?? "");
  for (const name of ["generation", "memberEpoch"]) {
    if (Reflect.get(resolved, name) === LATEST) Reflect.set(resolved, name, latest);
  }
  return resolved;
}
