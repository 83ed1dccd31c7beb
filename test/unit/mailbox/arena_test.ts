import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Arena } from "../../../src/mailbox/mod.ts";

const SMALLEST = 65_536;
const LARGEST = 8_388_608;

describe("Arena", () => {
  it("cuts views one after the other out of one buffer until it is full", () => {
    const arena = new Arena(LARGEST);
    const [first, second] = [arena.take(1_000), arena.take(SMALLEST - 1_000)];
    assert.equal(first.buffer, second.buffer);
    assert.deepEqual([first.byteOffset, second.byteOffset], [0, 1_000]);
    const third = arena.take(1);
    assert.notEqual(third.buffer, first.buffer);
    assert.deepEqual(arena.seal(), [first.buffer, third.buffer]);
    assert.deepEqual(arena.seal(), []);
    assert.notEqual(arena.take(1).buffer, third.buffer);
  });

  it("takes buffers of doubling sizes and gives each out again by its size", () => {
    const arena = new Arena(LARGEST);
    const sizes = [1, SMALLEST, SMALLEST + 1, 200_000].map((length) => arena.take(length).buffer.byteLength);
    assert.deepEqual(sizes, [SMALLEST, SMALLEST, 2 * SMALLEST, 4 * SMALLEST]);
    const [, second, third] = arena.seal();
    arena.giveBack(third!);
    arena.giveBack(second!);
    assert.equal(arena.take(SMALLEST + 1).buffer, third);
    assert.equal(arena.take(SMALLEST).buffer, second);
  });

  it("keeps no more idle bytes than it may, and none larger than is worth it", () => {
    const arena = new Arena(2 * SMALLEST);
    const buffers = [1, 2, 3].map(() => new ArrayBuffer(SMALLEST));
    for (const buffer of buffers) arena.giveBack(buffer);
    const again = buffers.map(() => arena.take(SMALLEST).buffer);
    assert.deepEqual(again.map((buffer) => buffers.includes(buffer as ArrayBuffer)), [true, true, false]);
    const roomy = new Arena(4 * LARGEST);
    const large = new ArrayBuffer(2 * LARGEST);
    roomy.giveBack(large);
    roomy.giveBack(new ArrayBuffer(10));
    assert.notEqual(roomy.take(2 * LARGEST).buffer, large);
    assert.equal(roomy.take(10).buffer.byteLength, SMALLEST);
  });

  it("never gives two views of the same bytes within a turn, nor of a buffer that is away", () => {
    const lengths = fc.array(fc.oneof(fc.nat(2_000), fc.nat(150_000)), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(fc.record({ lengths, isReturned: fc.boolean() }), { maxLength: 6 }), (turns) => {
        const arena = new Arena(300_000);
        const away = new Set<ArrayBuffer>();
        for (const { lengths, isReturned } of turns) {
          const views = lengths.map((length) => arena.take(length));
          const sealed = arena.seal();
          const ends = new Map<ArrayBufferLike, number>();
          for (const view of views) {
            assert.ok(view.byteOffset >= (ends.get(view.buffer) ?? 0));
            ends.set(view.buffer, view.byteOffset + view.length);
          }
          assert.deepEqual(new Set(ends.keys()), new Set(sealed));
          for (const buffer of sealed) {
            assert.ok(!away.has(buffer));
            if (isReturned) arena.giveBack(buffer);
            else away.add(buffer);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
