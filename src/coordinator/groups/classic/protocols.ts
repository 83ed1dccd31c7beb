/**
 * The assignment strategies members offer: whether somebody fits in with the
 * others, which strategy all of them use, and the bytes it comes with. All members
 * share one strategy at least, at any time. Called by joining and settling.
 */
import { assert, type GroupProtocol } from "../../../model/mod.ts";
import type { ClassicGroup, ClassicMember } from "./group.ts";

type Offer = Pick<ClassicMember, "protocols">;

function offers({ protocols }: Offer, name: string): boolean {
  return protocols.some((protocol) => protocol.name === name);
}

/** True when somebody with these strategies may join: one of them is known to every member there is. */
export function fitsIn(
  group: ClassicGroup,
  protocolType: string,
  protocols: readonly GroupProtocol[],
): boolean {
  if (group.state === "Empty") return protocolType !== "" && protocols.length > 0;
  if (protocolType !== group.protocolType) return false;
  return protocols.some(({ name }) => isCommon(group.members, name));
}

function isCommon(members: ReadonlyMap<string, Offer>, name: string): boolean {
  return members.values().every((member) => offers(member, name));
}

/** The strategy known to all that most members prefer; of two equal ones, the one voted for first. */
export function selectProtocol(members: ReadonlyMap<string, Offer>): string {
  const [first] = members.values();
  assert(first !== undefined, "a protocol is chosen by members");
  const names = first.protocols.map(({ name }) => name);
  const common = new Set(names.filter((name) => isCommon(members, name)));
  assert(common.size > 0, "members share a protocol");
  const votes = new Map<string, number>();
  for (const { protocols } of members.values()) {
    const vote = protocols.find(({ name }) => common.has(name))?.name;
    assert(vote !== undefined, "every member knows the common protocols");
    votes.set(vote, (votes.get(vote) ?? 0) + 1);
  }
  const most = Math.max(...votes.values());
  const [chosen] = [...votes].find(([, count]) => count === most) ?? [];
  assert(chosen !== undefined, "somebody has voted");
  return chosen;
}

/** The bytes a member sent with a strategy it offers. */
export function metadataOf({ protocols }: Offer, name: string): Uint8Array {
  const found = protocols.find((protocol) => protocol.name === name);
  assert(found !== undefined, "a member offers the protocol that was chosen");
  return found.metadata;
}

/** True when both offer the same strategies with the same bytes, in the same order. */
export function sameProtocols(one: readonly GroupProtocol[], other: readonly GroupProtocol[]): boolean {
  return one.length === other.length &&
    one.every((protocol, index) => sameProtocol(protocol, other[index]));
}

function sameProtocol(one: GroupProtocol, other: GroupProtocol | undefined): boolean {
  return other !== undefined && one.name === other.name && one.metadata.length === other.metadata.length &&
    one.metadata.every((byte, index) => byte === other.metadata[index]);
}
