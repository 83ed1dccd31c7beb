/** Produce: what is refused before anything is appended, in which order, and how each acks is answered. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { applyEvent, type Command, type Fault, fault, type Reply } from "../../../src/model/mod.ts";
import { encodeBatch } from "../../../src/record/mod.ts";
import { TOPIC, TOPIC_ID } from "../../fuzz/kafka_messages.ts";
import { IMAGE } from "../../fuzz/kafka_broker.ts";
import { type Outcome, serve } from "./serve.ts";

const BATCH = encodeBatch([{ timestamp: 1, key: null, value: Uint8Array.of(1), headers: [] }]);
const ZSTD = withByte(BATCH, 22, 4);
const OLD = withByte(BATCH, 16, 1);

interface Part {
  readonly index?: number;
  readonly records?: Uint8Array | null;
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = value;
  return changed;
}

function body(parts: readonly Part[], more: Record<string, unknown> = {}, name: string = TOPIC) {
  const partitionData = parts.map(({ index = 0, records = BATCH }) => ({ index, records }));
  return { transactionalId: null, acks: -1, timeoutMs: 1_000, topicData: [{ name, partitionData }], ...more };
}

/** Appends everything at offset 40 and up, or fails where `failed` says so. */
function broker(failed: (partition: number) => Fault | null = () => null) {
  return serve((command: Command): Reply => {
    assert.equal(command.kind, "produce");
    if (command.kind !== "produce") throw new Error("unreachable");
    const entries = command.entries.map(({ topic, partition }) => {
      const words = failed(partition);
      const baseOffset = words === null ? 40 + partition : -1;
      return { topic, partition, fault: words, baseOffset, logAppendTimeMs: -1, logStartOffset: 3 };
    });
    return { kind: "produced", entries };
  });
}

interface Answered {
  readonly responses: readonly {
    readonly name: string;
    readonly topicId: string;
    readonly partitionResponses: readonly Record<string, unknown>[];
  }[];
}

function partitions(outcome: Outcome): readonly Record<string, unknown>[] {
  return (outcome as unknown as Answered).responses.flatMap(({ partitionResponses }) => partitionResponses);
}

function codes(outcome: Outcome): unknown[] {
  return partitions(outcome).map(({ errorCode }) => errorCode);
}

describe("Produce", () => {
  it("answers each partition in its place, with offsets, in every version", () => {
    for (let version = 3; version <= 12; version++) {
      const served = broker();
      const outcome = served.request(0, version, body([{ index: 2 }, { index: 0 }]));
      const told = partitions(outcome).map((
        { index, errorCode, baseOffset },
      ) => [index, errorCode, baseOffset]);
      assert.deepEqual(told, [[2, 0, 42], [0, 0, 40]]);
      if (version >= 5) assert.equal(partitions(outcome)[0]!.logStartOffset, 3);
      const [command] = served.commands;
      assert.ok(command?.kind === "produce");
      assert.equal(command.acks, -1);
      assert.equal(command.timeoutMs, 1_000);
    }
  });

  it("names topics by id from version 13 on", () => {
    const known = { topicData: [{ topicId: TOPIC_ID, partitionData: [{ index: 1, records: BATCH }] }] };
    const served = broker();
    assert.deepEqual(codes(served.request(0, 13, { acks: 1, ...known })), [0]);
    const [command] = served.commands;
    assert.ok(command?.kind === "produce");
    assert.equal(command.entries[0]!.topic, TOPIC);
    const unknown = { topicData: [{ ...known.topicData[0]!, topicId: "AAAAAAAAAAAAAAAAAAAAAQ" }] };
    assert.deepEqual(codes(served.request(0, 13, { acks: 1, ...unknown })), [100]);
    assert.equal(served.commands.length, 1);
  });

  it("answers acks=0 with nothing when all went well, and by hanging up when anything did not", () => {
    const quiet = { acks: 0 };
    assert.equal(broker().request(0, 7, body([{}], quiet)), "nothing");
    assert.equal(broker().request(0, 7, body([{}, { index: 1, records: null }], quiet)), "closed");
    const failing = broker((index) => index === 1 ? fault("NOT_LEADER_OR_FOLLOWER", "Gone") : null);
    assert.equal(failing.request(0, 7, body([{}, { index: 1 }], quiet)), "closed");
  });

  it("refuses every partition for acks that do not exist, and appends nothing", () => {
    const served = broker();
    assert.deepEqual(codes(served.request(0, 9, body([{}, { index: 1 }], { acks: 2 }))), [21, 21]);
    assert.deepEqual(served.commands, []);
  });

  it("refuses transactions before it looks at acks", () => {
    const outcome = broker().request(0, 9, body([{}], { acks: 7, transactionalId: "t" }));
    assert.deepEqual(codes(outcome), [53]);
  });

  it("refuses records that are not exactly one batch of format 2, and appends the others", () => {
    const twice = new Uint8Array(2 * BATCH.length);
    twice.set(BATCH);
    twice.set(BATCH, BATCH.length);
    const served = broker();
    const wrong = [null, new Uint8Array(0), BATCH.subarray(0, 10), OLD, twice];
    const parts = wrong.map((records, index) => ({ index, records }));
    const outcome = served.request(0, 9, body([...parts, { index: 9 }]));
    assert.deepEqual(codes(outcome), [87, 87, 87, 87, 87, 0]);
    assert.match(String(partitions(outcome)[3]!.errorMessage), /Batch of format "1" must have format 2/);
    assert.equal(partitions(outcome)[5]!.baseOffset, 49);
  });

  it("takes zstd from version 7 on, and refuses it before", () => {
    assert.deepEqual(codes(broker().request(0, 6, body([{ records: ZSTD }]))), [76]);
    assert.deepEqual(codes(broker().request(0, 7, body([{ records: ZSTD }]))), [0]);
  });

  it("refuses a partition's second batch in one request, and appends the first", () => {
    const served = broker();
    assert.deepEqual(codes(served.request(0, 9, body([{}, {}, { index: 1 }]))), [0, 42, 0]);
    const [command] = served.commands;
    assert.ok(command?.kind === "produce");
    assert.deepEqual(command.entries.map(({ partition }) => partition), [0, 1]);
  });

  it("gives a partition's fault to that partition alone, in words from version 8 on", () => {
    const failing = broker((index) => index === 1 ? fault("OUT_OF_ORDER_SEQUENCE_NUMBER", "Gap") : null);
    const outcome = failing.request(0, 8, body([{}, { index: 1 }, { index: 2 }]));
    assert.deepEqual(codes(outcome), [0, 45, 0]);
    assert.equal(partitions(outcome)[1]!.errorMessage, "Gap");
    assert.equal(partitions(outcome)[1]!.baseOffset, -1);
    assert.deepEqual(codes(failing.request(0, 3, body([{ index: 1 }]))), [45]);
  });

  it("gives every partition the fault of a command that failed as a whole", () => {
    const served = serve(() => ({ kind: "failed", fault: fault("REQUEST_TIMED_OUT", "Late") }));
    assert.deepEqual(codes(served.request(0, 9, body([{}, { index: 1 }]))), [7, 7]);
  });

  it("lets nobody but the admin client write to the broker's own topics", () => {
    const topic = {
      name: "__own",
      id: "AAAAAAAAAAAAAAAAAAAAAg",
      internal: true,
      partitions: [],
      settings: {},
    };
    const served = broker();
    served.image = applyEvent(IMAGE, { kind: "topic_created", topic });
    assert.deepEqual(codes(served.request(0, 9, body([{}], {}, "__own"))), [17]);
    assert.deepEqual(codes(served.request(0, 9, body([{}], {}, "__own"), "__admin_client")), [0]);
  });
});
