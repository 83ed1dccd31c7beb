/**
 * A disk that is full at each write in turn of the coordinator's life: journal,
 * its snapshots, logs of groups, their being made shorter. Every command is either
 * done or answered with a retriable fault and has done nothing; with room again it
 * is done. A coordinator that is killed meanwhile starts on the full disk with all it
 * had answered for.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Coordinator, openCoordinator } from "../../../src/coordinator/mod.ts";
import { type CoordinatorCommand, isRetriable, type Reply } from "../../../src/model/mod.ts";
import { FillingDisk } from "../storage/filling_disk.ts";
import { commitOf, toCommit } from "./groups/coordinator_world.ts";
import { create, newId, NOW_MS, SETTINGS } from "./world.ts";

const PLACES_MAX = 2_000;
/** So small that snapshots are written and logs of groups are made shorter all the time. */
const BYTES_MIN = 600;

interface World {
  readonly disk: FillingDisk;
  coordinator: Coordinator;
  readonly topics: Map<string, number>;
  readonly offsets: Map<string, number>;
}

function start(disk: FillingDisk): Coordinator {
  const journal = {
    disk,
    dataDirectory: "data",
    clean: false,
    recoveryPoint: 0,
    snapshotBytesMin: BYTES_MIN,
  };
  const settings = { ...SETTINGS, groups: { ...SETTINGS.groups, topicPartitions: 2 } };
  const groupLogs = { positions: [], shortenBytesMin: BYTES_MIN };
  const { coordinator, output } = openCoordinator({ journal, groupLogs, settings, newId }, NOW_MS);
  assert(coordinator !== null, output.kind === "refused" ? output.message : "");
  return coordinator;
}

function ask({ coordinator }: World, command: CoordinatorCommand): Reply {
  for (const output of coordinator.turn([{ kind: "decide", id: 1, command }], NOW_MS)) {
    if (output.kind === "decided") return output.reply;
  }
  assert.fail("a command is answered");
}

/** Why a command was not done; `null` when it was. */
function faultOf(reply: Reply) {
  if (reply.kind === "failed") return reply.fault;
  if (reply.kind === "topics_changed") return reply.topics[0]!.fault;
  assert(reply.kind === "offsets_committed", reply.kind);
  return reply.entries[0]!.fault;
}

function stateOf(world: World) {
  const topics = [...world.coordinator.image.topics.values()].filter(({ name }) => !name.startsWith("__"));
  const groups = [...world.offsets.keys()].map((group) => {
    return { group, memberId: null, memberEpoch: -1, entries: null };
  });
  const fetched = ask(world, { kind: "fetch_offsets", requireStable: true, groups });
  assert(fetched.kind === "offsets_fetched");
  return {
    topics: topics.map(({ name, partitions }) => [name, partitions.length]),
    offsets: fetched.groups.map(({ group, entries }) => [group, entries[0]?.offset]),
  };
}

function check(world: World): void {
  assert.deepEqual(stateOf(world), { topics: [...world.topics], offsets: [...world.offsets] });
}

/** A command, and what it changes when it is done. */
function* history(world: World): Generator<[CoordinatorCommand, () => void]> {
  const { topics, offsets } = world;
  yield [create("orders", { partitions: 1 }), () => void topics.set("orders", 1)];
  for (let round = 0; round < 6; round++) {
    for (const group of ["a", "b"]) {
      const commit = commitOf(group, [toCommit("orders", 0, round, "x".repeat(60))]);
      yield [commit, () => void offsets.set(group, round)];
    }
    const name = `topic-${round}`;
    yield [create(name, { partitions: 2 }), () => void topics.set(name, 2)];
    const added = [{ name, partitions: 3, assignments: null }];
    yield [{ kind: "add_partitions", topics: added, validateOnly: false }, () => void topics.set(name, 3)];
    if (round % 2 === 1) yield [{ kind: "delete_topics", topics: [name] }, () => void topics.delete(name)];
  }
}

/** Plays all of it on a disk that has room for so many things; `meanwhile` whenever something was refused. */
function play(roomFor: number, meanwhile: (world: World) => void): World {
  const disk = new FillingDisk();
  disk.makeDirectory("data");
  disk.syncDirectory("");
  const world: World = { disk, coordinator: start(disk), topics: new Map(), offsets: new Map() };
  disk.roomFor = roomFor;
  for (const [command, done] of history(world)) {
    let failed = faultOf(ask(world, command));
    if (failed !== null) {
      assert(isRetriable(failed.code), `${failed.code} ${failed.message}`);
      check(world);
      meanwhile(world);
      disk.roomFor = Infinity;
      failed = faultOf(ask(world, command));
    }
    assert.equal(failed, null);
    done();
    check(world);
  }
  return world;
}

function playAll(meanwhile: (world: World) => void): void {
  for (let roomFor = 0; roomFor < PLACES_MAX; roomFor++) {
    const world = play(roomFor, meanwhile);
    world.disk.crash(() => 0);
    world.coordinator = start(world.disk);
    check(world);
    if (world.disk.refused.length === 0) return;
  }
  assert.fail("the history ends");
}

describe("Coordinator on a disk that is full at the nth write", () => {
  it("does a command or refuses it as one that may be sent again, and forgets nothing it did", () => {
    playAll(() => {});
  });

  it("starts on the full disk after a kill, with all it had answered for", () => {
    playAll((world) => {
      world.disk.kill();
      world.coordinator = start(world.disk);
      check(world);
    });
  });
});
