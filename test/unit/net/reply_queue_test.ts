/** The reply queue: order, gathering, and that every slot is let go exactly once. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { ReplySlot } from "../../../src/net/mod.ts";
import { UNMEASURED } from "../../../src/meter/mod.ts";
import { ReplyQueue } from "../../../src/net/reply_queue.ts";
import { concatenate, settle } from "./fakes.ts";

/** A queue with what it wrote; `write` may be replaced. */
function queueThat(write: (bytes: Uint8Array) => Promise<void> = () => Promise.resolve()) {
  const writes: Uint8Array[] = [];
  const events = { progress: 0, ends: 0 };
  const queue = new ReplyQueue(
    async (bytes) => {
      const copy = bytes.slice();
      await write(bytes);
      writes.push(copy);
    },
    () => events.progress++,
    () => events.ends++,
    UNMEASURED,
  );
  return { queue, writes, events };
}

/** Writes that hang until they are let go, or told to fail. */
function gate() {
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const write = () => new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
  return { waiting, write };
}

/** Sizes around the bounds at which chunks are gathered and written. */
const chunkSize = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 16_382, max: 16_387 }),
  fc.integer({ min: 65_534, max: 65_538 }),
);

/** One reply: its chunks' sizes and its rank in the order of filling. */
const reply = fc.record({ sizes: fc.array(chunkSize, { maxLength: 6 }), rank: fc.nat(1_000) });

function chunksOf(sizes: readonly number[], value: number): Uint8Array[] {
  return sizes.map((size, index) => new Uint8Array(size).fill(value * 16 + index));
}

describe("ReplyQueue", () => {
  it("writes every reply's bytes in the order of reservation, whatever the order of filling", async () => {
    const property = fc.asyncProperty(
      fc.array(reply, { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      async (replies, pauses) => {
        const { queue, writes, events } = queueThat(() => pauses ? settle(1) : Promise.resolve());
        const written: number[] = [];
        const all = replies.map(({ sizes, rank }, index) => {
          return { rank, index, chunks: chunksOf(sizes, index), slot: queue.reserve(index + 1) };
        });
        for (const { index, chunks, slot } of [...all].sort((a, b) => a.rank - b.rank)) {
          slot.fill(chunks, () => written.push(index));
          if (pauses && index % 3 === 0) await settle(1);
        }
        do await settle(); while (queue.isWriting);
        assert.deepEqual(concatenate(writes), concatenate(all.flatMap(({ chunks }) => chunks)));
        assert.deepEqual(written, all.map(({ index }) => index));
        assert.deepEqual([queue.count, queue.pendingBytes, queue.isWriting, events.ends], [0, 0, false, 0]);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it("gathers short chunks of replies that wait into one write, and writes long ones uncopied", async () => {
    const seen: Uint8Array[] = [];
    const { queue } = queueThat((bytes) => Promise.resolve(void seen.push(bytes)));
    const long = new Uint8Array(16_385);
    const [first, second, third] = [queue.reserve(1), queue.reserve(1), queue.reserve(1)];
    third!.fill([new Uint8Array(5), long, new Uint8Array(7)]);
    second!.fill([new Uint8Array(16_384)]);
    first!.fill([new Uint8Array(3)]);
    await settle();
    assert.deepEqual(seen.map(({ length }) => length), [3 + 16_384 + 5, 16_385, 7]);
    assert.equal(seen[1], long);
  });

  it("never gathers more than 64 KiB", async () => {
    const { queue, writes } = queueThat();
    queue.reserve(0).fill(Array.from({ length: 9 }, () => new Uint8Array(16_384)));
    await settle();
    assert.deepEqual(writes.map(({ length }) => length), [65_536, 65_536, 16_384]);
  });

  it("calls `written` only after the bytes were taken", async () => {
    const { waiting, write } = gate();
    const { queue } = queueThat(write);
    let written = 0;
    queue.reserve(9).fill([new Uint8Array(20_000), new Uint8Array(1)], () => written++);
    await settle();
    assert.deepEqual([written, queue.pendingBytes, queue.isWriting], [0, 9 + 20_001, true]);
    waiting[0]!.resolve();
    await settle();
    assert.equal(written, 0);
    waiting[1]!.resolve();
    await settle();
    assert.deepEqual([written, queue.pendingBytes, queue.isWriting], [1, 0, false]);
  });

  it("passes by a slot that is filled with nothing, and frees it", async () => {
    const { queue, writes, events } = queueThat();
    let written = 0;
    queue.reserve(4).fill([], () => written++);
    queue.reserve(4).fill([Uint8Array.of(7)]);
    await settle();
    assert.deepEqual([...concatenate(writes)], [7]);
    assert.deepEqual([written, queue.count], [1, 0]);
    assert.ok(events.progress > 0);
  });

  it("counts what an answer may have until it is there, then what it has until it is written", async () => {
    const { waiting, write } = gate();
    const { queue } = queueThat(write);
    const slot = queue.reserve(5);
    slot.weigh(1_000);
    slot.weigh(900);
    assert.deepEqual([queue.pendingBytes, queue.expectedBytes], [5, 900]);
    slot.fill([new Uint8Array(30)]);
    assert.deepEqual([queue.pendingBytes, queue.expectedBytes], [35, 0]);
    await settle();
    waiting[0]!.resolve();
    await settle();
    assert.deepEqual([queue.pendingBytes, queue.expectedBytes], [0, 0]);
  });

  it("refuses to fill a slot twice", () => {
    const { queue } = queueThat();
    queue.reserve(0);
    const slot = queue.reserve(0);
    slot.fill([]);
    assert.throws(() => slot.fill([]), /filled once/);
  });

  it("takes more slots than it keeps before it compacts", async () => {
    const { queue, writes } = queueThat();
    const slots = Array.from({ length: 1_000 }, () => queue.reserve(1));
    for (let index = 0; index < 999; index++) {
      slots[index]!.fill([Uint8Array.of(index & 0xff)]);
      if (index % 100 === 0) await settle(2);
    }
    await settle();
    assert.deepEqual([queue.count, queue.pendingBytes], [1, 1]);
    assert.deepEqual([...concatenate(writes)], Array.from({ length: 999 }, (_, index) => index & 0xff));
  });
});

describe("ReplyQueue, at the end,", () => {
  it("ends once the closing slot was written, and not before the slots ahead of it", async () => {
    const { queue, writes, events } = queueThat();
    const first = queue.reserve(0);
    queue.reserve(0).fillAndClose([Uint8Array.of(2)]);
    await settle();
    assert.deepEqual([writes.length, events.ends], [0, 0]);
    first.fill([Uint8Array.of(1)]);
    await settle();
    assert.deepEqual([...concatenate(writes)], [1, 2]);
    assert.equal(events.ends, 1);
  });

  it("writes nothing that stands behind the closing slot", async () => {
    const { queue, writes, events } = queueThat();
    const slots = [queue.reserve(0), queue.reserve(0), queue.reserve(0)];
    slots[2]!.fill([Uint8Array.of(3)]);
    slots[1]!.fillAndClose([Uint8Array.of(2)]);
    slots[0]!.fill([Uint8Array.of(1)]);
    await settle();
    assert.deepEqual([...concatenate(writes)], [1, 2]);
    assert.equal(events.ends, 1);
  });

  it("lets go of every slot exactly once when it is abandoned at any moment", async () => {
    const property = fc.asyncProperty(
      fc.array(fc.record({ sizes: fc.array(chunkSize, { maxLength: 3 }), rank: fc.nat(1_000) }), {
        minLength: 1,
        maxLength: 8,
      }),
      fc.nat(8),
      fc.nat(2),
      fc.boolean(),
      async (replies, abandonAt, resolveAt, fails) => {
        const { waiting, write } = gate();
        const { queue } = queueThat(write);
        const written = replies.map(() => 0);
        const slots = replies.map(({ sizes, rank }, index) => ({
          index,
          sizes,
          rank,
          slot: queue.reserve(3),
        }));
        slots.sort((a, b) => a.rank - b.rank);
        for (const [step, { index, sizes, slot }] of slots.entries()) {
          if (step === abandonAt) queue.abandon();
          slot.fill(chunksOf(sizes, index), () => written[index]!++);
          if (step % 2 === 0) await settle(2);
          if (step % 3 === resolveAt) {
            waiting.shift()?.resolve();
            await settle(10);
          }
        }
        if (abandonAt >= slots.length) queue.abandon();
        for (let round = 0; round < 40; round++) {
          for (const { resolve, reject } of waiting.splice(0)) fails ? reject(new Error("reset")) : resolve();
          await settle(2);
        }
        assert.deepEqual(written, replies.map(() => 1));
        assert.deepEqual([queue.count, queue.pendingBytes, queue.isWriting], [0, 0, false]);
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  it("does not call `written` while a write still reads the chunks, abandoned or not", async () => {
    const { waiting, write } = gate();
    const { queue } = queueThat(write);
    const written: string[] = [];
    const second = [queue.reserve(1), queue.reserve(1)].map((slot: ReplySlot, index) => {
      if (index === 0) slot.fill([new Uint8Array(20_000)], () => written.push("first"));
      return slot;
    })[1]!;
    await settle();
    queue.abandon();
    second.fill([new Uint8Array(20_000)], () => written.push("second"));
    assert.deepEqual(written, []);
    waiting[0]!.resolve();
    await settle();
    assert.deepEqual(written, ["first", "second"]);
    assert.equal(waiting.length, 1);
  });

  it("lets go of all slots and ends when a write throws; later ones go at once", async () => {
    const { queue, writes, events } = queueThat(() => Promise.reject(new Error("broken pipe")));
    const written: number[] = [];
    const late = [0, 1, 2].map((index) => {
      const slot = queue.reserve(1);
      if (index !== 1) slot.fill([new Uint8Array(10)], () => written.push(index));
      return slot;
    })[1]!;
    await settle();
    assert.deepEqual(written, [0, 2]);
    assert.deepEqual([queue.count, events.ends, writes.length], [1, 1, 0]);
    late.fill([new Uint8Array(10)], () => written.push(1));
    assert.deepEqual([written, queue.count, queue.pendingBytes], [[0, 2, 1], 0, 0]);
  });

  it("calls each `written` once although one of them fills another slot", () => {
    const { queue } = queueThat();
    const [first, second, third] = [queue.reserve(1), queue.reserve(1), queue.reserve(1)];
    const written = [0, 0, 0];
    second!.fill([new Uint8Array(1)], () => {
      written[1]!++;
      third!.fill([], () => written[2]!++);
    });
    queue.abandon();
    first!.fill([], () => written[0]!++);
    assert.deepEqual([written, queue.count, queue.pendingBytes], [[1, 1, 1], 0, 0]);
  });
});
