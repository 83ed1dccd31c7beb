/** Searching through a topic: bounded, over all partitions in turn, and to be gone on with. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { FieldError } from "../../../src/console/pages/form.ts";
import {
  checkQuery,
  matcherOf,
  type MessageQuery,
  queryText,
  readQuery,
} from "../../../src/console/pages/message_query.ts";
import { scan, type ScanBounds } from "../../../src/console/pages/scan.ts";
import {
  type ConsoleView,
  type ReadAnswer,
  type ReadQuery,
  type RecordView,
} from "../../../src/console/mod.ts";
import { fault } from "../../../src/model/mod.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function recordOf(partition: number, offset: number, value: string): RecordView {
  return {
    topic: "topic",
    partition,
    offset,
    timestamp: 0,
    timestampType: "CreateTime",
    key: encode(`key ${offset}`),
    value: encode(value),
    headers: [{ key: "trace", value: encode(`T-${offset}`) }],
  };
}

/** Partitions with so many records each, the first of them gone. */
class Logs {
  nowMs = 0;
  /** Milliseconds a read takes. */
  readMs = 0;
  readonly #ends: readonly number[];
  readonly #starts: readonly number[];

  constructor(ends: readonly number[], starts: readonly number[] = ends.map(() => 0)) {
    this.#ends = ends;
    this.#starts = starts;
  }

  get view(): ConsoleView {
    const view: Partial<ConsoleView> = {
      nowMs: () => this.nowMs,
      read: (query) => Promise.resolve(this.#read(query)),
    };
    return view as ConsoleView;
  }

  #read({ partition, offset, countMax }: ReadQuery): ReadAnswer {
    this.nowMs += this.readMs;
    const [logStartOffset, highWatermark] = [this.#starts[partition]!, this.#ends[partition]!];
    if (offset < logStartOffset) {
      const why = fault("OFFSET_OUT_OF_RANGE", "too low");
      return { fault: why, records: [], nextOffset: offset, logStartOffset, highWatermark };
    }
    const nextOffset = Math.min(highWatermark, offset + countMax);
    const records = Array.from(
      { length: nextOffset - offset },
      (_, index) => recordOf(partition, offset + index, `value ${offset + index}`),
    );
    return { fault: null, records, nextOffset, logStartOffset, highWatermark };
  }
}

function bounds(changes: Partial<ScanBounds> = {}): ScanBounds {
  const signal = new AbortController().signal;
  return { countMax: 10, scannedMax: 10_000, untilMs: Infinity, signal, ...changes };
}

const places = (records: readonly RecordView[]) =>
  records.map(({ partition, offset }) => `${partition}:${offset}`);
const start = new Map([[0, 0], [1, 0]]);

describe("scan", () => {
  it("takes a share of each partition, and can be gone on with where it stopped", async () => {
    const { view } = new Logs([100, 3]);
    const plain = bounds({ countMax: 6, scannedMax: 6 });
    const first = await scan(view, "topic", start, () => true, plain);
    assert.deepEqual(places(first.records), ["0:0", "0:1", "0:2", "1:0", "1:1", "1:2"]);
    const then = await scan(view, "topic", first.positions, () => true, plain);
    assert.deepEqual(places(then.records), ["0:3", "0:4", "0:5", "0:6", "0:7", "0:8"]);
  });

  it("ends right behind the last record that fits, so that none is shown twice or left out", async () => {
    const { view } = new Logs([5_000, 5_000]);
    const fits = ({ offset }: RecordView) => offset % 700 === 0;
    const seen: string[] = [];
    let positions: ReadonlyMap<number, number> = start;
    for (let isAtEnd = false; !isAtEnd;) {
      const found = await scan(view, "topic", new Map(positions), fits, bounds({ countMax: 3 }));
      seen.push(...places(found.records));
      ({ positions, isAtEnd } = found);
    }
    const wanted = [0, 1].flatMap((partition) =>
      Array.from({ length: 8 }, (_, index) => `${partition}:${index * 700}`)
    );
    assert.deepEqual(seen.toSorted(), wanted.toSorted());
  });

  it("stops after so many records, and after its time, and says how far it is", async () => {
    const logs = new Logs([1_000_000, 0]);
    const byCount = await scan(logs.view, "topic", start, () => false, bounds());
    assert.deepEqual([byCount.scanned, byCount.isAtEnd, byCount.positions.get(0)], [10_000, false, 10_000]);
    logs.readMs = 100;
    const byTime = await scan(logs.view, "topic", start, () => false, bounds({ untilMs: logs.nowMs + 250 }));
    assert.equal(byTime.isAtEnd, false);
    assert.ok(byTime.scanned < 10_000);
  });

  it("passes over records that are gone", async () => {
    const { view } = new Logs([10, 0], [7, 0]);
    const { records } = await scan(view, "topic", start, () => true, bounds());
    assert.deepEqual(places(records), ["0:7", "0:8", "0:9"]);
  });
});

describe("checkQuery", () => {
  it("tells which field makes no sense, and why", () => {
    const refused = (text: string, field: string, why: RegExp) =>
      assert.throws(
        () => checkQuery(new URLSearchParams(text), 3),
        (error: FieldError) => error.field === field && why.test(error.message),
        text,
      );
    refused("from=offset&at=-1", "at", /Offset "-1" must be a whole number/);
    refused("from=offset&at=9999999999999999", "at", /Offset "9999999999999999"/);
    refused("from=time&at=soon", "at", /Time "soon" is none/);
    refused("partition=one", "partition", /no partition "one", wanted 0 to 2/);
    refused("partition=3", "partition", /no partition "3"/);
    checkQuery(new URLSearchParams("partition=2&from=offset&at=0"), 3);
    checkQuery(new URLSearchParams("from=time&at=2026-01-31"), 3);
  });
});

describe("readQuery", () => {
  it("takes what makes no sense as what is usual, and keeps what was typed", () => {
    const { partition, from, form, limit, at } = readQuery(
      new URLSearchParams("from=x&form=y&limit=7&positions=z&partition=one&at=soon"),
    );
    assert.deepEqual([partition, from, form, limit, at], [null, "latest", "auto", 50, "soon"]);
  });

  it("and queryText are each other's reverse", () => {
    const text = "partition=2&from=time&at=2026-01-31&find=a+b&in=key&form=hex&limit=100";
    assert.equal(queryText(readQuery(new URLSearchParams(text))), text);
  });
});

describe("matcherOf", () => {
  const finds = (changes: Partial<MessageQuery>, value: string | Uint8Array) => {
    const query = { ...readQuery(new URLSearchParams()), ...changes };
    const bytes = typeof value === "string" ? encode(value) : value;
    return matcherOf(query)({ ...recordOf(0, 1, ""), value: bytes });
  };

  it("looks where it is told to, whatever the case", () => {
    assert.equal(finds({ find: "SHIPPED", place: "value" }, "shipped"), true);
    assert.equal(finds({ find: "shipped", place: "key" }, "shipped"), false);
    assert.equal(finds({ find: "KEY 1", place: "key" }, ""), true);
    assert.equal(finds({ find: "trace: t-1", place: "header" }, ""), true);
    assert.equal(finds({ find: "trace: t-1", place: "any" }, ""), true);
  });

  it("finds JSON as it was written and as it is shown", () => {
    for (const find of ['"id":  7', '"id":7', '"id": 7']) {
      assert.equal(finds({ find }, '{"id":  7}'), true, find);
    }
  });

  it("finds in hexadecimal and in msgpack what those show", () => {
    assert.equal(finds({ find: "81A2", form: "hex" }, Uint8Array.of(0x81, 0xa2, 105, 100, 7)), true);
    assert.equal(finds({ find: '"id":7', form: "msgpack" }, Uint8Array.of(0x81, 0xa2, 105, 100, 7)), true);
  });
});
