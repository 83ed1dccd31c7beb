/** What threads believe of each other's messages. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { EnvelopeError, openFromPartitionWorker, openToPartitionWorker } from "../../../src/mailbox/mod.ts";

const OPTIONS = {
  dataDirectory: "data",
  disk: "auto",
  waitersMax: 1,
  openFilesMax: 4,
  checkCrcOnRead: true,
  retentionIntervalMs: 9,
  retentionDiskPercent: 100,
  cleaner: { dedupeBytesMax: 9, bytesPerSecond: Infinity, backoffMs: 9 },
};
const BUFFER = new ArrayBuffer(1);

const TO = [
  { kind: "start", options: OPTIONS },
  { kind: "turn", inputs: [{ kind: "stop", id: 1 }], buffers: [BUFFER], returned: [] },
];
const FROM = [
  { kind: "started", disk: "file", notice: null },
  {
    kind: "turned",
    outputs: [{ kind: "notice", handle: 1, text: "" }],
    buffers: [],
    returned: [BUFFER],
    asked: true,
  },
];

/** What no field of these messages may be. */
const wrong = fc.constantFrom<unknown>(undefined, null, 7, Symbol("no"), [1], [null], [{}], { length: 1 });

function refuses(open: (message: unknown) => unknown, message: unknown): boolean {
  try {
    open(message);
    return false;
  } catch (error) {
    assert.ok(error instanceof EnvelopeError, String(error));
    return true;
  }
}

for (
  const [open, good, other] of [[openToPartitionWorker, TO, FROM], [
    openFromPartitionWorker,
    FROM,
    TO,
  ]] as const
) {
  describe(open.name, () => {
    it("believes what the other side sends", () => {
      for (const message of good) assert.equal(open(message), message);
    });

    it("refuses what its own side sends", () => {
      for (const message of other) assert.ok(refuses(open, message));
    });

    it("refuses a message with any one field of another type, or missing", () => {
      const field = fc.constantFrom(...good).chain((message) => {
        const names = Object.keys(message).filter((name) => name !== "notice");
        return fc.record({ message: fc.constant(message), name: fc.constantFrom(...names), value: wrong });
      });
      fc.assert(
        fc.property(field, ({ message, name, value }) => refuses(open, { ...message, [name]: value })),
        { numRuns: 200 },
      );
    });

    it("refuses anything else without a crash", () => {
      fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (message) => refuses(open, message)), {
        numRuns: 300,
      });
    });
  });
}

describe("openToPartitionWorker", () => {
  it("refuses a start with any one option of another type", () => {
    for (const name of Object.keys(OPTIONS)) {
      assert.ok(
        refuses(openToPartitionWorker, { kind: "start", options: { ...OPTIONS, [name]: null } }),
        name,
      );
    }
  });

  it("takes a start without a cleaner, and refuses one with a cleaner that lacks something", () => {
    const { cleaner, ...without } = OPTIONS;
    assert.ok(!refuses(openToPartitionWorker, { kind: "start", options: without }));
    for (const name of Object.keys(cleaner)) {
      const options = { ...OPTIONS, cleaner: { ...cleaner, [name]: undefined } };
      assert.ok(refuses(openToPartitionWorker, { kind: "start", options }), name);
    }
  });
});
