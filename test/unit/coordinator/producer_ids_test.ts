/** Producer ids: each given out once, whatever becomes of the process. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { Coordinator } from "../../../src/coordinator/mod.ts";
import { BLOCK_EMPTY, decideProducerId } from "../../../src/coordinator/producers/ids.ts";
import type { CoordinatorInput } from "../../../src/model/mod.ts";
import { IMAGE_EMPTY } from "../../../src/model/mod.ts";
import { DiskError, FaultyDisk, MemoryDisk } from "../../../src/storage/mod.ts";
import { create, decided, NOW_MS, open, stop } from "./world.ts";

/** Asks for so many ids in one turn. */
function take(coordinator: Coordinator, count: number): number[] {
  const inputs: CoordinatorInput[] = Array.from({ length: count }, (_, id) => (
    { kind: "decide", id, command: { kind: "init_producer_id" } }
  ));
  return decided(coordinator.turn(inputs, NOW_MS)).map(({ reply }) => {
    assert(reply.kind === "producer_id" && reply.producerEpoch === 0);
    return reply.producerId;
  });
}

describe("init_producer_id", () => {
  it("counts up from 0 and goes on behind the block after a stop", () => {
    const disk = new MemoryDisk();
    const { coordinator } = open(disk);
    assert.deepEqual(take(coordinator, 3), [0, 1, 2]);
    assert.deepEqual(take(coordinator, 1), [3]);
    assert.equal(coordinator.image.nextProducerId, 1_000);
    const recoveryPoint = stop(coordinator);
    const again = open(disk, { clean: true, recoveryPoint }).coordinator;
    assert.deepEqual(take(again, 2), [1_000, 1_001]);
  });

  it("writes to the journal for a block alone, and flushes before it answers", () => {
    const disk = new FaultyDisk();
    const { coordinator } = open(disk);
    const turn = (id: number) =>
      coordinator.turn([{ kind: "decide", id, command: { kind: "init_producer_id" } }], NOW_MS)
        .map(({ kind }) => kind);
    assert.deepEqual(turn(0), ["decided", "flushed"]);
    assert.deepEqual(turn(1), ["decided"]);
    take(coordinator, 998);
    disk.fail({ operation: "sync", path: "data/__cluster_metadata-0/00000000000000000000.log" });
    assert.throws(() => turn(2), DiskError);
  });

  it("never gives an id twice, over stops, kills, power cuts and snapshots", () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant("take" as const),
          count: fc.integer({ min: 1, max: 1_400 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constantFrom("kill" as const, "cut" as const, "stop" as const) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("topic" as const) }) },
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 20 }),
        fc.constantFrom(1, 300, 1_048_576),
        (steps, snapshotBytesMin) => {
          const disk = new FaultyDisk();
          let { coordinator } = open(disk, { snapshotBytesMin });
          const given = new Set<number>();
          let topics = 0;
          for (const step of steps) {
            if (step.kind === "topic") {
              coordinator.turn([{
                kind: "decide",
                id: 0,
                command: create(`t${topics++}`),
              }], NOW_MS);
            }
            if (step.kind === "take") {
              for (const id of take(coordinator, step.count)) {
                assert.ok(!given.has(id), `${id} was given out before`);
                assert.ok(id < coordinator.image.nextProducerId);
                given.add(id);
              }
            }
            if (step.kind === "stop") stop(coordinator);
            if (step.kind === "cut") disk.crash(() => 0);
            if (step.kind === "stop" || step.kind === "cut" || step.kind === "kill") {
              coordinator = open(disk, { snapshotBytesMin }).coordinator;
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it("says KAFKA_STORAGE_ERROR on a full disk, keeps no id back and goes on when there is space", () => {
    const disk = new FaultyDisk();
    const { coordinator } = open(disk);
    disk.full = true;
    const [output] = decided(
      coordinator.turn([{ kind: "decide", id: 0, command: { kind: "init_producer_id" } }], NOW_MS),
    );
    assert(output!.reply.kind === "failed");
    assert.deepEqual([output!.reply.fault.code, output!.events], ["KAFKA_STORAGE_ERROR", []]);
    disk.full = false;
    assert.deepEqual(take(coordinator, 1), [0]);
  });

  it("refuses when the numbers are used up", () => {
    const image = { ...IMAGE_EMPTY, nextProducerId: Number.MAX_SAFE_INTEGER - 500 };
    const decision = decideProducerId(image, BLOCK_EMPTY);
    assert("code" in decision);
    assert.equal(decision.code, "UNKNOWN_SERVER_ERROR");
  });
});
