import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DiskError } from "../../../src/storage/mod.ts";
import { answer, append, fetch, fetched, FIRST_LOG, open, openWorld, World } from "./world.ts";

const LOG = `data/orders-0/${FIRST_LOG}`;

describe("Shard.turn after a failed flush", () => {
  it("keeps what is acknowledged later through a power cut, though the system took the pages for written", () => {
    const died = openWorld(1);
    died.disk.syncDirectory("");
    died.disk.fail({ operation: "sync", path: LOG });
    assert.throws(() => died.turn(append(1, 0, ["a"], -1)), DiskError);

    const again = new World({}, died.disk);
    again.turn(open(0, { clean: false, isSuspect: true }));
    assert.equal(answer(again.turn(append(2, 0, ["b"], -1)), "appended", 2).fault, null);
    died.disk.crash(() => 0);

    const after = new World({}, died.disk);
    after.turn(open(0, { clean: false }));
    assert.deepEqual(fetched(after.turn(fetch(3, [0])), 3), [["a", "b"]]);
  });
});

describe("Shard.turn after a process that died", () => {
  it("shows nothing that a power cut could still take", () => {
    const died = openWorld(1);
    died.disk.syncDirectory("");
    died.turn(append(1, 0, ["a"], 1));
    died.disk.kill();

    const again = new World({}, died.disk);
    again.turn(open(0, { clean: false }));
    assert.deepEqual(fetched(again.turn(fetch(2, [0])), 2), [["a"]]);
    died.disk.crash(() => 0);

    const after = new World({}, died.disk);
    after.turn(open(0, { clean: false }));
    assert.deepEqual(fetched(after.turn(fetch(3, [0])), 3), [["a"]]);
  });
});

describe("Shard.turn with a trim on a full disk", () => {
  it("answers with a fault or the new start, and goes on", () => {
    const world = openWorld(1);
    world.turn(append(1, 0, ["a", "b"], -1));
    world.disk.fail({ operation: "open", code: "full", times: 100 });
    const { fault } = answer(
      world.turn({ kind: "trim", id: 2, handle: 0, beforeOffset: 2 }),
      "trimmed",
      2,
    );
    assert.equal(fault?.code, "KAFKA_STORAGE_ERROR");
    world.disk.kill();
    const again = new World({}, world.disk);
    again.turn(open(0, { clean: false }));
    assert.deepEqual(fetched(again.turn(fetch(3, [0])), 3), [["a", "b"]]);
  });
});

describe("Shard.turn with a stop", () => {
  it("answers a long poll whose time reaches beyond numbers", () => {
    const world = openWorld(1);
    world.turn(fetch(1, [0], { waitMsMax: Number.MAX_SAFE_INTEGER }));
    const outputs = world.turn({ kind: "stop", id: 2 });
    assert.deepEqual(fetched(outputs, 1), [[]]);
  });
});
