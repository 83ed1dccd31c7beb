/** The coordinator's client over a thread the test plays. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { CoordinatorClient, CoordinatorError } from "../../../src/mailbox/mod.ts";
import {
  type CoordinatorCommand,
  type CoordinatorOutput,
  type CoordinatorStart,
  type Fault,
  type Image,
  IMAGE_EMPTY,
  type MetadataEvent,
  type Reply,
  type ShardOutput,
} from "../../../src/model/mod.ts";
import { GROUP_SETTINGS } from "../coordinator/groups/settings.ts";
import { ManualClock, NotingLogger, playedSpawn, type PlayedThread, tick } from "./world.ts";

const START: CoordinatorStart = {
  kind: "start",
  dataDirectory: "data",
  disk: "memory",
  settings: {
    nodeId: 1,
    partitionsDefault: 1,
    replicationFactorDefault: 1,
    deletionEnabled: true,
    groups: GROUP_SETTINGS,
    given: {},
  },
  clean: true,
  recoveryPoint: 0,
  groupLogs: [],
};
const COMMAND: CoordinatorCommand = { kind: "delete_topics", topics: ["orders"] };
const DONE: Reply = { kind: "topics_changed", topics: [] };

function world() {
  const { spawn, threads } = playedSpawn();
  const [clock, logger] = [new ManualClock(), new NotingLogger()];
  const images: Image[] = [];
  const settle: (() => void)[] = [];
  const changes: MetadataEvent[] = [];
  const decided = (events: readonly MetadataEvent[], settled: () => void) => {
    changes.push(...events);
    settle.push(settled);
  };
  const listener = { replaced: (image: Image) => void images.push(image), decided };
  const client = new CoordinatorClient(START, listener, clock, logger, spawn);
  return { client, threads, clock, logger, images, settle, changes };
}

function say(thread: PlayedThread, ...outputs: CoordinatorOutput[]): void {
  thread.events.message(outputs);
}

const ready: CoordinatorOutput = { kind: "ready", image: IMAGE_EMPTY, report: [] };

/** A world whose coordinator is up. */
async function started() {
  const made = world();
  const start = made.client.start();
  say(made.threads[0]!, ready);
  await start;
  return made;
}

function ask(client: CoordinatorClient): Reply[] {
  const replies: Reply[] = [];
  client.decide(COMMAND, (reply) => replies.push(reply));
  return replies;
}

function codesOf(replies: readonly Reply[]): string[] {
  return replies.map((reply) => reply.kind === "failed" ? reply.fault.code : reply.kind);
}

describe("CoordinatorClient.decide", () => {
  it("sends the commands of one tick in one message and replies when each is in force", async () => {
    const { client, threads, settle } = await started();
    const [first, second] = [ask(client), ask(client)];
    await tick();
    assert.deepEqual(threads[0]!.posted.map((message) => message.kind ?? message.length), ["start", 2]);
    const [{ id }, { id: secondId }] = threads[0]!.posted[1];
    say(threads[0]!, { kind: "decided", id: secondId, reply: DONE, events: [] });
    say(threads[0]!, { kind: "decided", id, reply: DONE, events: [] });
    assert.deepEqual([first, second], [[], []]);
    settle[0]!();
    assert.deepEqual([first, second], [[], [DONE]]);
    settle[1]!();
    assert.deepEqual(first, [DONE]);
  });

  it("hands on what the coordinator changed for itself, and answers those who were answered later all the same", async () => {
    const { client, threads, settle, changes } = await started();
    const replies = ask(client);
    await tick();
    const [{ id }] = threads[0]!.posted[1];
    const reserved = { kind: "producer_ids_reserved", nextProducerId: 1_000 } as const;
    say(threads[0]!, { kind: "changed", events: [reserved] });
    assert.deepEqual([changes, replies], [[reserved], []]);
    settle[0]!();
    say(threads[0]!, { kind: "decided", id, reply: DONE, events: [] });
    settle[1]!();
    assert.deepEqual(replies, [DONE]);
  });

  it("fails when the coordinator dies and until another one is up, whose image replaces the old", async () => {
    const { client, threads, clock, images, logger } = await started();
    const replies = ask(client);
    await tick();
    threads[0]!.die();
    assert.deepEqual(codesOf(replies), ["COORDINATOR_NOT_AVAILABLE"]);
    assert.deepEqual(codesOf(ask(client)), ["COORDINATOR_NOT_AVAILABLE"]);
    clock.turn(100);
    assert.equal(threads.length, 2);
    assert.deepEqual(threads[1]!.posted, [{ ...START, clean: false }]);
    say(threads[1]!, { ...ready, image: { ...IMAGE_EMPTY, version: 4 } });
    assert.deepEqual(images.map(({ version }) => version), [0, 4]);
    assert.deepEqual(logger.lines, ["error: the coordinator died: the disk is gone"]);
    assert.deepEqual(ask(client), []);
  });

  it("fails while the journal cannot be opened again, and tries again, less and less often", async () => {
    const { client, threads, clock, logger } = await started();
    threads[0]!.die();
    clock.turn(100);
    say(threads[1]!, { kind: "refused", message: "No space left" });
    assert.ok(threads[1]!.isEnded);
    assert.equal(logger.lines.at(-1), "error: the coordinator died: No space left");
    const replies = ask(client);
    await tick();
    assert.deepEqual(codesOf(replies), ["COORDINATOR_NOT_AVAILABLE"]);
    clock.turn(199);
    assert.equal(threads.length, 2);
    clock.turn(1);
    say(threads[2]!, ready);
    assert.deepEqual(ask(client), []);
    threads[2]!.die();
    clock.turn(100);
    assert.equal(threads.length, 4);
  });
});

describe("CoordinatorClient.start", () => {
  it("rejects when the coordinator refuses or dies, and leaves it at that", async () => {
    for (const end of ["refuse", "die"]) {
      const { client, threads, clock } = world();
      const start = client.start();
      if (end === "die") threads[0]!.die("No");
      else say(threads[0]!, { kind: "refused", message: "No" });
      await assert.rejects(start, CoordinatorError);
      clock.turn(60_000);
      assert.equal(threads.length, 1);
      assert.equal(await client.stop(), null);
    }
  });
});

describe("CoordinatorClient.place", () => {
  const question = { kind: "epoch_end", handle: 7, leaderEpoch: 0, currentLeaderEpoch: -1 } as const;

  function read(client: CoordinatorClient): (ShardOutput | Fault)[] {
    const heard: (ShardOutput | Fault)[] = [];
    const receiver = {
      receive: (output: ShardOutput) => heard.push(output),
      fail: (failed: Fault) => heard.push(failed),
    };
    client.place(7).outbox.ask(question, receiver);
    return heard;
  }

  it("asks the coordinator's thread, beside its commands", async () => {
    const { client, threads } = await started();
    const heard = read(client);
    ask(client);
    await tick();
    const messages = threads[0]!.posted.slice(1);
    assert.deepEqual(messages.map((message) => message.kind ?? message.length).sort(), [1, "turn"]);
    const { inputs } = messages.find(({ kind }) => kind === "turn");
    assert.deepEqual(inputs, [{ ...question, id: 0 }]);
    const output = { kind: "epoch_end_found", id: 0, leaderEpoch: 0, endOffset: 4, fault: null } as const;
    const turned = { kind: "turned", outputs: [output], buffers: [], returned: [], asked: true };
    threads[0]!.events.message(turned);
    assert.deepEqual(heard, [output]);
  });

  it("has a fault until the coordinator is up, when it is gone, and once it is to stop", async () => {
    const { client, threads, clock } = world();
    const code = () => client.place(0).fault?.code ?? null;
    assert.equal(code(), "NOT_LEADER_OR_FOLLOWER");
    const start = client.start();
    say(threads[0]!, ready);
    await start;
    assert.equal(code(), null);
    const heard = read(client);
    threads[0]!.die();
    assert.equal(code(), "NOT_LEADER_OR_FOLLOWER");
    assert.deepEqual(heard.map((one) => "code" in one && one.code), ["NOT_LEADER_OR_FOLLOWER"]);
    clock.turn(100);
    say(threads[1]!, ready);
    assert.equal(code(), null);
    void client.stop();
    assert.equal(code(), "NOT_LEADER_OR_FOLLOWER");
  });
});

describe("CoordinatorClient.stop", () => {
  it("gives the recovery point and ends the thread, which is not replaced", async () => {
    const { client, threads, clock } = await started();
    say(threads[0]!, { kind: "flushed", recoveryPoint: 3, groupLogs: [] });
    assert.equal(client.recoveryPoint, 3);
    const stop = client.stop();
    await tick();
    say(threads[0]!, { kind: "stopped", id: threads[0]!.posted[1][0].id, recoveryPoint: 5, groupLogs: [] });
    assert.equal(await stop, 5);
    assert.ok(threads[0]!.isEnded);
    clock.turn(60_000);
    assert.equal(threads.length, 1);
  });

  it("leaves where the groups' logs stand: what was known at the start, and what was said since", async () => {
    const { client, threads, clock } = await started();
    const at = (partition: number, recoveryPoint: number) => {
      return { partition, recoveryPoint, logStartOffset: 0, highWatermark: recoveryPoint };
    };
    say(threads[0]!, { kind: "flushed", recoveryPoint: 3, groupLogs: [at(4, 1), at(9, 1)] });
    say(threads[0]!, { kind: "flushed", recoveryPoint: 3, groupLogs: [at(4, 2)] });
    assert.deepEqual(client.groupLogs, [at(4, 2), at(9, 1)]);
    threads[0]!.die();
    clock.turn(100);
    assert.deepEqual(threads[1]!.posted[0], { ...START, clean: false, groupLogs: client.groupLogs });
    say(threads[1]!, ready);
    const stop = client.stop();
    await tick();
    const [{ id }] = threads[1]!.posted[1];
    say(threads[1]!, { kind: "stopped", id, recoveryPoint: 5, groupLogs: [at(4, 6)] });
    await stop;
    assert.deepEqual(client.groupLogs, [at(4, 6), at(9, 1)]);
  });

  it("gives null when the coordinator dies over it", async () => {
    const { client, threads, clock } = await started();
    const stop = client.stop();
    await tick();
    threads[0]!.die();
    assert.equal(await stop, null);
    clock.turn(60_000);
    assert.equal(threads.length, 1);
  });
});
