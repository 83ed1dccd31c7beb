/** Ends of leader epochs, and fetches by readers whose records were cut off. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { answer, append, fetch, open, openWorld, World } from "./world.ts";

/** Offsets 0 to 2 are of epoch 2, 3 and 4 of epoch 5; the leader's own is `leaderEpoch`. */
function twoEpochs(leaderEpoch = 5): World {
  const first = new World();
  first.turn(open(0, { leaderEpoch: 2 }), append(1, 0, ["a", "b", "c"]));
  first.turn({ kind: "stop", id: 2 });
  const second = new World({}, first.disk);
  second.turn(open(0, { leaderEpoch: 5, recoveryPoint: 3 }), append(1, 0, ["d", "e"]));
  second.turn({ kind: "stop", id: 2 });
  const third = new World({}, first.disk);
  third.turn(open(0, { leaderEpoch, recoveryPoint: 5 }));
  return third;
}

function epochEnd(world: World, leaderEpoch: number, currentLeaderEpoch = -1) {
  const outputs = world.turn({ kind: "epoch_end", id: 7, handle: 0, leaderEpoch, currentLeaderEpoch });
  const found = answer(outputs, "epoch_end_found", 7);
  return found.fault?.code ?? [found.leaderEpoch, found.endOffset];
}

describe("Shard.turn with an epoch_end", () => {
  it("gives the largest epoch up to the one asked for, and where the next begins", () => {
    const world = twoEpochs();
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6, -1].map((epoch) => epochEnd(world, epoch)), [
      [0, 0],
      [1, 0],
      [2, 3],
      [2, 3],
      [2, 3],
      [5, 5],
      [-1, -1],
      [-1, -1],
    ]);
  });

  it("knows the leader's own epoch before it has written", () => {
    const world = twoEpochs(8);
    assert.deepEqual([5, 7, 8, 9].map((epoch) => epochEnd(world, epoch)), [[5, 5], [5, 5], [8, 5], [-1, -1]]);
    assert.deepEqual(epochEnd(openWorld(1), 0), [0, 0]);
  });

  it("checks the leader epoch the client knows, and the handle", () => {
    const world = twoEpochs();
    assert.deepEqual([4, 5, 6].map((current) => epochEnd(world, 2, current)), [
      "FENCED_LEADER_EPOCH",
      [2, 3],
      "UNKNOWN_LEADER_EPOCH",
    ]);
    const question = { kind: "epoch_end", id: 8, handle: 3, leaderEpoch: 2, currentLeaderEpoch: -1 } as const;
    assert.equal(answer(world.turn(question), "epoch_end_found", 8).fault?.code, "NOT_LEADER_OR_FOLLOWER");
  });
});

describe("Shard.turn with a fetch after a last fetched epoch", () => {
  const ask = (world: World, offset: number, lastFetchedEpoch: number) => {
    const question = fetch(9, [offset], { waitMsMax: 1_000, bytesMin: 1_000_000 });
    const entries = question.entries.map((entry) => ({ ...entry, lastFetchedEpoch }));
    const outputs = world.turn({ ...question, entries });
    if (outputs.length === 0) return "waits";
    const { divergingEpoch, fault, records } = answer(outputs, "fetched", 9).entries[0]!;
    assert.equal(records.length, 0);
    return fault?.code ?? [divergingEpoch?.leaderEpoch, divergingEpoch?.endOffset];
  };

  it("answers at once, without records, where the reader's records and this log part", () => {
    assert.deepEqual(ask(twoEpochs(), 4, 2), [2, 3]);
    assert.deepEqual(ask(twoEpochs(), 3, 4), [2, 3]);
    assert.deepEqual(ask(twoEpochs(), 6, 5), [5, 5]);
    assert.deepEqual(ask(twoEpochs(), 4, 6), "OFFSET_OUT_OF_RANGE");
  });

  it("serves and waits as ever where they agree", () => {
    for (const [offset, epoch] of [[3, 2], [4, 5], [5, 5], [2, 2], [4, -1]] as const) {
      assert.equal(ask(twoEpochs(), offset, epoch), "waits");
    }
  });
});
