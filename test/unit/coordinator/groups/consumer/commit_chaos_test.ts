/**
 * Commits that are late by any number of epochs, in a group in disorder: one is taken
 * only as long as nobody else had the partition since, so that it never goes over a
 * newer owner's; and while the partition stays with the member, it is taken.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { checkConsumerCommit } from "../../../../../src/coordinator/groups/consumer/mod.ts";
import { ACTIONS, World } from "./chaos_world.ts";

/** A member owned a partition while it was at that epoch. */
interface Claim {
  readonly memberId: string;
  readonly epoch: number;
  readonly topicId: string;
  readonly partition: number;
}

class Claims {
  readonly #world: World;
  /** Claims of all times, with how often the partition had changed hands by then. */
  readonly #all = new Map<string, Claim & { readonly turn: number }>();
  /** Claims of whoever owns the partition since then without a break. */
  #unbroken = new Map<string, Claim>();
  /** Who had the partition last, and how often that changed. */
  readonly #owners = new Map<string, { readonly memberId: string; readonly turn: number }>();
  /** Topics that were deleted: here one made anew has the id of the old one, which no broker does. */
  readonly #gone = new Set<string>();
  taken = 0;
  refused = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Looks at what members own now, and tries every commit they ever could have made. */
  check(): void {
    this.#observe();
    for (const claim of this.#all.values()) {
      const { turn } = this.#owners.get(placeOf(claim))!;
      if (this.#isTaken(claim)) {
        assert.equal(turn, claim.turn, `nobody had it since: ${JSON.stringify(claim)}`);
      }
    }
    for (const claim of this.#unbroken.values()) {
      if (this.#gone.has(claim.topicId)) continue;
      assert.ok(this.#isTaken(claim), `it had it all the time: ${JSON.stringify(claim)}`);
    }
  }

  #observe(): void {
    const before = this.#unbroken;
    this.#unbroken = new Map();
    const owned = new Set<string>();
    for (const claim of this.#now()) {
      const { memberId } = claim;
      const place = placeOf(claim);
      if (!this.#world.driver.image.topicNamesById.has(claim.topicId)) this.#gone.add(claim.topicId);
      owned.add(`${memberId} ${place}`);
      const last = this.#owners.get(place);
      const turn = (last?.turn ?? 0) + (last?.memberId === memberId ? 0 : 1);
      this.#owners.set(place, { memberId, turn });
      const key = `${memberId} ${place} ${claim.epoch}`;
      if (!this.#all.has(key)) this.#all.set(key, { ...claim, turn });
      this.#unbroken.set(key, claim);
    }
    for (const [key, claim] of before) {
      if (owned.has(`${claim.memberId} ${placeOf(claim)}`)) this.#unbroken.set(key, claim);
    }
  }

  #now(): Claim[] {
    return this.#world.clients.flatMap(({ memberId, epoch, owned }) =>
      owned.flatMap(({ topicId, partitions }) =>
        partitions.map((partition) => ({ memberId, epoch, topicId, partition }))
      )
    );
  }

  #isTaken({ memberId, epoch, topicId, partition }: Claim): boolean {
    const { group, image } = this.#world.driver;
    const topic = image.topicNamesById.get(topicId);
    if (group === null || topic === undefined) return false;
    const entries = [{ topic, partition, offset: 1, leaderEpoch: -1, metadata: null }];
    const command = { group: "g", memberId, instanceId: null, generation: epoch, retentionMs: -1 } as const;
    const refused = checkConsumerCommit(
      group,
      { kind: "commit_offsets", ...command, knowsMemberEpochs: true, entries },
      image,
    );
    if (refused !== null) this.refused++;
    else if (epoch < group.members.get(memberId)!.memberEpoch) this.taken++;
    return refused === null;
  }
}

function placeOf({ topicId, partition }: Claim): string {
  return `${topicId} ${partition}`;
}

describe("late commits of members of the consumer protocol", () => {
  it("never go over those of a newer owner, and are taken while there is none", () => {
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(ACTIONS, fc.infiniteStream(fc.constantFrom(0, 0, 1, 3)), (actions, rounds) => {
        const world = new World(["uniform", "range"]);
        const claims = new Claims(world);
        for (const [kind, who, what] of actions) {
          world.act(kind, who, what);
          claims.check();
          // Partitions come back to who had them only when members get on for a while.
          for (let round = rounds.next().value; round > 0; round--) {
            world.calm(1);
            claims.check();
          }
        }
        taken += claims.taken;
        refused += claims.refused;
      }),
      { numRuns: 100 },
    );
    assert.ok(taken > 0 && refused > 0, `${taken} late commits were taken, ${refused} refused`);
  });
});
