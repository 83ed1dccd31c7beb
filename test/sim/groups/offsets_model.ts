/**
 * The committed offsets as they must be: what was acknowledged, in the order in
 * which the coordinator decided. What a dying coordinator was at may have
 * happened or not; the next reading says which. An offset goes back by a reset or
 * a deletion alone, never by a member's commit.
 */
import type { CommitOffsetsCommand, CoordinatorCommand, Reply } from "../../../src/model/mod.ts";
import { Violation } from "../world.ts";
import { partsOf, type Place, place } from "./wire.ts";

type Places = Map<Place, number>;

/** No offset is committed. */
const NONE = -1;

export class OffsetsModel {
  readonly #groups = new Map<string, Places>();
  /** What may be, besides what is above, by group and place. */
  readonly #maybe = new Map<string, Map<Place, Set<number>>>();
  /** Groups with offsets that are acknowledged. */
  get groups(): string[] {
    return [...this.#groups.keys()];
  }

  /** Acknowledged offsets of a group. */
  of(group: string): ReadonlyMap<Place, number> {
    return this.#of(group);
  }

  /** Takes what was answered; says what must not be. */
  answered(command: CoordinatorCommand, reply: Reply): void {
    if (command.kind === "commit_offsets" && reply.kind === "offsets_committed") {
      for (const [index, { fault }] of reply.entries.entries()) {
        if (fault === null) this.#commit(command, index);
      }
    } else if (command.kind === "delete_offsets" && reply.kind === "offsets_deleted") {
      if (reply.fault !== null) return;
      for (const { topic, partition, fault } of reply.entries) {
        if (fault === null) this.#of(command.group).delete(place(topic, partition));
      }
    } else if (reply.kind === "groups_deleted") {
      for (const { group, fault } of reply.groups) if (fault === null) this.#groups.delete(group);
    } else if (command.kind === "fetch_offsets" && reply.kind === "offsets_fetched") {
      for (const [index, { entries }] of command.groups.entries()) {
        this.#compare(reply.groups[index]!, entries === null);
      }
    }
  }

  /** The coordinator died over `command`. */
  uncertain(command: CoordinatorCommand): void {
    if (command.kind === "commit_offsets") {
      for (const { topic, partition, offset } of command.entries) {
        this.#may(command.group, place(topic, partition), offset);
      }
    } else if (command.kind === "delete_offsets") {
      for (const { topic, partition } of command.entries) {
        this.#may(command.group, place(topic, partition), NONE);
      }
    } else if (command.kind === "delete_groups") {
      for (const group of command.groups) {
        for (const name of this.#of(group).keys()) this.#may(group, name, NONE);
        for (const name of this.#maybe.get(group)?.keys() ?? []) this.#may(group, name, NONE);
      }
    }
  }

  /** A topic is being deleted: its offsets go, now or when the log takes it. */
  forgetTopic(topic: string): void {
    for (const [group, offsets] of this.#groups) {
      for (const name of offsets.keys()) if (partsOf(name).topic === topic) this.#may(group, name, NONE);
    }
  }

  /** All offsets of a group as they are read after a start: they are what is from now on. */
  settle(group: string, read: ReadonlyMap<Place, number>): void {
    const known = this.#of(group);
    const maybe = this.#maybe.get(group);
    for (const name of new Set([...known.keys(), ...read.keys(), ...(maybe?.keys() ?? [])])) {
      const offset = read.get(name) ?? NONE;
      const wanted = known.get(name) ?? NONE;
      if (offset === wanted || maybe?.get(name)?.has(offset) === true) continue;
      throw new Violation(
        `Offset ${offset} of "${name}" in "${group}" is read after a start, committed was ${wanted}`,
      );
    }
    this.#maybe.delete(group);
    this.#groups.set(group, new Map(read));
  }

  #commit(command: CommitOffsetsCommand, index: number): void {
    const { topic, partition, offset } = command.entries[index]!;
    const offsets = this.#of(command.group);
    const name = place(topic, partition);
    const before = offsets.get(name) ?? NONE;
    if (offset < before && command.memberId !== "") {
      const who = `member "${command.memberId}" of generation ${command.generation}`;
      throw new Violation(
        `The offset of "${name}" in "${command.group}" goes back from ${before} to ${offset} by ${who}`,
      );
    }
    offsets.set(name, offset);
  }

  #compare(
    answer: Extract<Reply, { kind: "offsets_fetched" }>["groups"][number],
    isWhole: boolean,
  ): void {
    const { group, entries, fault } = answer;
    if (fault !== null) return;
    const offsets = this.#of(group);
    const maybe = this.#maybe.get(group);
    for (const { topic, partition, offset, fault } of entries) {
      const name = place(topic, partition);
      const wanted = offsets.get(name) ?? NONE;
      if (fault !== null || offset === wanted || maybe?.get(name)?.has(offset) === true) continue;
      throw new Violation(
        `Offset ${offset} of "${place(topic, partition)}" in "${group}" is fetched, committed was ${wanted}`,
      );
    }
    if (isWhole && maybe === undefined && entries.length < offsets.size) {
      throw new Violation(`${entries.length} of ${offsets.size} offsets of "${group}" are fetched`);
    }
  }

  #may(group: string, name: Place, offset: number): void {
    let places = this.#maybe.get(group);
    if (places === undefined) this.#maybe.set(group, places = new Map());
    let offsets = places.get(name);
    if (offsets === undefined) places.set(name, offsets = new Set());
    offsets.add(offset);
  }

  #of(group: string): Places {
    let places = this.#groups.get(group);
    if (places === undefined) this.#groups.set(group, places = new Map());
    return places;
  }
}
