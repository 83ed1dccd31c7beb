/** Idempotent producers in a shard: a repeated batch keeps the promise of its own acks, and who is described. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Acks, AppendInput } from "../../../src/model/mod.ts";
import { encodeBatch } from "../../../src/record/mod.ts";
import { answer, fetch, fetched, NOW_MS, open, openWorld, World } from "./world.ts";

function appendBy(id: number, baseSequence: number, acks: Acks, producerId = 9): AppendInput {
  const records = [{ timestamp: NOW_MS, value: `${producerId}:${baseSequence}` }];
  const batch = Uint8Array.from(encodeBatch(records, { producerId, producerEpoch: 0, baseSequence }));
  return { kind: "append", id, handle: 0, acks, batch };
}

describe("Shard.turn with a batch that came before", () => {
  it("answers the first offset and flushes before it does when acks=all asks for it", () => {
    const world = openWorld(1);
    world.turn(appendBy(1, 0, 1), appendBy(2, 1, 1));
    assert.equal(world.disk.count("sync"), 0);
    const outputs = world.turn(appendBy(3, 0, -1));
    assert.deepEqual(answer(outputs, "appended", 3), {
      kind: "appended",
      id: 3,
      baseOffset: 0,
      logAppendTimeMs: -1,
      logStartOffset: 0,
      fault: null,
    });
    assert.deepEqual([world.disk.count("sync"), world.disk.count("write")], [1, 2]);
    assert.deepEqual(fetched(world.turn(fetch(4, [0])), 4), [["9:0", "9:1"]]);
  });

  it("says nothing of a repeated batch whose flush fails", () => {
    const world = openWorld(1);
    world.turn(appendBy(1, 0, 1));
    world.disk.fail({ operation: "sync", path: "data/orders-0/00000000000000000000.log" });
    assert.throws(() => world.turn(appendBy(2, 0, -1)), { name: "DiskError" });
  });

  it("takes both within one turn for one, and refuses a gap for itself alone", () => {
    const world = openWorld(1);
    const outputs = world.turn(appendBy(1, 0, 1), appendBy(2, 0, -1), appendBy(3, 2, -1), appendBy(4, 1, -1));
    const found = [1, 2, 3, 4].map((id) => {
      const { baseOffset, fault } = answer(outputs, "appended", id);
      return fault?.code ?? baseOffset;
    });
    assert.deepEqual(found, [0, 0, "OUT_OF_ORDER_SEQUENCE_NUMBER", 1]);
    assert.equal(world.disk.count("sync"), 1);
  });
});

describe("Shard.turn with a describe_producers", () => {
  it("gives every producer of the partition, also after a start, and a fault for a handle it does not hold", () => {
    const world = openWorld(1);
    world.turn(appendBy(1, 0, 1), appendBy(2, 1, 1), appendBy(3, 7, 1, 4));
    const known = [[9, 0, 1], [4, 0, 7]];
    const describe = (one: World) => {
      const outputs = one.turn({ kind: "describe_producers", id: 5, handle: 0 });
      return answer(outputs, "producers_described", 5).producers.map((producer) => [
        producer.producerId,
        producer.producerEpoch,
        producer.lastSequence,
      ]);
    };
    assert.deepEqual(describe(world), known);
    world.turn({ kind: "stop", id: 6 });
    const next = new World({}, world.disk);
    next.turn(open(0, { recoveryPoint: 3 }));
    assert.deepEqual(describe(next), known);
    const refused = next.turn({ kind: "describe_producers", id: 7, handle: 3 });
    assert.equal(answer(refused, "producers_described", 7).fault?.code, "NOT_LEADER_OR_FOLLOWER");
  });
});
