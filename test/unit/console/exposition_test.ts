/** Metrics as text: both forms, escapes, and which form a header asks for. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { expose, formOf, takesGzip } from "../../../src/console/metrics/exposition.ts";
import type { MetricFamily } from "../../../src/console/mod.ts";
import { labelText } from "../../../src/meter/mod.ts";

const FAMILIES: readonly MetricFamily[] = [
  {
    name: "x_bytes_total",
    help: 'Bytes "in"\nand out \\',
    type: "counter",
    samples: [{ labels: { door: "kafka" }, value: 5 }, { labels: {}, value: 1e21 }],
  },
  {
    name: "x_seconds",
    help: "How long",
    type: "histogram",
    samples: [{
      labels: { stage: "read" },
      value: 0,
      buckets: [{ upTo: 0.5, count: 1 }, { upTo: 1, count: 2 }],
      sum: 4.5,
      count: 3,
    }],
  },
  {
    name: "x",
    help: "Level",
    type: "gauge",
    samples: [{ labels: {}, value: Infinity }, { labels: {}, value: NaN }],
  },
];

const text = (families: readonly MetricFamily[], form: "prometheus" | "openmetrics") =>
  [...expose(families, form)].join("");

describe("expose", () => {
  it("writes Prometheus' own form", () => {
    assert.deepEqual(text(FAMILIES, "prometheus").split("\n"), [
      '# HELP x_bytes_total Bytes "in"\\nand out \\\\',
      "# TYPE x_bytes_total counter",
      'x_bytes_total{door="kafka"} 5',
      "x_bytes_total 1e+21",
      "# HELP x_seconds How long",
      "# TYPE x_seconds histogram",
      'x_seconds_bucket{stage="read",le="0.5"} 1',
      'x_seconds_bucket{stage="read",le="1"} 2',
      'x_seconds_bucket{stage="read",le="+Inf"} 3',
      'x_seconds_sum{stage="read"} 4.5',
      'x_seconds_count{stage="read"} 3',
      "# HELP x Level",
      "# TYPE x gauge",
      "x +Inf",
      "x NaN",
      "",
    ]);
  });

  it("writes OpenMetrics with units, counters' families without _total, and an end", () => {
    const lines = text(FAMILIES, "openmetrics").split("\n");
    assert.deepEqual(lines.slice(0, 4), [
      '# HELP x_bytes Bytes \\"in\\"\\nand out \\\\',
      "# TYPE x_bytes counter",
      "# UNIT x_bytes bytes",
      'x_bytes_total{door="kafka"} 5',
    ]);
    assert.ok(lines.includes('x_seconds_bucket{stage="read",le="1.0"} 2'));
    assert.deepEqual(lines.slice(-2), ["# EOF", ""]);
  });

  it("writes any label value so that it reads back", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', "\\", "\n", "\r", "n", "é", "{") }), (value) => {
        const family = {
          name: "x",
          help: "",
          type: "gauge",
          samples: [{ labels: { value }, value: 1 }],
        } as const;
        const line = text([family], "prometheus").slice("# HELP x \n# TYPE x gauge\n".length);
        const written = /^x\{value="((?:[^"\\\n]|\\.)*)"\} 1\n$/.exec(line)?.[1];
        assert.ok(written !== undefined, line);
        const back = written.replace(/\\(.)/g, (_, char) => char === "n" ? "\n" : char);
        assert.equal(back, value);
      }),
    );
  });

  it("writes columns as it writes samples, and no series where there is no number", () => {
    const labels = [{ topic: 'a"b' }, { topic: "b" }, { topic: "c" }];
    const texts = labels.map(labelText);
    const table = { texts, values: [1.5, NaN, 3], labelsOf: (row: number) => labels[row]! };
    const empty = { name: "x", help: "", type: "gauge", samples: [] } as const;
    const samples = [0, 2].map((row) => ({ labels: labels[row]!, value: table.values[row]! }));
    for (const form of ["prometheus", "openmetrics"] as const) {
      assert.equal(text([{ ...empty, table }], form), text([{ ...empty, samples }], form));
    }
  });

  it("comes in pieces, however long one family is", () => {
    const values = Array.from({ length: 1_200 }, (_, value) => value);
    const samples = values.map((value) => ({ labels: {}, value }));
    const texts = values.map(() => " ");
    const table = { texts, values, labelsOf: () => ({}) };
    const pieces = [...expose([{ name: "x", help: "", type: "gauge", samples, table }], "prometheus")];
    const series = pieces.map((piece) => piece.match(/^x /gm)?.length ?? 0);
    assert.deepEqual(series, [0, 500, 500, 200, 500, 500, 200]);
  });
});

describe("takesGzip", () => {
  it("is true where gzip is asked for, whatever else is", () => {
    for (const header of ["gzip", "br;q=1.0, GZIP;q=0.8, *;q=0.1", "deflate, x-gzip", "identity,gzip"]) {
      assert.ok(takesGzip(header), header);
    }
    for (const header of [null, "", "identity", "br", "gzip;q=0", "gzip; q=0.0", "*", "gzipped"]) {
      assert.ok(!takesGzip(header), String(header));
    }
  });
});

describe("formOf", () => {
  const PROMETHEUS =
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

  it("takes what is wanted most, and plain text where nothing is said", () => {
    assert.equal(formOf(PROMETHEUS), "openmetrics");
    assert.equal(formOf("application/openmetrics-text; version=1.0.0"), "openmetrics");
    assert.equal(formOf("text/plain;version=0.0.4;q=0.9, application/openmetrics-text;q=0.5"), "prometheus");
    for (const accept of [null, "", "*/*", "text/html", "application/openmetrics-text;q=0"]) {
      assert.equal(formOf(accept), "prometheus", String(accept));
    }
  });

  it("takes any header without a throw", () => {
    fc.assert(fc.property(fc.string(), (accept) => {
      assert.ok(["prometheus", "openmetrics"].includes(formOf(accept)));
    }));
  });
});
