/** The outbox: what leaves together, how much may be on its way, and whose buffers are whose. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type FromPartitionWorker, Outbox, type ToPartitionWorker } from "../../../src/mailbox/mod.ts";
import { AssertionError, fault, type ShardNews, type ShardOutput } from "../../../src/model/mod.ts";
import { Noting, tick } from "./world.ts";

type Turn = Extract<ToPartitionWorker, { kind: "turn" }>;
type Turned = Extract<FromPartitionWorker, { kind: "turned" }>;

const GONE = fault("KAFKA_STORAGE_ERROR", "The worker is gone");
const ignore = () => {};

/** A connected outbox and the turns it sent. */
function connected() {
  const turns: Turn[] = [];
  const transfers: ArrayBuffer[][] = [];
  const outbox = new Outbox();
  const post = (message: ToPartitionWorker, transfer: ArrayBuffer[]) => {
    assert.equal(message.kind, "turn");
    turns.push(message as Turn);
    transfers.push(transfer);
  };
  outbox.connect(post);
  return { outbox, turns, transfers, post };
}

function turned(outputs: readonly ShardOutput[], changes: Partial<Turned> = {}): Turned {
  return { kind: "turned", outputs, buffers: [], returned: [], asked: true, ...changes };
}

function appended(id: number): ShardOutput {
  return { kind: "appended", id, baseOffset: 5, logAppendTimeMs: -1, logStartOffset: 0, fault: null };
}

function fetchedFrom(id: number, ...views: Uint8Array[]): ShardOutput {
  const offsets = { highWatermark: 0, lastStableOffset: 0, logStartOffset: 0 };
  const marks = { handle: 0, ...offsets, divergingEpoch: null, fault: null };
  return { kind: "fetched", id, entries: views.map((records) => ({ ...marks, records })) };
}

function describeOne(outbox: Outbox, receiver = new Noting()): number {
  return outbox.ask({ kind: "describe", handles: [1] }, receiver);
}

describe("Outbox.append and Outbox.ask", () => {
  it("send the inputs of one tick in one message, in order, batches copied", async () => {
    const { outbox, turns, transfers } = connected();
    const batch = Uint8Array.of(1, 2, 3);
    outbox.append(7, -1, batch, new Noting());
    batch.fill(9);
    outbox.append(8, 0, batch, new Noting());
    const id = describeOne(outbox);
    outbox.tell({ kind: "cancel", id });
    assert.deepEqual([turns.length, outbox.pending], [0, 3]);
    await tick();
    assert.equal(turns.length, 1);
    const [first, second] = turns[0]!.inputs as unknown as [{ batch: Uint8Array }, { batch: Uint8Array }];
    assert.deepEqual(turns[0]!.inputs.map(({ kind }) => kind), ["append", "append", "describe", "cancel"]);
    assert.deepEqual([[...first.batch], [...second.batch]], [[1, 2, 3], [9, 9, 9]]);
    assert.deepEqual(transfers, [[first.batch.buffer]]);
    assert.deepEqual(turns[0]!.buffers, [first.batch.buffer]);
  });

  it("have at most two turns unanswered and collect the rest into the next", async () => {
    const { outbox, turns } = connected();
    for (let count = 0; count < 5; count++) {
      describeOne(outbox);
      await tick();
    }
    assert.equal(turns.length, 2);
    outbox.turned(turned([]), ignore);
    await tick();
    assert.deepEqual(turns.map(({ inputs }) => inputs.length), [1, 1, 3]);
  });

  it("do not take what the worker says by itself for an answered turn", async () => {
    const { outbox, turns } = connected();
    for (let count = 0; count < 3; count++) {
      describeOne(outbox);
      await tick();
    }
    outbox.turned(turned([], { asked: false }), ignore);
    await tick();
    assert.equal(turns.length, 2);
  });

  it("use the buffers again that come back", async () => {
    const { outbox, turns } = connected();
    outbox.append(7, -1, Uint8Array.of(1), new Noting());
    await tick();
    const [buffer] = turns[0]!.buffers;
    outbox.turned(turned([appended(0)], { returned: [buffer!] }), ignore);
    outbox.append(7, -1, Uint8Array.of(2), new Noting());
    await tick();
    assert.equal(turns[1]!.buffers[0], buffer);
  });
});

describe("Outbox.turned", () => {
  it("tells each receiver its output, once, and what nobody asked for to who listens", () => {
    const { outbox } = connected();
    const [first, second] = [new Noting(), new Noting()];
    outbox.append(7, -1, Uint8Array.of(1), first);
    outbox.append(7, -1, Uint8Array.of(2), second);
    const heard: ShardNews[] = [];
    const notice: ShardNews = { kind: "notice", handle: 7, text: "repaired" };
    const moved: ShardNews = { kind: "log_start_moved", handle: 7, logStartOffset: 4 };
    outbox.turned(
      turned([appended(1), notice, appended(0), moved, appended(1), appended(99)]),
      (news) => heard.push(news),
    );
    assert.deepEqual([first.outputs, second.outputs], [[appended(0)], [appended(1)]]);
    assert.deepEqual([heard, outbox.pending], [[notice, moved], 0]);
  });

  it("sends a buffer back when the last who holds it lets go, with the next turn", async () => {
    const { outbox, turns, transfers } = connected();
    const receivers = [new Noting(), new Noting()];
    for (const receiver of receivers) {
      receiver.receive = (_output, lease) => {
        lease!.hold();
        receiver.leases.push(lease);
      };
    }
    for (const receiver of receivers) describeOne(outbox, receiver);
    const buffer = new ArrayBuffer(65_536);
    const views = [new Uint8Array(buffer, 0, 10), new Uint8Array(buffer, 10, 10)];
    outbox.turned(
      turned([fetchedFrom(0, views[0]!), fetchedFrom(1, views[1]!)], { buffers: [buffer] }),
      ignore,
    );
    receivers[0]!.leases[0]!.release();
    await tick();
    assert.deepEqual(turns[0]!.returned, []);
    receivers[1]!.leases[0]!.release();
    describeOne(outbox);
    await tick();
    assert.deepEqual([turns[1]!.returned, transfers[1]], [[buffer], [buffer]]);
  });

  it("sends back at once what nobody holds, also that of answers nobody waits for", async () => {
    const { outbox, turns } = connected();
    const [unread, unasked] = [new ArrayBuffer(65_536), new ArrayBuffer(65_536)];
    const id = describeOne(outbox);
    const outputs = [fetchedFrom(id, new Uint8Array(unread)), fetchedFrom(99, new Uint8Array(unasked))];
    outbox.turned(turned(outputs, { buffers: [unread, unasked] }), ignore);
    describeOne(outbox);
    await tick();
    assert.deepEqual(turns[0]!.returned, [unread, unasked]);
  });

  it("gives one lease for an answer that lies in several buffers, none for one without records", () => {
    const { outbox } = connected();
    const [both, none] = [new Noting(), new Noting()];
    describeOne(outbox, both);
    describeOne(outbox, none);
    const buffers = [new ArrayBuffer(65_536), new ArrayBuffer(65_536)];
    const views = buffers.map((buffer) => new Uint8Array(buffer, 0, 10));
    outbox.turned(turned([fetchedFrom(0, ...views), fetchedFrom(1, new Uint8Array(0))], { buffers }), ignore);
    assert.deepEqual(none.leases, [null]);
    assert.throws(() => both.leases[0]!.release(), AssertionError, "a lease nobody held");
  });
});

describe("Outbox.disconnect", () => {
  it("fails all who wait; later questions wait for connect and leave first", async () => {
    const { outbox, turns, post } = connected();
    const [sent, unsent, later] = [new Noting(), new Noting(), new Noting()];
    describeOne(outbox, sent);
    await tick();
    describeOne(outbox, unsent);
    outbox.disconnect(GONE);
    assert.deepEqual([sent.faults, unsent.faults, outbox.pending], [[GONE], [GONE], 0]);
    outbox.append(7, -1, Uint8Array.of(4), later);
    await tick();
    assert.equal(turns.length, 1);
    outbox.connect(post);
    describeOne(outbox);
    await tick();
    assert.deepEqual(turns[1]!.inputs.map(({ kind }) => kind), ["append", "describe"]);
    assert.deepEqual(later.faults, []);
  });

  it("forgets the turns in flight and the buffers of the old worker", async () => {
    const { outbox, turns, post } = connected();
    const holder = new Noting();
    holder.receive = (_output, lease) => {
      lease!.hold();
      holder.leases.push(lease);
    };
    for (let count = 0; count < 2; count++) {
      describeOne(outbox, holder);
      await tick();
    }
    const buffer = new ArrayBuffer(65_536);
    outbox.turned(
      turned([fetchedFrom(0, new Uint8Array(buffer))], { buffers: [buffer], asked: false }),
      ignore,
    );
    outbox.disconnect(GONE);
    holder.leases[0]!.release();
    outbox.connect(post);
    describeOne(outbox);
    await tick();
    assert.deepEqual([turns.length, turns[2]!.returned], [3, []]);
  });
});
