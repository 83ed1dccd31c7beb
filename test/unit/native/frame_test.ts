/** Frames: round trips, golden bytes, and what the skimmer refuses before anything is built. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  decodeFrame,
  encodeFrame,
  encodeFrameWithBytes,
  FRAME_HEAD_BYTES,
  frameLength,
} from "../../../src/native/mod.ts";
import { FrameError } from "../../../src/native/mod.ts";
import { concatenate } from "../net/fakes.ts";
import { hex, plain, unframe } from "./fixtures.ts";

const key = fc.string({ maxLength: 20 }).filter((name) => name !== "__proto__");
const leaf = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    "",
    0,
    -1,
    127,
    128,
    65_536,
    2 ** 31,
    2 ** 32,
    2 ** 53 - 1,
    -(2 ** 53 - 1),
  ),
  fc.maxSafeInteger(),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(key, tie("value"), { maxKeys: 20, noNullPrototype: true }),
  ),
}));
const message = fc.dictionary(key, anyValue, { maxKeys: 20, noNullPrototype: true });

function refuses(bytes: readonly number[], wanted: RegExp): void {
  const given = Uint8Array.from(bytes);
  assert.throws(() => decodeFrame(given, 0, given.length), (error: unknown) => {
    assert.ok(error instanceof FrameError, String(error));
    assert.match(error.message, wanted);
    return true;
  });
}

describe("encodeFrame", () => {
  it("gives one chunk that decodes to the same message", () => {
    fc.assert(
      fc.property(message, (given) => {
        const [chunk, ...more] = encodeFrame(given);
        assert.equal(more.length, 0);
        assert.equal(frameLength(chunk!, 0), chunk!.length - FRAME_HEAD_BYTES);
        assert.deepEqual(plain(unframe(chunk!)), plain(given));
      }),
      { numRuns: 300 },
    );
  });

  it("shares no memory with the next frame", () => {
    const [first] = encodeFrame({ c: 1, text: "first" });
    const before = hex(first!);
    encodeFrame({ c: 2, text: "other" });
    assert.equal(hex(first!), before);
  });

  it("writes hello byte for byte", () => {
    const [chunk] = encodeFrame({ k: "hello", c: 1, v: 1, client: "weir" });
    assert.equal(
      hex(chunk!),
      "0000001b" + "84" + "a16b" + "a568656c6c6f" + "a163" + "01" + "a176" + "01" + "a6636c69656e74" +
        "a477656972",
    );
  });

  it("writes produce byte for byte", () => {
    const entries = [{ topic: "t", partition: 3, batch: Uint8Array.of(0xca, 0xfe) }];
    const [chunk] = encodeFrame({ k: "produce", c: 300, acks: -1, entries });
    assert.equal(
      hex(chunk!),
      "0000003d" + "84" + "a16b" + "a770726f64756365" + "a163" + "cd012c" + "a461636b73" + "ff" +
        "a7656e7472696573" + "91" + "83" + "a5746f706963" + "a174" + "a9706172746974696f6e" + "03" +
        "a56261746368" + "c402cafe",
    );
  });
});

describe("encodeFrameWithBytes", () => {
  it("writes a fetch reply byte for byte", () => {
    const fields = { topic: "t", partition: 0, highWatermark: 70_000 };
    const chunks = encodeFrameWithBytes({ c: 5 }, "records", [{ fields, bytes: Uint8Array.of(1, 2, 3) }]);
    assert.equal(
      hex(concatenate(chunks)),
      "00000041" + "82" + "a163" + "05" + "a7656e7472696573" + "91" + "84" + "a5746f706963" + "a174" +
        "a9706172746974696f6e" + "00" + "ad6869676857617465726d61726b" + "ce00011170" + "a77265636f726473" +
        "c403010203",
    );
  });

  it("decodes to the same entries whatever their lengths, and long bytes are not copied", () => {
    const length = fc.oneof(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 4_094, max: 4_099 }),
      fc.constant(70_000),
    );
    const entry = fc.record({ length, partition: fc.nat(), topic: fc.string({ maxLength: 40 }) });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), fc.nat(), (entries, c) => {
        const given = entries.map(({ length, ...fields }, index) => {
          return { fields, bytes: new Uint8Array(length).fill(index + 1) };
        });
        const chunks = encodeFrameWithBytes({ c }, "records", given);
        const whole = concatenate(chunks);
        assert.equal(frameLength(whole, 0), whole.length - FRAME_HEAD_BYTES);
        const wanted = { c, entries: given.map(({ fields, bytes }) => ({ ...fields, records: bytes })) };
        assert.deepEqual(plain(unframe(whole)), wanted);
        for (const { bytes } of given) if (bytes.length > 4_096) assert.ok(chunks.includes(bytes));
      }),
      { numRuns: 60 },
    );
  });

  it("writes as many entries as it is given, around the bounds of msgpack's lists", () => {
    for (const count of [0, 15, 16, 17, 70_000]) {
      const given = Array.from({ length: count }, (_, partition) => {
        return { fields: { partition }, bytes: new Uint8Array(0) };
      });
      const { entries } = unframe(concatenate(encodeFrameWithBytes({ c: 1 }, "records", given)));
      assert.equal((entries as unknown[]).length, count);
    }
  });

  it("refuses a map that would get a sixteenth key", () => {
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, n]));
    const encode = (count: number) => {
      return encodeFrameWithBytes({ c: 1 }, "records", [{ fields: fields(count), bytes: new Uint8Array(1) }]);
    };
    const { entries } = unframe(concatenate(encode(14)));
    assert.equal(Object.keys((entries as object[])[0]!).length, 15);
    assert.throws(() => encode(15), /fewer than 15/);
  });
});

describe("decodeFrame", () => {
  it("gives binary values as views of its input", () => {
    const [chunk] = encodeFrame({ batch: new Uint8Array(5_000).fill(7) });
    const { batch } = decodeFrame(chunk!, FRAME_HEAD_BYTES, chunk!.length);
    assert.ok(batch instanceof Uint8Array);
    assert.equal(batch.buffer, chunk!.buffer);
    chunk![chunk!.length - 1] = 9;
    assert.equal(batch[4_999], 9);
  });

  it("reads a frame in the middle of other bytes", () => {
    const [chunk] = encodeFrame({ c: 77 });
    const whole = concatenate([Uint8Array.of(1, 2, 3), chunk!, Uint8Array.of(4, 5)]);
    assert.deepEqual(decodeFrame(whole, 3 + FRAME_HEAD_BYTES, whole.length - 2), { c: 77 });
  });

  it("refuses every truncation, and every byte that follows", () => {
    fc.assert(
      fc.property(message, (given) => {
        const body = encodeFrame(given)[0]!.subarray(FRAME_HEAD_BYTES);
        const step = Math.ceil(body.length / 200);
        for (let length = 0; length < body.length; length += step) {
          assert.throws(() => decodeFrame(body, 0, length), /ends early/);
        }
        refuses([...body, 0xc0], /1 bytes follow the message/);
      }),
      { numRuns: 60 },
    );
  });

  it("gives a message or a FrameError for any bytes at all", () => {
    const token = fc.oneof(
      fc.nat(255),
      fc.constantFrom(0x81, 0x91, 0xa1, 0x63, 0xdc, 0xde, 0xc4, 0xcf, 0xcb),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), (bytes) => {
        const given = Uint8Array.from([0x81, 0xa1, 0x63, ...bytes]);
        try {
          assert.equal(typeof decodeFrame(given, 0, given.length), "object");
        } catch (error) {
          if (!(error instanceof FrameError)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("refuses extension types, and the byte that means nothing", () => {
    for (const type of [0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]) {
      const wanted = new RegExp(`Type byte 0x${type.toString(16)} is not part of the protocol`);
      refuses([0x81, 0xa1, 0x63, type, ...new Array(20).fill(0)], wanted);
    }
  });

  it("refuses nesting deeper than sixteen, and takes sixteen", () => {
    const nested = (depth: number) => [0x81, 0xa1, 0x63, ...new Array(depth - 1).fill(0x91), 0xc0];
    assert.ok(decodeFrame(Uint8Array.from(nested(16)), 0, nested(16).length));
    refuses(nested(17), /Nested deeper than 16/);
    refuses(nested(100_000), /Nested deeper than 16/);
  });

  it("refuses lists, maps, texts and bytes that claim more than the frame has", () => {
    const huge = [0xff, 0xff, 0xff, 0xff];
    for (const type of [0xdd, 0xdf, 0xc6, 0xdb]) {
      refuses([0x81, 0xa1, 0x63, type, ...huge, 1, 2, 3], /ends early/);
    }
    for (const type of [0xdc, 0xde, 0xc5, 0xda]) {
      refuses([0x81, 0xa1, 0x63, type, 0xff, 0xff, 1], /ends early/);
    }
    for (const type of [0xc4, 0xd9]) refuses([0x81, 0xa1, 0x63, type, 0xff, 1], /ends early/);
  });

  it("refuses what is not a map, and keys that are not texts", () => {
    refuses([], /ends early/);
    for (const bytes of [[0x01], [0xc0], [0x91, 0x01], [0xa1, 0x63], [0xc4, 0x01, 0x00]]) {
      refuses(bytes, /must be a map/);
    }
    for (const name of [[0x01], [0x90], [0x80], [0xc4, 0x00], [0xc0]]) {
      refuses([0x81, ...name, 0x01], /must be texts/);
    }
  });

  it("does not let a key reach a prototype", () => {
    const name = [...new TextEncoder().encode("__proto__")];
    const bytes = Uint8Array.from([0x81, 0xa0 | name.length, ...name, 0x81, 0xa1, 0x6b, 0xa1, 0x78]);
    assert.equal(decodeFrame(bytes, 0, bytes.length).k, undefined);
  });
});

describe("frameLength", () => {
  it("reads four bytes, unsigned, big-endian", () => {
    assert.equal(frameLength(Uint8Array.of(9, 0xff, 0xfe, 0xfd, 0xfc), 1), 0xfffefdfc);
  });
});
