import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { resultText } from "../../../src/cli/bench_common.ts";
import { readyLine } from "../../../src/cli/broker_words.ts";
import { countOf, formatDuration, formatSize, formatTable } from "../../../src/cli/format.ts";
import { percentilesOf } from "../../../src/cli/latency.ts";
import { entryText } from "../../../src/cli/log_words.ts";
import { nearest } from "../../../src/config/mod.ts";
import { parsePosition } from "../../../src/cli/position.ts";
import { describeTopicText } from "../../../src/cli/topic_words.ts";

describe("words", () => {
  it("formatSize counts in powers of 1,024", () => {
    assert.deepEqual([0, 1_023, 1_024, 35_328, 1_073_741_824].map(formatSize), [
      "0 B",
      "1023 B",
      "1.0 KiB",
      "34.5 KiB",
      "1.0 GiB",
    ]);
  });

  it("entryText says of a producer what its snapshot holds", () => {
    const entry = { producerId: 7, producerEpoch: 1, lastSequence: 4, lastOffset: 14, offsetDelta: 4 };
    const rest = { timestamp: 1_700_000_000_000, coordinatorEpoch: -1, currentTransactionStartOffset: 9 };
    assert.equal(
      entryText({ kind: "producer_entry", ...entry, ...rest }),
      "producer 7 epoch 1, last sequence 4 at offset 14, 5 records in its batch, " +
        "2023-11-14T22:13:20.000Z, coordinator epoch -1, transaction open from offset 9\n",
    );
  });

  it("countOf parts thousands and knows one from many", () => {
    assert.deepEqual([0, 1, 999, 1_000, 3_000_000].map((count) => countOf(count, "record")), [
      "0 records",
      "1 record",
      "999 records",
      "1,000 records",
      "3,000,000 records",
    ]);
  });

  it("formatDuration takes the unit that reads best", () => {
    assert.deepEqual([0.4123, 87.4, 9_999, 12_345].map(formatDuration), [
      "0.412 ms",
      "87 ms",
      "9999 ms",
      "12.3 s",
    ]);
  });

  it("formatTable aligns columns and leaves no blanks at line ends", () => {
    const columns = [{ heading: "name", align: "left" }, { heading: "n", align: "right" }] as const;
    assert.equal(
      formatTable(columns, [["a", "1"], ["longer", "100"]]),
      "name      n\na         1\nlonger  100\n",
    );
    assert.equal(formatTable([columns[1], columns[0]], [["1", "a"]]), "n  name\n1  a\n");
  });

  it("readyLine is the line of SURFACE, doors that are off named off", () => {
    const addresses = { kafka: null, native: { hostname: "127.0.0.1", port: 9292 }, http: null };
    assert.equal(
      readyLine(addresses, "./data", 86.6),
      "weir ready kafka=off native=127.0.0.1:9292 http=off data=./data in 87 ms\n",
    );
    assert.match(
      readyLine({ ...addresses, http: { hostname: "::1", port: 80 } }, "x", 1),
      / http=\[::1\]:80 /,
    );
  });

  it("nearest finds swapped, missing and cut-off letters, and nothing far away", () => {
    const known = ["produce", "consume", "topic", "describe"];
    assert.equal(nearest("prodcue", known), "produce");
    assert.equal(nearest("topcs", known), "topic");
    assert.equal(nearest("desc", known), "describe");
    assert.equal(nearest("banana", known), null);
  });

  it("parsePosition reads ends, offsets and ISO times, and refuses the rest with an example", () => {
    assert.equal(parsePosition("from", "earliest"), "earliest");
    assert.equal(parsePosition("from", "latest"), "latest");
    assert.equal(parsePosition("from", "42"), 42);
    assert.deepEqual(parsePosition("from", "2026-01-31T12:00:00Z"), new Date(Date.UTC(2026, 0, 31, 12)));
    for (const bad of ["-1", "yesterday", "2026-13-01", "99999999999999999999", ""]) {
      assert.throws(() => parsePosition("from", bad), /--from must be earliest, latest, an offset or a time/);
    }
  });

  it("percentilesOf takes the nearest rank of unsorted samples", () => {
    const samples = Float64Array.from({ length: 1_000 }, (_, index) => 1_000 - index);
    assert.deepEqual(percentilesOf(samples), {
      p50Ms: 500,
      p90Ms: 900,
      p99Ms: 990,
      p999Ms: 999,
      maxMs: 1_000,
    });
    assert.equal(percentilesOf(new Float64Array([3, 9, 9]), 1).maxMs, 3);
    assert.equal(percentilesOf(new Float64Array(0)).p50Ms, 0);
  });

  it("resultText puts a figure on each line, named in words", () => {
    const text = resultText({ bench: "latency", recordsPerSecond: 1_234_567, p999Ms: 0.4321, seconds: 1.5 });
    assert.equal(
      text,
      "bench                 latency\nrecords per second  1,234,567\np99.9                0.432 ms\nseconds                   1.5\n",
    );
  });

  it("describeTopicText shows partitions, marks settings that differ, and says why a partition is silent", () => {
    const text = describeTopicText({
      name: "orders",
      id: "AAECAwQFBgcICQoLDA0ODw",
      partitions: [
        {
          partition: 0,
          leader: 1,
          logStartOffset: 10,
          logEndOffset: 1_210,
          bytes: 35_328,
          segments: 2,
          error: null,
        },
        {
          partition: 1,
          leader: -1,
          logStartOffset: -1,
          logEndOffset: -1,
          bytes: -1,
          segments: 0,
          error: new Error("offline"),
        },
      ],
      settings: [
        {
          name: "cleanup.policy",
          value: "delete",
          source: "default",
          type: "list",
          isReadOnly: false,
          synonyms: [],
          defaultValue: "delete",
          documentation: "",
        },
        {
          name: "retention.ms",
          value: "3600000",
          source: "topic",
          type: "long",
          isReadOnly: false,
          synonyms: [],
          defaultValue: "604800000",
          documentation: "",
        },
      ],
    });
    assert.equal(
      text,
      `orders: 2 partitions, 34.5 KiB, id AAECAwQFBgcICQoLDA0ODw

partition  leader  start   end  records      size  segments
        0       1     10  1210     1200  34.5 KiB         2
        1    none      -     -        -         -         -  offline

  setting         value    from
  cleanup.policy  delete   default
* retention.ms    3600000  topic (default 604800000)

* differs from the default
`,
    );
  });
});
