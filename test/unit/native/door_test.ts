/** The native door: greeting, strangers, bad frames, and what holds a slot. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { fault, type Reply } from "../../../src/model/mod.ts";
import { openSession, unframe } from "./fixtures.ts";

const produce = (acks: number) => {
  return { k: "produce", c: 8, acks, entries: [{ topic: "t", partition: 0, batch: Uint8Array.of(1) }] };
};
const produced: Reply = { kind: "produced", entries: [] };

/** What measure() answers to bytes that are no frame. */
function refusal(head: Uint8Array | string, options = {}): string {
  const bytes = typeof head === "string" ? Uint8Array.from(head, (char) => char.charCodeAt(0)) : head;
  const measured = openSession(options).session.measure(bytes);
  assert.ok(typeof measured !== "number");
  const { c, e } = unframe(measured.refusal) as { c: number; e: { code: string; message: string } };
  assert.deepEqual([c, e.code], [0, "INVALID_REQUEST"]);
  return e.message;
}

describe("nativeDoor, greeting,", () => {
  it("answers hello with who it is", () => {
    const { send } = openSession({}, false);
    const slot = send({ k: "hello", c: 3, v: 1, client: "test" });
    assert.deepEqual(slot.message, {
      c: 3,
      v: 1,
      node: 4,
      cluster: "cluster-one",
      version: "1.2.3",
      frameBytesMax: 1_000,
    });
    assert.equal(slot.closes, false);
  });

  it("refuses what comes before hello, and closes", () => {
    const { send, submitted } = openSession({}, false);
    const slot = send({ k: "describe_broker", c: 2 });
    assert.deepEqual(slot.message, {
      c: 2,
      e: { code: "INVALID_REQUEST", message: `The first frame must be "hello"`, retriable: false },
    });
    assert.deepEqual([slot.closes, slot.fills, submitted.length], [true, 1, 0]);
  });

  it("closes on a version it does not speak, with UNSUPPORTED_VERSION", () => {
    const slot = openSession({}, false).send({ k: "hello", c: 1, v: 2 });
    assert.deepEqual(slot.message, {
      c: 1,
      e: {
        code: "UNSUPPORTED_VERSION",
        message: `Native protocol version "2" is not spoken here, wanted 1`,
        retriable: false,
      },
    });
    assert.equal(slot.closes, true);
  });
});

describe("nativeDoor, measuring,", () => {
  it("gives the length of a frame up to socket.request.max.bytes", () => {
    const { session } = openSession();
    assert.equal(session.measure(Uint8Array.of(0, 0, 0, 1)), 1);
    assert.equal(session.measure(Uint8Array.of(0, 0, 3, 0xe8, 9, 9)), 1_000);
  });

  it("refuses empty and longer frames with a sentence", () => {
    const wanted = "wanted 1 to 1000 (socket.request.max.bytes)";
    assert.equal(refusal(Uint8Array.of(0, 0, 0, 0)), `Frame of "0" bytes, ${wanted}`);
    assert.equal(refusal(Uint8Array.of(0, 0, 3, 0xe9)), `Frame of "1001" bytes, ${wanted}`);
    assert.equal(refusal(Uint8Array.of(255, 255, 255, 255)), `Frame of "4294967295" bytes, ${wanted}`);
  });

  it("tells speakers of HTTP and TLS where they are", () => {
    for (const line of ["GET / HTTP/1.1\r\n", "POST /", "PUT /x", "HEAD /", "OPTIONS *"]) {
      assert.equal(refusal(line), "This port speaks Weir's native protocol, not HTTP");
    }
    assert.equal(refusal("PRI * HTTP/2.0"), "This port speaks Weir's native protocol, not HTTP/2");
    for (const minor of ["\x00", "\x01", "\x02", "\x03"]) {
      assert.equal(refusal(`\x16\x03${minor}\x02\x00`), "This port speaks Weir's native protocol, not TLS");
    }
  });
});

describe("nativeDoor, given a frame it does not understand,", () => {
  it("answers in its place and goes on", () => {
    const { send, sendBytes } = openSession();
    const broken = sendBytes(Uint8Array.of(0x81, 0xa1));
    assert.deepEqual(broken.message, {
      c: 0,
      e: { code: "INVALID_REQUEST", message: "The message ends early", retriable: false },
    });
    assert.equal(broken.closes, false);
    const unknown = send({ k: "toString", c: 6 });
    assert.equal((unknown.message.e as { message: string }).message, `Operation "toString" is not known`);
    assert.equal(unknown.message.c, 6);
    const missing = send({ k: "trim", c: 7 });
    assert.equal(
      (missing.message.e as { message: string }).message,
      `Field "entries" is missing, wanted a list`,
    );
    assert.equal(missing.message.c, 7);
  });

  it("answers operations and values that only look like text", () => {
    const { send, submitted } = openSession();
    const sentence = (message: object) => (send(message).message.e as { message: string }).message;
    assert.equal(sentence({ k: { toString: 1 }, c: 1 }), `Operation "a map of 1 keys" is not known`);
    assert.equal(sentence({ k: "x".repeat(900), c: 1 }), `Operation "${"x".repeat(80)}..." is not known`);
    assert.equal(
      sentence({ k: "fetch", c: 1, isolation: { toString: 1 }, entries: [] }),
      `Field "isolation" is "a map of 1 keys", wanted "read_uncommitted" or "read_committed"`,
    );
    assert.equal(submitted.length, 0);
  });

  it("either submits once or answers once, whatever the fields hold", () => {
    const names = [
      "c",
      "v",
      "acks",
      "entries",
      "topics",
      "isolation",
      "topic",
      "name",
      "settings",
      "toString",
      "bytesMax",
    ];
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.constantFrom(null, true, 0, -1, 1.5, 2 ** 60, "t", "toString", new Uint8Array(3)),
        fc.array(tie("value"), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom(...names), tie("value"), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    const operation = fc.oneof(
      fc.constantFrom("hello", "metadata", "produce", "fetch", "list_offsets", "trim", "create_topics"),
      fc.constantFrom(
        "delete_topics",
        "alter_topics",
        "add_partitions",
        "describe_topics",
        "describe_broker",
      ),
      value,
    );
    const fields = fc.dictionary(fc.constantFrom(...names), value, { noNullPrototype: true });
    fc.assert(
      fc.property(operation, fields, (k, others) => {
        const { send, submitted } = openSession();
        const slot = send({ ...others, k });
        assert.equal(slot.fills + submitted.length, 1);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("nativeDoor, answering,", () => {
  it("sends the fault when all of it failed, and says whether to try again", () => {
    const { send, submitted } = openSession();
    const slot = send({ k: "describe_broker", c: 5 });
    submitted[0]!.reply({ kind: "failed", fault: fault("REQUEST_TIMED_OUT", "Too late") });
    const e = { code: "REQUEST_TIMED_OUT", message: "Too late", retriable: true };
    assert.deepEqual(slot.message, { c: 5, e });
  });

  it("sends nothing for acks=0, but holds the slot until the batch is in", () => {
    for (const reply of [produced, { kind: "failed", fault: fault("UNKNOWN_SERVER_ERROR", "No") }] as const) {
      const { send, submitted } = openSession();
      const slot = send(produce(0));
      assert.deepEqual([slot.fills, submitted.length], [0, 1]);
      submitted[0]!.reply(reply);
      assert.deepEqual([slot.fills, slot.bytes.length, slot.closes], [1, 0, false]);
    }
  });

  it("releases a fetched reply's lease once, when it was written", () => {
    const { send, submitted } = openSession();
    const slot = send({ k: "fetch", c: 1, entries: [] });
    let [holds, releases] = [0, 0];
    const lease = { hold: () => void holds++, release: () => void releases++ };
    submitted[0]!.reply({ kind: "fetched", entries: [], lease });
    assert.deepEqual([slot.fills, releases], [1, 0]);
    slot.written!();
    assert.deepEqual([holds, releases], [0, 1]);
  });

  it("weighs a fetch by what it may bring, not above the broker's bound", () => {
    const { send } = openSession();
    assert.deepEqual(send({ k: "fetch", c: 1, bytesMax: 700, entries: [] }).weights, [700]);
    assert.deepEqual(send({ k: "fetch", c: 1, entries: [] }).weights, [5_000]);
    assert.deepEqual(send(produce(1)).weights, []);
  });

  it("tells clients the advertised address, or else the one they came to", () => {
    const brokers = (advertised: { host: string; port: number | null } | null) => {
      const { send, submitted } = openSession({ advertised });
      const slot = send({ k: "metadata", c: 1, topics: null });
      submitted[0]!.reply({ kind: "metadata", topics: [] });
      return slot.message.brokers;
    };
    assert.deepEqual(brokers(null), [{ node: 4, host: "192.0.2.1", port: 9_292 }]);
    assert.deepEqual(brokers({ host: "weir.example", port: null }), [{
      node: 4,
      host: "weir.example",
      port: 9_292,
    }]);
    assert.deepEqual(brokers({ host: "weir.example", port: 7 }), [{
      node: 4,
      host: "weir.example",
      port: 7,
    }]);
  });
});
