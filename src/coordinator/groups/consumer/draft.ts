/**
 * A group in the making: reads like a group, changes by records, and copies a map
 * at the first change to it, so that the group it began with stays as it was.
 * Records change the durable part, live and on replay alike; the volatile part is
 * set directly. Called by `step.ts` and `apply.ts`.
 */
import { assert } from "../../../model/mod.ts";
import type { ConsumerGroup, ConsumerMember, Contact, ResolvedPattern } from "./group.ts";
import type { Partitions } from "./partitions.ts";

/** A map that is copied before it first changes. */
class MapDraft<Value> {
  #map: ReadonlyMap<string, Value>;
  #copy: Map<string, Value> | null = null;

  constructor(map: ReadonlyMap<string, Value>) {
    this.#map = map;
  }

  /** As it is now; not to be kept across a change. */
  get view(): ReadonlyMap<string, Value> {
    return this.#copy ?? this.#map;
  }

  values(): Iterable<Value> {
    return this.view.values();
  }

  get size(): number {
    return this.view.size;
  }

  get(key: string): Value | undefined {
    return this.view.get(key);
  }

  has(key: string): boolean {
    return this.view.has(key);
  }

  set(key: string, value: Value): void {
    this.#changed().set(key, value);
  }

  delete(key: string): void {
    if (this.view.has(key)) this.#changed().delete(key);
  }

  /** The map, to be kept; this draft copies again before its next change. */
  finish(): ReadonlyMap<string, Value> {
    this.#map = this.view;
    this.#copy = null;
    return this.#map;
  }

  #changed(): Map<string, Value> {
    return this.#copy ??= new Map(this.#map);
  }
}

/** A group that may still change. */
export class GroupDraft {
  readonly #before: ConsumerGroup;
  readonly group: string;
  epoch: number;
  metadataHash: number;
  assignmentEpoch: number;
  imageVersion: number;
  readonly members: MapDraft<ConsumerMember>;
  readonly targets: MapDraft<Partitions>;
  readonly patterns: MapDraft<ResolvedPattern>;
  readonly contacts: MapDraft<Contact>;
  /** A record said that there is no such group any more. */
  isGone = false;

  constructor(before: ConsumerGroup) {
    this.#before = before;
    this.group = before.group;
    this.epoch = before.epoch;
    this.metadataHash = before.metadataHash;
    this.assignmentEpoch = before.assignmentEpoch;
    this.imageVersion = before.imageVersion;
    this.members = new MapDraft(before.members);
    this.targets = new MapDraft(before.targets);
    this.patterns = new MapDraft(before.patterns);
    this.contacts = new MapDraft(before.contacts);
  }

  /** The member of that id, which must be there. */
  member(memberId: string): ConsumerMember {
    const member = this.members.get(memberId);
    assert(member !== undefined, "a member that is changed is in the group");
    return member;
  }

  /** The group as it is now; the very group the draft began with when nothing changed. */
  finish(): ConsumerGroup {
    const { group, epoch, metadataHash, assignmentEpoch, imageVersion } = this;
    const maps = {
      members: this.members.finish(),
      targets: this.targets.finish(),
      patterns: this.patterns.finish(),
      contacts: this.contacts.finish(),
    };
    const after: ConsumerGroup = {
      type: "consumer",
      group,
      epoch,
      metadataHash,
      assignmentEpoch,
      ...maps,
      imageVersion,
    };
    return isSameGroup(this.#before, after) ? this.#before : after;
  }
}

function isSameGroup(before: ConsumerGroup, after: ConsumerGroup): boolean {
  const names = Object.keys(after) as (keyof ConsumerGroup)[];
  return names.every((name) => before[name] === after[name]);
}
