import { concat } from "@std/bytes/concat";
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { LineSplitter } from "../../../src/cli/lines.ts";
import { Output, OutputClosed } from "../../../src/cli/output.ts";
import { indexOfBytes } from "../../../src/cli/record_pump.ts";
import { recordPieces } from "../../../src/cli/record_format.ts";

const encoder = new TextEncoder();

function text(pieces: readonly Uint8Array[]): string {
  return pieces.map((piece) => new TextDecoder().decode(piece)).join("");
}

function split(chunks: readonly Uint8Array[], lineBytesMax = 1_000_000): number[][] {
  const splitter = new LineSplitter(lineBytesMax);
  const lines: number[][] = [];
  for (const chunk of chunks) for (const line of splitter.lines(chunk)) lines.push([...line]);
  const rest = splitter.rest();
  if (rest !== null) lines.push([...rest]);
  assert.equal(splitter.count, lines.length);
  return lines;
}

describe("LineSplitter", () => {
  it("LineSplitter gives the same lines however the bytes are cut, and loses none", () => {
    const byte = fc.oneof(fc.constant(10), fc.constant(13), fc.nat(255));
    fc.assert(fc.property(fc.array(byte), fc.array(fc.nat(40)), (bytes, cuts) => {
      const whole = Uint8Array.from(bytes);
      const chunks: Uint8Array[] = [];
      let position = 0;
      for (const cut of cuts) chunks.push(whole.slice(position, position += cut));
      chunks.push(whole.slice(position));
      const lines = split(chunks);
      const joined = lines.flatMap((line) => [...line, 10]);
      if (bytes.at(-1) !== 10 && bytes.length > 0) joined.pop();
      assert.deepEqual(joined, bytes);
      assert.equal(lines.every((line) => !line.includes(10)), true);
    }));
  });

  it("LineSplitter keeps carriage returns, empty lines and a last line without an end", () => {
    assert.deepEqual(split([encoder.encode("a\r\n\nb")]), [[97, 13], [], [98]]);
    assert.deepEqual(split([]), []);
  });

  it("LineSplitter refuses a line past the bound, whether or not it has ended, and names it", () => {
    assert.deepEqual(split([encoder.encode("1234\n")], 4), [[49, 50, 51, 52]]);
    for (const chunks of [["ab\n12345\n"], ["ab\n12", "345"], ["ab\n1234", "5\n"]]) {
      assert.throws(
        () => split(chunks.map((chunk) => encoder.encode(chunk)), 4),
        /Line 2 is longer than 4 bytes/,
      );
    }
  });
});

describe("indexOfBytes", () => {
  it("indexOfBytes agrees with a search in text, half matches included", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "c")).map((found) => found.join(""));
    fc.assert(fc.property(letters, letters.filter((wanted) => wanted !== ""), (line, wanted) => {
      assert.equal(indexOfBytes(encoder.encode(line), encoder.encode(wanted)), line.indexOf(wanted));
    }));
  });
});

describe("recordPieces", () => {
  const record = {
    topic: "orders",
    partition: 2,
    offset: 7,
    timestampMs: 0,
    key: encoder.encode("k"),
    value: new Uint8Array([0xff, 0xfe]),
    headers: [["source", encoder.encode("web")], ["empty", null]] as [string, Uint8Array | null][],
  };
  const tab = encoder.encode("\t");

  it("recordPieces writes bytes as they are, and null for what is missing", () => {
    assert.deepEqual(recordPieces(record, "value", tab), [record.value, encoder.encode("\n")]);
    assert.deepEqual(
      recordPieces(record, "key-value", tab).flatMap((piece) => [...piece]),
      [107, 9, 255, 254, 10],
    );
    assert.equal(text(recordPieces({ ...record, key: null, value: null }, "key-value", tab)), "null\tnull\n");
  });

  it("recordPieces in JSON is one line, base64 where bytes are not UTF-8", () => {
    assert.equal(
      text(recordPieces(record, "json", tab)),
      '{"topic":"orders","partition":2,"offset":7,"timestamp":"1970-01-01T00:00:00.000Z","key":"k",' +
        '"valueBase64":"//4=","headers":[{"key":"source","value":"web"},{"key":"empty","value":null}]}\n',
    );
    const plain = { ...record, timestampMs: -1, value: encoder.encode("\ufeffé\n") };
    const parsed = JSON.parse(text(recordPieces(plain, "json", tab)));
    assert.equal(parsed.value, "\ufeffé\n");
    assert.equal(parsed.timestamp, -1);
  });
});

describe("Output", () => {
  it("Output keeps the order of bytes through buffers, large pieces and slow, partial writes", async () => {
    const seen: Uint8Array[] = [];
    const sink = {
      async write(bytes: Uint8Array) {
        const count = Math.min(bytes.length, 50_000);
        const before = bytes.slice(0, count);
        await Promise.resolve();
        assert.deepEqual(bytes.subarray(0, count), before, "a buffer on its way is not written to");
        seen.push(before);
        return count;
      },
      writeSync(bytes: Uint8Array) {
        seen.push(bytes.slice(0, 7_000));
        return Math.min(bytes.length, 7_000);
      },
    };
    const output = new Output(sink, { writeSync: (bytes) => bytes.length });
    const expected: Uint8Array[] = [];
    const flushes: Promise<void>[] = [];
    for (let index = 0; index < 40; index++) {
      const bytes = new Uint8Array(index === 20 ? 150_000 : 5_000).fill(index);
      expected.push(bytes);
      if (index % 3 === 0) await output.bytes(bytes);
      else if (!output.take(bytes)) await output.bytes(bytes);
      if (index % 7 === 0) flushes.push(output.flush());
    }
    await Promise.all([...flushes, output.flush()]);
    for (const letter of "abcdefghijklmnopqrst") {
      output.textSync(letter.repeat(9_000));
      expected.push(encoder.encode(letter.repeat(9_000)));
    }
    await output.flush();
    assert.deepEqual(concat(seen), concat(expected));
  });

  it("Output tells a closed reader from other failures", async () => {
    const words = { writeSync: (bytes: Uint8Array) => bytes.length };
    const failing = (error: Error) => ({
      write: () => Promise.reject(error),
      writeSync: () => {
        throw error;
      },
    });
    const closed = new Output(failing(new Deno.errors.BrokenPipe("gone")), words);
    await assert.rejects(closed.write("x"), OutputClosed);
    assert.throws(() => closed.textSync("x".repeat(70_000)), OutputClosed);
    const broken = new Output(failing(new Error("disk")), words);
    await assert.rejects(broken.write("x"), /disk/);
  });
});
