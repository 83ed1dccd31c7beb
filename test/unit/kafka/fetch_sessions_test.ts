/** Fetch sessions through the door, by the table of KIP-227, and the bounds of their cache. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { UUID_NIL } from "../../../src/bytes/mod.ts";
import type { KafkaBroker } from "../../../src/kafka/api.ts";
import { type FetchPlan, openPlan } from "../../../src/kafka/fetch_plan.ts";
import { FetchSession, FetchSessions } from "../../../src/kafka/fetch_sessions.ts";
import type { Command, Fault, FetchedEntry, Reply } from "../../../src/model/mod.ts";
import { TOPIC, TOPIC_ID } from "../../fuzz/kafka_messages.ts";
import { type Outcome, serve, type Served } from "./serve.ts";

const ID_NOT_FOUND = 70;
const WRONG_EPOCH = 71;
const TOPIC_ID_ERROR = 106;
const VERSION = 12;

/** The broker's partitions, by number. */
interface Log {
  highWatermark: number;
  logStartOffset: number;
  records: number;
}

function start(): { served: Served; logs: Log[] } {
  const logs = [0, 1, 2].map(() => ({ highWatermark: 5, logStartOffset: 0, records: 0 }));
  return { logs, served: serve((command) => answer(command, logs)) };
}

function answer(command: Command, logs: readonly Log[]): Reply {
  if (command.kind !== "fetch") throw new Error(`Command "${command.kind}" is not fetch`);
  const entries = command.entries.map(({ topic, partition }): FetchedEntry => {
    const { highWatermark, logStartOffset, records } = logs[partition]!;
    const offsets = { highWatermark, lastStableOffset: highWatermark, logStartOffset };
    return {
      topic,
      partition,
      fault: null,
      ...offsets,
      divergingEpoch: null,
      records: new Uint8Array(records),
    };
  });
  return { kind: "fetched", entries, lease: null };
}

interface Ask {
  readonly id?: number;
  readonly epoch?: number;
  readonly partitions?: readonly number[];
  readonly forget?: readonly number[];
  readonly offset?: number;
  readonly name?: string;
}

function fetch(served: Served, ask: Ask, version = VERSION): Outcome {
  const { id = 0, epoch = -1, partitions = [], forget = [], offset = 5, name = TOPIC } = ask;
  const topic = version >= 13 ? { topicId: TOPIC_ID } : { topic: name };
  const asked = partitions.map((partition) => ({ partition, fetchOffset: offset, partitionMaxBytes: 1_000 }));
  return served.request(1, version, {
    maxWaitMs: 100,
    minBytes: 1,
    maxBytes: 10_000,
    ...(version >= 7 ? { sessionId: id, sessionEpoch: epoch } : {}),
    topics: asked.length === 0 ? [] : [{ ...topic, partitions: asked }],
    ...(version >= 7 && forget.length > 0 ? { forgottenTopicsData: [{ ...topic, partitions: forget }] } : {}),
  });
}

/** What else stands in a request for a partition. */
const ASKED = {
  currentLeaderEpoch: -1,
  fetchOffset: 0,
  lastFetchedEpoch: -1,
  logStartOffset: -1,
  partitionMaxBytes: 1,
  replicaDirectoryId: UUID_NIL,
  highWatermark: -1,
};
const REPLICA = { replicaId: -1, replicaEpoch: -1 };

function codeOf(plan: FetchPlan | Fault): string | null {
  return "code" in plan ? plan.code : null;
}

interface Answered {
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly { readonly partitions: readonly { readonly partitionIndex: number }[] }[];
}

function told(outcome: Outcome): { errorCode: number; sessionId: number; partitions: number[] } {
  const { errorCode, sessionId, responses } = outcome as unknown as Answered;
  const partitions = responses.flatMap(({ partitions }) =>
    partitions.map(({ partitionIndex }) => partitionIndex)
  );
  return { errorCode, sessionId, partitions };
}

function askedLast({ commands }: Served): number[] {
  const command = commands.at(-1);
  assert.ok(command?.kind === "fetch");
  return command.entries.map(({ partition }) => partition);
}

describe("Fetch without a session", () => {
  it("answers all partitions with session id 0, epoch −1, in every version", () => {
    for (let version = 4; version <= 18; version++) {
      const { served } = start();
      const outcome = told(fetch(served, { partitions: [0, 1] }, version));
      assert.deepEqual(outcome, { errorCode: 0, sessionId: 0, partitions: [0, 1] });
    }
  });

  it("ends the session it names", () => {
    const { served } = start();
    const { sessionId } = told(fetch(served, { epoch: 0, partitions: [0] }));
    assert.equal(told(fetch(served, { id: sessionId, epoch: -1, partitions: [0] })).sessionId, 0);
    assert.equal(told(fetch(served, { id: sessionId, epoch: 1 })).errorCode, ID_NOT_FOUND);
  });
});

describe("Fetch with a session", () => {
  it("makes one for id 0 and epoch 0, and tells everything once", () => {
    const { served } = start();
    assert.deepEqual(told(fetch(served, { epoch: 0, partitions: [0, 1, 2] })), {
      errorCode: 0,
      sessionId: 1,
      partitions: [0, 1, 2],
    });
  });

  it("tells news only from then on: records, high watermark, log start", () => {
    const { served, logs } = start();
    fetch(served, { epoch: 0, partitions: [0, 1, 2] });
    assert.deepEqual(told(fetch(served, { id: 1, epoch: 1 })), {
      errorCode: 0,
      sessionId: 1,
      partitions: [],
    });
    assert.deepEqual(askedLast(served), [0, 1, 2]);
    logs[1]!.highWatermark = 6;
    assert.deepEqual(told(fetch(served, { id: 1, epoch: 2 })).partitions, [1]);
    logs[2]!.logStartOffset = 1;
    assert.deepEqual(told(fetch(served, { id: 1, epoch: 3 })).partitions, [2]);
    logs[0]!.records = 10;
    assert.deepEqual(told(fetch(served, { id: 1, epoch: 4 })).partitions, [0]);
    assert.deepEqual(told(fetch(served, { id: 1, epoch: 5 })).partitions, [0]);
    assert.deepEqual(askedLast(served), [1, 2, 0], "who got records goes last");
  });

  it("adds and moves partitions that are named, and forgets those it is told to", () => {
    const { served } = start();
    fetch(served, { epoch: 0, partitions: [0] });
    assert.deepEqual(told(fetch(served, { id: 1, epoch: 1, partitions: [1] })).partitions, [1]);
    fetch(served, { id: 1, epoch: 2, partitions: [0], offset: 77 });
    const command = served.commands.at(-1);
    assert.ok(command?.kind === "fetch");
    assert.deepEqual(command.entries.map(({ partition, offset }) => [partition, offset]), [[0, 77], [1, 5]]);
    fetch(served, { id: 1, epoch: 3, forget: [0] });
    assert.deepEqual(askedLast(served), [1]);
  });

  it("refuses a wrong epoch and an id it does not know, with nothing asked of the broker", () => {
    const { served } = start();
    fetch(served, { epoch: 0, partitions: [0] });
    assert.deepEqual(told(fetch(served, { id: 1, epoch: 2 })), {
      errorCode: WRONG_EPOCH,
      sessionId: 0,
      partitions: [],
    });
    assert.equal(told(fetch(served, { id: 9, epoch: 1 })).errorCode, ID_NOT_FOUND);
    assert.equal(served.commands.length, 1);
    assert.equal(told(fetch(served, { id: 1, epoch: 1 })).errorCode, 0, "the session goes on");
  });

  it("makes a new one in place of the old for id N and epoch 0", () => {
    const { served } = start();
    fetch(served, { epoch: 0, partitions: [0] });
    assert.equal(told(fetch(served, { id: 1, epoch: 0, partitions: [1] })).sessionId, 2);
    assert.equal(told(fetch(served, { id: 1, epoch: 1 })).errorCode, ID_NOT_FOUND);
    assert.deepEqual(told(fetch(served, { id: 2, epoch: 1 })).errorCode, 0);
  });

  it("refuses to change between topic names and ids", () => {
    const { served } = start();
    fetch(served, { epoch: 0, partitions: [0] }, 12);
    assert.equal(told(fetch(served, { id: 1, epoch: 1, partitions: [0] }, 13)).errorCode, TOPIC_ID_ERROR);
    fetch(served, { epoch: 0, partitions: [0] }, 13);
    assert.equal(told(fetch(served, { id: 2, epoch: 1 }, 12)).errorCode, TOPIC_ID_ERROR);
  });

  it("ends when it would hold more partitions than there is room for", () => {
    const sessions = new FetchSessions(() => 1);
    const session = sessions.create(false, 1, 0)!;
    const known = { topic: "t", topicId: UUID_NIL, partition: 0, offset: 0, bytesMax: 0 };
    const filler = {
      ...known,
      currentLeaderEpoch: 0,
      lastFetchedEpoch: 0,
      highWatermark: 0,
      logStartOffset: 0,
    };
    for (let index = 0; index < 999_999; index++) session.partitions.set(String(index), filler);
    const partitions = [0, 1].map((partition) => ({ partition, ...ASKED }));
    const request = (epoch: number, count: number) => ({
      ...{ clusterId: null, replicaId: -1, replicaState: REPLICA, isolationLevel: 0, rackId: "" },
      ...{
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 0,
        sessionId: 1,
        sessionEpoch: epoch,
        forgottenTopicsData: [],
      },
      topics: [{ topic: "t", topicId: UUID_NIL, partitions: partitions.slice(0, count) }],
    });
    const context = { version: 12, broker: { sessions, nowMs: () => 0 } as unknown as KafkaBroker };
    assert.equal(codeOf(openPlan(request(1, 1), context)), null);
    assert.equal(codeOf(openPlan(request(2, 1), context)), "FETCH_SESSION_ID_NOT_FOUND");
    assert.equal(sessions.count, 0);
  });

  it("is refused, or ends, for a name that is too long for a topic", () => {
    const { served } = start();
    const name = "n".repeat(250);
    assert.equal(told(fetch(served, { epoch: 0, partitions: [0], name })).sessionId, 0);
    const { sessionId } = told(fetch(served, { epoch: 0, partitions: [0] }));
    assert.notEqual(sessionId, 0);
    const long = fetch(served, { id: sessionId, epoch: 1, partitions: [0], name });
    assert.equal(told(long).errorCode, ID_NOT_FOUND);
  });

  it("goes by ids from version 13 on", () => {
    const { served, logs } = start();
    fetch(served, { epoch: 0, partitions: [0, 1] }, 13);
    logs[1]!.records = 1;
    assert.deepEqual(told(fetch(served, { id: 1, epoch: 1 }, 13)).partitions, [1]);
    fetch(served, { id: 1, epoch: 2, forget: [1] }, 13);
    assert.deepEqual(askedLast(served), [0]);
  });
});

describe("FetchSession", () => {
  it("counts epochs from 1, and goes on with 1 after 2147483647", () => {
    const session = new FetchSession(1, false, 0);
    assert.equal(session.nextEpoch, 1);
    session.advance();
    assert.equal(session.nextEpoch, 2);
    session.nextEpoch = 2_147_483_647;
    session.advance();
    assert.equal(session.nextEpoch, 1);
  });
});

describe("FetchSessions", () => {
  function full(): FetchSessions {
    let id = 0;
    const sessions = new FetchSessions(() => ++id);
    for (let count = 0; count < 1_000; count++) assert.ok(sessions.create(false, 1, count));
    return sessions;
  }

  it("never gives the same id twice", () => {
    const ids = [5, 5, 5, 6];
    const sessions = new FetchSessions(() => ids.shift()!);
    assert.deepEqual([sessions.create(false, 1, 0)?.id, sessions.create(false, 1, 0)?.id], [5, 6]);
  });

  it("refuses a session when a thousand are in use", () => {
    const sessions = full();
    assert.equal(sessions.create(false, 1, 119_999), null);
    assert.equal(sessions.count, 1_000);
  });

  it("puts a new session in the place of the one that was idle longest, once that is two minutes", () => {
    const sessions = full();
    assert.ok(sessions.create(false, 1, 120_000));
    assert.equal(sessions.count, 1_000);
    assert.equal(sessions.use(1, 120_000), undefined);
    assert.ok(sessions.use(2, 120_000));
  });

  it("counts a session as used whenever it is", () => {
    const sessions = full();
    sessions.use(1, 100_000);
    assert.ok(sessions.create(false, 1, 120_001));
    assert.ok(sessions.use(1, 120_001));
    assert.equal(sessions.use(2, 120_001), undefined);
  });

  it("refuses more partitions than a million in all sessions", () => {
    const sessions = new FetchSessions(() => 1);
    assert.equal(sessions.create(false, 1_000_001, 0), null);
    assert.ok(sessions.create(false, 1_000_000, 0));
    assert.equal(sessions.hasRoom(1_000_000), true);
    assert.equal(sessions.hasRoom(1_000_001), false);
  });
});
