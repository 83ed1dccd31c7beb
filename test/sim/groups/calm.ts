/**
 * What must be once all is calm: each group is settled, its members are those
 * that live, and every partition that a living member wants has one owner, which
 * wants it. Gives the first thing that is not so, in words.
 */
import type { GroupDescription } from "../../../src/model/mod.ts";
import type { Member } from "./member.ts";
import { livingOf } from "./population.ts";
import { partitionsOf, type Site } from "./site.ts";
import { type Place, place } from "./wire.ts";

/** `null` when everything is as it must be. */
export function findUnsettled(site: Site, described: ReadonlyMap<string, GroupDescription>): string | null {
  for (const { name } of site.plan.groups) {
    const group = described.get(name);
    const wrong = group === undefined ? "is not described" : findWrong(site, group, livingOf(site, name));
    if (wrong !== null) return `Group "${name}" ${wrong}`;
  }
  return null;
}

function findWrong(site: Site, group: GroupDescription, members: readonly Member[]): string | null {
  if (members.length === 0) {
    const isLeft = group.state !== "Empty" && group.state !== "Dead";
    return isLeft ? `is "${group.state}", and nobody lives` : null;
  }
  if (group.state !== "Stable") return `is "${group.state}"`;
  const listed = new Set(group.members.map(({ memberId }) => memberId));
  const missing = members.find((member) => !listed.has(member.memberId));
  if (missing !== undefined) return `does not list "${missing.label}"`;
  if (listed.size > members.length) return `lists ${listed.size} members, ${members.length} live`;
  const unsettled = members.find((member) => !member.isSettled);
  if (unsettled !== undefined) return `has "${unsettled.label}", which is not settled`;
  return findOwnerless(site, members);
}

function findOwnerless(site: Site, members: readonly Member[]): string | null {
  const owners = new Map<Place, Member[]>();
  for (const member of members) {
    for (const name of member.owned.keys()) owners.set(name, [...owners.get(name) ?? [], member]);
  }
  const wanted = new Set<Place>();
  for (const topic of new Set(members.flatMap((member) => member.wanted))) {
    for (let partition = 0; partition < partitionsOf(site, topic); partition++) {
      const name = place(topic, partition);
      wanted.add(name);
      const [owner, other] = owners.get(name) ?? [];
      if (owner === undefined) return `has no owner of "${name}"`;
      if (other !== undefined) return `has two owners of "${name}": "${owner.label}" and "${other.label}"`;
      if (!owner.wanted.includes(topic)) return `gives "${name}" to "${owner.label}", which does not want it`;
      if (owner.owned.get(name)!.position < 0) return `does not tell "${owner.label}" where "${name}" begins`;
    }
  }
  const extra = [...owners.keys()].find((name) => !wanted.has(name));
  return extra === undefined ? null : `has an owner of "${extra}", which nobody wants`;
}
