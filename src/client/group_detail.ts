/**
 * Consumer groups as an operator sees them, of either protocol in one shape: what
 * is listed, what is described, and what the wire's answers become.
 */
import type { GroupStateName, GroupTypeName } from "../model/mod.ts";
import type {
  NativeReplies,
  WireAssignment,
  WireClassicMember,
  WireConsumerMember,
  WireGroup,
} from "../native/mod.ts";
import { partitionsOfAssignment, topicsOfSubscription } from "./consumer_protocol.ts";
import { errorOfWire } from "./error.ts";
import type { TopicPartition } from "./offsets.ts";

/** A group in a list. */
export type GroupListing = NativeReplies["list_groups"]["groups"][number];

/** A group with its members. */
export interface GroupDetail {
  readonly group: string;
  /** "Classic" or "Consumer" (KIP-848): the protocol the group speaks. */
  readonly type: GroupTypeName;
  readonly state: GroupStateName;
  /** "consumer" for consumers; empty for a group that never had members. */
  readonly protocolType: string;
  /** "range", "uniform", ...; empty while none is chosen. */
  readonly assignor: string;
  /** The generation of a classic group, the group epoch of the other. */
  readonly epoch: number;
  /** The epoch the target assignment was made for; a classic group's generation. */
  readonly assignmentEpoch: number;
  /** The broker that decides on the group. */
  readonly coordinator: { readonly node: number; readonly host: string; readonly port: number };
  readonly members: readonly GroupMember[];
}

/** One member of a group. */
export interface GroupMember {
  readonly memberId: string;
  /** Of a static member. */
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  /** Where it comes from, as Kafka shows it: "/127.0.0.1". */
  readonly clientHost: string;
  /** What this member speaks; a group of the new protocol may have both. */
  readonly protocol: "classic" | "consumer";
  /** The member's epoch, or the group's generation. */
  readonly epoch: number;
  readonly subscribedTopics: readonly string[];
  /** A regular expression; `null` without one. */
  readonly subscribedPattern: string | null;
  /** What it owns, those it is to give back included. */
  readonly assignment: readonly TopicPartition[];
  /** What it is to own in the end. */
  readonly targetAssignment: readonly TopicPartition[];
}

/** What a described group is to the application. Throws its fault. */
export function groupDetail(found: WireGroup): GroupDetail {
  if (found.e) throw errorOfWire(found.e, `Group "${found.group}"`);
  const { group, type, state, coordinator } = found;
  const common = { group, type, state, coordinator };
  if (found.type === "Classic") {
    const { protocolType, protocol: assignor, generation } = found;
    const members = found.members.map((member) => classicMember(member, protocolType, generation));
    return { ...common, protocolType, assignor, epoch: generation, assignmentEpoch: generation, members };
  }
  const { assignor, groupEpoch: epoch, assignmentEpoch } = found;
  const members = found.members.map(consumerMember);
  return { ...common, protocolType: "consumer", assignor, epoch, assignmentEpoch, members };
}

function classicMember(
  { metadata, assignment: bytes, ...member }: WireClassicMember,
  protocolType: string,
  epoch: number,
): GroupMember {
  const consumes = protocolType === "consumer";
  const assignment = consumes ? partitionsOfAssignment(bytes) : [];
  return {
    ...member,
    rackId: null,
    protocol: "classic",
    epoch,
    subscribedTopics: consumes ? topicsOfSubscription(metadata) : [],
    subscribedPattern: null,
    assignment,
    targetAssignment: assignment,
  };
}

function consumerMember({ isClassic, memberEpoch, ...member }: WireConsumerMember): GroupMember {
  return {
    ...member,
    protocol: isClassic ? "classic" : "consumer",
    epoch: memberEpoch,
    subscribedPattern: member.subscribedPattern || null,
    assignment: partitionsOfWire(member.assignment),
    targetAssignment: partitionsOfWire(member.targetAssignment),
  };
}

function partitionsOfWire(assignment: readonly WireAssignment[]): TopicPartition[] {
  return assignment.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}
