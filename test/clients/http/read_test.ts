/** Records read over HTTP where it is hard: answers that would be huge, odd times, odd bytes, gaps. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { HttpBroker } from "./http_broker.ts";

const PARTITIONS = 12;

interface Page {
  readonly records: readonly {
    readonly partition: number;
    readonly offset: number;
    readonly value: unknown;
  }[];
  readonly positions: readonly { readonly partition: number; readonly is_at_end: boolean }[];
  readonly next: string;
}

describe("records read over HTTP", () => {
  let http: HttpBroker;
  beforeAll(async () => {
    http = await HttpBroker.start();
  });
  afterAll(() => http.stop());

  /** Page after page, to the end of every partition. */
  async function* pages(path: string): AsyncGenerator<Page> {
    for (;;) {
      const { json } = await http.ask(path);
      yield json;
      if (json.positions.every(({ is_at_end }: { is_at_end: boolean }) => is_at_end)) return;
      path = json.next.slice(http.url.length);
    }
  }

  it("answers a few megabytes at most, however many partitions have more, and pages through all", async () => {
    await http.createTopic("huge", PARTITIONS);
    const value = "x".repeat(900_000);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await http.produce("huge", [value], partition);
    }
    const seen = new Set<number>();
    for await (const { records, positions } of pages("/topics/huge/records?limit=1000")) {
      assert.ok(records.length <= 5, `${records.length} records of 900 kB`);
      assert.equal(positions.length, PARTITIONS);
      for (const { partition } of records) seen.add(partition);
    }
    assert.equal(seen.size, PARTITIONS);
  });

  it("takes times as people write them, and nothing that only looks like one", async () => {
    await http.createTopic("timed");
    await http.ask("~/topics/timed/records", {
      json: { timestamp: "2026-01-31T11:30:00Z", value: { data: 1 } },
    });
    const count = async (time: string) =>
      (await http.ask(`/topics/timed/records?time=${time}`)).json.records?.length ?? null;
    assert.equal(await count("2026-01-31"), 1);
    assert.equal(await count("2026-01-31T11:30:00.000Z"), 1);
    assert.equal(await count("2026-01-31T11:30:00.001Z"), 0);
    // A plus sign that nobody escaped.
    assert.equal(await count("2026-01-31T12:30:00+01:00"), 1);
    assert.equal(await count("2026-01-31T12:30:01%2B01:00"), 0);
    for (const odd of ["-5", "foo%205", "2026", "1e3", "noon", "2026-13-01", "%00"]) {
      assert.equal(await count(odd), odd === "2026" ? 1 : null, odd);
    }
  });

  it("shows any bytes, in lines that are each one JSON", async () => {
    await http.createTopic("bytes");
    const deep = `${"[".repeat(500)}${"]".repeat(500)}`;
    const values = [
      [0xff, 0xfe],
      [0xed, 0xa0, 0x80],
      [0],
      [],
      [10],
      [0xe2, 0x80, 0xa8],
      new TextEncoder().encode(deep),
    ];
    for (const bytes of values) {
      const data = Uint8Array.from(bytes).toBase64();
      await http.ask("~/topics/bytes/records", {
        json: {
          key: { type: "BINARY", data },
          value: { type: "BINARY", data },
          headers: [{ name: "h\n", value: data }],
        },
      });
    }
    for (const format of ["auto", "json", "string", "base64", "hex", "msgpack"]) {
      const { text } = await http.ask(`/topics/bytes/records?key=${format}&value=${format}`, {
        headers: { accept: "application/x-ndjson" },
      });
      assert.ok(text.endsWith("}\n"));
      const lines = text.slice(0, -1).split("\n").map((line) => JSON.parse(line));
      assert.deepEqual(lines.map(({ offset }) => offset), values.map((_, at) => at));
    }
    const { json: { records } } = await http.ask("/topics/bytes/records");
    const shown = records.map((
      one: { value: unknown; value_format: string },
    ) => [one.value, one.value_format]);
    assert.deepEqual(shown.slice(0, 5), [
      ["//4=", "base64"],
      ["7aCA", "base64"],
      ["\0", "string"],
      ["", "string"],
      ["\n", "string"],
    ]);
    assert.deepEqual(shown[6], [deep, "string"]);
  });

  it("says what a parameter may be when it is none of that", async () => {
    await http.createTopic("asked");
    const { status, json } = await http.ask("/topics/asked/records?offset=first");
    assert.deepEqual([status, json.message], [
      400,
      'Parameter "offset" cannot be "first". Where to begin: earliest (default), latest (default of a live tail), ' +
      "an offset, or -10 for the last ten",
    ]);
  });

  it("reads over what was trimmed and past the end only where something is", async () => {
    await http.createTopic("trimmed");
    await http.produce("trimmed", ["a", "b", "c"]);
    const { connect } = await import("weir");
    await using weir = await connect(http.broker.native);
    await weir.admin.trim("trimmed", 0, 2);
    const { json } = await http.ask("/topics/trimmed/records");
    assert.deepEqual(json.records.map(({ value }: { value: unknown }) => value), ["c"]);
    assert.equal(json.positions[0].log_start_offset, 2);
    for (const offset of [1, 4, Number.MAX_SAFE_INTEGER]) {
      assert.equal((await http.ask(`/topics/trimmed/records?offset=${offset}`)).status, 400);
    }
    const end = await http.ask("/topics/trimmed/records?offset=3");
    assert.deepEqual([end.json.records, end.json.positions[0].is_at_end], [[], true]);
  });
});
