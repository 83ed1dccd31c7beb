/**
 * Listens to everything a coordinator says and complains of what must not be:
 * two owners, an offset that goes back or is lost, an epoch that goes back, an
 * answer of the wrong kind, a state after a start that is not the state before.
 * After each turn it has the groups described; after each start it reads
 * everything back.
 */
import type { CoordinatorCommand, GroupDescription, Reply } from "../../../src/model/mod.ts";
import { Violation } from "../world.ts";
import type { Listener } from "./cluster.ts";
import { OffsetsModel } from "./offsets_model.ts";
import { checkOwners, epochOf } from "./ownership.ts";
import { count, type Site } from "./site.ts";
import { partsOf, type Place, place } from "./wire.ts";

/** What a command may be answered by, besides "failed". */
const ANSWERS: Partial<Record<CoordinatorCommand["kind"], Reply["kind"]>> = {
  join_group: "group_joined",
  sync_group: "group_synced",
  heartbeat_group: "group_heartbeat",
  leave_group: "group_left",
  consumer_heartbeat: "consumer_heartbeat",
  commit_offsets: "offsets_committed",
  fetch_offsets: "offsets_fetched",
  delete_offsets: "offsets_deleted",
  describe_groups: "groups_described",
  list_groups: "groups_listed",
  delete_groups: "groups_deleted",
};
/** The operator's own group, which never has members. */
export const SIMPLE_GROUP = "simple";

export class GroupOracle implements Listener {
  readonly offsets = new OffsetsModel();
  /** The groups after the last turn. */
  described = new Map<string, GroupDescription>();
  readonly #site: Site;
  /** The last turn came to nothing: it may have changed groups or not. */
  #isUncertain = false;
  #deleted = new Set<string>();

  constructor(site: Site) {
    this.#site = site;
  }

  answered(command: CoordinatorCommand, reply: Reply): void {
    const wanted = ANSWERS[command.kind];
    if (reply.kind !== "failed" && wanted !== undefined && reply.kind !== wanted) {
      throw new Violation(`"${command.kind}" is answered by "${reply.kind}"`);
    }
    if (reply.kind === "offsets_committed") {
      for (const { fault } of reply.entries) {
        count(this.#site, fault === null ? "commits" : `commit ${fault.code}`);
      }
    }
    if (reply.kind === "failed") count(this.#site, `failed ${reply.fault.code}`);
    if (reply.kind === "groups_deleted") {
      for (const { group, fault } of reply.groups) if (fault === null) this.#deleted.add(group);
    }
    if (command.kind === "delete_topics") {
      for (const name of command.topics) {
        this.offsets.forgetTopic(name);
      }
    }
    this.offsets.answered(command, reply);
  }

  uncertain(commands: readonly CoordinatorCommand[]): void {
    this.#isUncertain = true;
    for (const command of commands) {
      if (command.kind === "delete_topics") {
        for (const name of command.topics) this.offsets.forgetTopic(name);
      }
      this.offsets.uncertain(command);
    }
  }

  turned(): void {
    const groups = this.#describe();
    if (groups === null) return;
    for (const [name, group] of groups) this.#check(name, group);
    this.described = groups;
    this.#deleted.clear();
  }

  opened(): void {
    const before = this.described;
    for (const name of [...this.#site.plan.groups.map((plan) => plan.name), SIMPLE_GROUP]) {
      if (!this.#readBack(name)) return;
    }
    const after = this.#describe();
    if (after === null) return;
    for (const [name, group] of after) {
      if (!this.#isUncertain) this.#compare(before.get(name), group);
      this.#check(name, group);
    }
    this.described = after;
    this.#isUncertain = false;
  }

  /** All is calm: nothing is left of topics that are gone. */
  checkForgotten(): void {
    const { image } = this.#site.cluster;
    for (const group of this.offsets.groups) {
      const read = this.#read(group);
      const left = [...read?.keys() ?? []].find((name) => !image.topics.has(partsOf(name).topic));
      if (left !== undefined) {
        throw new Violation(`Offsets of "${left}" are left in "${group}", its topic is gone`);
      }
    }
  }

  ended(wasClean: boolean): void {
    count(this.#site, wasClean ? "stops" : "crashes");
  }

  #readBack(group: string): boolean {
    const read = this.#read(group);
    if (read === null) return false;
    this.offsets.settle(group, read);
    // What a deletion left when the last life ended goes with the first turns of this one.
    for (const { topic } of [...read.keys()].map(partsOf)) {
      if (!this.#site.cluster.image.topics.has(topic)) this.offsets.forgetTopic(topic);
    }
    count(this.#site, "read back");
    return true;
  }

  /** All committed offsets of a group; `null` when the coordinator died over it. */
  #read(group: string): Map<Place, number> | null {
    const groups = [{ group, memberId: null, memberEpoch: -1, entries: null }];
    const reply = this.#site.cluster.askNow({ kind: "fetch_offsets", requireStable: false, groups });
    if (reply === null) return null;
    if (reply.kind !== "offsets_fetched") {
      throw new Violation(`Offsets are not read: ${JSON.stringify(reply)}`);
    }
    const { entries } = reply.groups[0]!;
    const committed = entries.filter(({ offset }) => offset >= 0);
    return new Map(committed.map(({ topic, partition, offset }) => [place(topic, partition), offset]));
  }

  #describe(): Map<string, GroupDescription> | null {
    const groups = this.#site.plan.groups.map(({ name }) => name);
    const reply = this.#site.cluster.askNow({ kind: "describe_groups", groups });
    if (reply === null) return null;
    if (reply.kind !== "groups_described") {
      throw new Violation(`No groups described: ${JSON.stringify(reply)}`);
    }
    return new Map(reply.groups.map((group) => [group.group, group]));
  }

  #check(name: string, group: GroupDescription): void {
    const { members, cluster, world } = this.#site;
    const living = members.filter((member) => member.isAlive && member.group === name);
    checkOwners(group, living, cluster.image);
    const before = this.described.get(name);
    if (before === undefined) return;
    if (before.state !== group.state || epochOf(before) !== epochOf(group) || before.type !== group.type) {
      world.trace(`${name} is ${group.type} ${group.state} at ${epochOf(group)}`);
      count(this.#site, `${group.type} ${group.state}`);
    }
    if (before.type !== group.type && group.members.length > 0) count(this.#site, `to ${group.type}`);
    // What is gone, or has been empty and changes its protocol, begins anew.
    const isNew = before.fault !== null || group.fault !== null || this.#deleted.has(name) ||
      before.type !== group.type && !shareMembers(before, group);
    if (isNew || epochOf(group) >= epochOf(before)) return;
    if (this.#isUncertain || isInMotion(before)) return;
    throw new Violation(`The epoch of "${name}" goes back from ${epochOf(before)} to ${epochOf(group)}`);
  }

  /** A state that was acknowledged is the state after a start. */
  #compare(before: GroupDescription | undefined, after: GroupDescription): void {
    if (before === undefined || before.fault !== null || isInMotion(before)) return;
    // Of a classic group that nobody ever settled nothing is kept.
    if (before.members.length === 0 && epochOf(before) === 0) return;
    const [was, is] = [before, after].map((group) => JSON.stringify(lasting(group), bytesAsText));
    if (was === is) return void count(this.#site, "replayed");
    throw new Violation(`After a start a group is ${is}, before it was ${was}`);
  }
}

/** A classic group between two generations: what is not settled is not kept. */
function isInMotion({ type, state }: GroupDescription): boolean {
  return type === "Classic" && (state === "PreparingRebalance" || state === "CompletingRebalance");
}

function shareMembers(one: GroupDescription, other: GroupDescription): boolean {
  const ids = new Set(one.members.map(({ memberId }) => memberId));
  return other.members.some(({ memberId }) => ids.has(memberId));
}

/** What must outlive a start: members in the order of their ids. */
function lasting(group: GroupDescription): GroupDescription {
  const members = [...group.members].sort((a, b) => a.memberId < b.memberId ? -1 : 1);
  return { ...group, members } as GroupDescription;
}

function bytesAsText(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value].join(",") : value;
}
