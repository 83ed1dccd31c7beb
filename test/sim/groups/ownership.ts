/**
 * Who owns what, as the coordinator describes it and as the members believe:
 * within a generation, and within a group of the new protocol at any time, no
 * partition has two owners. A member counts as long as the coordinator lists it:
 * one that was taken out has been told, or will be. Checks over descriptions.
 */
import type { GroupDescription, Image, TopicPartitions } from "../../../src/model/mod.ts";
import { Violation } from "../world.ts";
import type { Member } from "./member.ts";
import { decodeAssignment, type Place, place } from "./wire.ts";

type ConsumerDescription = Extract<GroupDescription, { type: "Consumer" }>;
type ClassicDescription = Extract<GroupDescription, { type: "Classic" }>;

/** Throws a Violation when a partition has two owners; `members` are the living ones of the group. */
export function checkOwners(group: GroupDescription, members: readonly Member[], image: Image): void {
  if (group.fault !== null) return;
  if (group.type === "Consumer") return checkConsumer(group, members, image);
  checkClassic(group, members);
}

/** The generation of a classic group, the epoch of one of the new protocol. */
export function epochOf(group: GroupDescription): number {
  return group.type === "Classic" ? group.generation : group.groupEpoch;
}

/** Places of an assignment by topic ids; a topic that is gone goes by its id. */
export function placesOf(assignment: readonly TopicPartitions[], image: Image): Place[] {
  return assignment.flatMap(({ topicId, partitions }) => {
    const topic = image.topicNamesById.get(topicId) ?? topicId;
    return partitions.map((partition) => place(topic, partition));
  });
}

function checkConsumer(group: ConsumerDescription, members: readonly Member[], image: Image): void {
  const listed = new Map(group.members.map((member) => [member.memberId, member]));
  const given = new Owners(group.group, "is assigned");
  const wanted = new Owners(group.group, "is to be assigned");
  for (const { memberId, assignment, targetAssignment } of group.members) {
    for (const name of placesOf(assignment, image)) given.add(name, memberId);
    for (const name of placesOf(targetAssignment, image)) wanted.add(name, memberId);
  }
  const believed = new Owners(group.group, "is owned");
  for (const member of members) {
    // A classic one that was taken out may come in again under its id before it hears that it lost everything.
    if (!listed.has(member.memberId)) member.outSince = member.ownedSince;
    if (!listed.has(member.memberId) || (member.isClassic && member.outSince === member.ownedSince)) continue;
    for (const name of member.owned.keys()) believed.add(name, member.label);
  }
  for (const { memberId, memberEpoch } of group.members) {
    if (memberEpoch > group.groupEpoch) {
      throw new Violation(
        `Member "${memberId}" is at epoch ${memberEpoch}, its group at ${group.groupEpoch}`,
      );
    }
  }
}

function checkClassic(group: ClassicDescription, members: readonly Member[]): void {
  const listed = new Set(group.members.map(({ memberId }) => memberId));
  const given = new Owners(group.group, "is assigned");
  if (group.state === "Stable" && group.protocolType === "consumer") {
    for (const { memberId, assignment } of group.members) {
      for (const name of decodeAssignment(assignment)) given.add(name, memberId);
    }
  }
  const believed = new Map<number, Owners>();
  for (const member of members) {
    if (!member.isClassic || !listed.has(member.memberId)) continue;
    let owners = believed.get(member.ownedSince);
    const how = `is owned in generation ${member.ownedSince}`;
    if (owners === undefined) believed.set(member.ownedSince, owners = new Owners(group.group, how));
    for (const name of member.owned.keys()) owners.add(name, member.label);
  }
}

class Owners {
  readonly #group: string;
  readonly #how: string;
  readonly #owners = new Map<Place, string>();

  constructor(group: string, how: string) {
    this.#group = group;
    this.#how = how;
  }

  add(name: Place, owner: string): void {
    const other = this.#owners.get(name);
    if (other !== undefined) {
      throw new Violation(`"${name}" of "${this.#group}" ${this.#how} twice: by "${other}" and "${owner}"`);
    }
    this.#owners.set(name, owner);
  }
}
