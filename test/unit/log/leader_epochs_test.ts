import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { LeaderEpochs } from "../../../src/log/leader_epochs.ts";

const THREE = [{ epoch: 0, startOffset: 0 }, { epoch: 2, startOffset: 10 }, { epoch: 5, startOffset: 30 }];

describe("LeaderEpochs", () => {
  it("answers where an epoch ends as Kafka does", () => {
    const epochs = new LeaderEpochs(THREE);
    const ends = [-1, 0, 1, 2, 3, 4, 5, 6].map((epoch) => epochs.endOffsetFor(epoch, 99));
    assert.deepEqual(ends.map((end) => [end.leaderEpoch, end.endOffset]), [
      [-1, -1],
      [0, 10],
      [0, 10],
      [2, 30],
      [2, 30],
      [2, 30],
      [5, 99],
      [-1, -1],
    ]);
    assert.deepEqual(new LeaderEpochs([{ epoch: 3, startOffset: 7 }]).endOffsetFor(1, 99), {
      leaderEpoch: 1,
      endOffset: 7,
    });
  });

  it("knows the epoch of an offset", () => {
    const epochs = new LeaderEpochs([{ epoch: 1, startOffset: 5 }, { epoch: 2, startOffset: 8 }]);
    assert.deepEqual([4, 5, 7, 8, 1_000].map((offset) => epochs.at(offset)), [-1, 1, 1, 2, 2]);
  });

  it("drops what a new epoch contradicts", () => {
    const epochs = new LeaderEpochs(THREE);
    assert.equal(epochs.assign(5, 40), false);
    assert.equal(epochs.assign(6, 20), true);
    assert.deepEqual(epochs.entries, [...THREE.slice(0, 2), { epoch: 6, startOffset: 20 }]);
  });

  it("is cut at both ends and keeps the epoch in force at the start", () => {
    const epochs = new LeaderEpochs(THREE);
    assert.equal(epochs.truncateStart(15), true);
    assert.equal(epochs.truncateStart(15), false);
    assert.deepEqual(epochs.entries, [{ epoch: 2, startOffset: 15 }, { epoch: 5, startOffset: 30 }]);
    assert.equal(epochs.truncateEnd(30), true);
    assert.deepEqual(epochs.entries, [{ epoch: 2, startOffset: 15 }]);
  });
});
