/** Pages over a broker that does not exist: what their addresses and forms say, and what is asked of it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { GroupFacts } from "../../../src/console/pages/group_facts.ts";
import { type FieldError, timeIn } from "../../../src/console/pages/form.ts";
import type { PageContext } from "../../../src/console/pages/layout.ts";
import { pageOf, rowsFrom } from "../../../src/console/pages/paging.ts";
import { movesText, planMoves, readMoves } from "../../../src/console/pages/reset_plan.ts";
import { type ConsoleView } from "../../../src/console/mod.ts";
import { TIMESTAMP_EARLIEST, TIMESTAMP_LATEST } from "../../../src/model/mod.ts";

const ROWS = Array.from({ length: 250 }, (_, index) => index);

function contextOf(query: string): PageContext {
  const url = `http://localhost/topics?${query}`;
  const parameters = new URL(url).searchParams;
  return {
    req: { url, query: (name: string) => parameters.get(name) ?? undefined },
  } as unknown as PageContext;
}

describe("pageOf", () => {
  const shown = (query: string) => {
    const { rows, first } = pageOf(contextOf(query), ROWS, "topic");
    return [first, rows.length];
  };

  it("shows a hundred rows a page, and the nearest page there is", () => {
    assert.deepEqual([shown(""), shown("page=3"), shown("page=99"), shown("page=-1"), shown("page=x")], [
      [0, 100],
      [200, 50],
      [200, 50],
      [0, 100],
      [0, 100],
    ]);
    assert.deepEqual(pageOf(contextOf("page=2"), [], "topic").rows, []);
  });

  it("links to the pages around with all else the address says, but tells no notice again", async () => {
    const { foot } = pageOf(contextOf("find=a%26b&page=2&done=topic-created"), ROWS, "topic");
    const text = (await foot).toString();
    assert.match(text, /101 to 200 of 250 topics/);
    const links = Array.from(text.matchAll(/rel="(\w+)" href="([^"]*)"/g), ([, rel, href]) => [rel, href]);
    assert.deepEqual(links, [
      ["prev", "/topics?find=a%26b&amp;page=1"],
      ["next", "/topics?find=a%26b&amp;page=3"],
    ]);
  });

  it("has nothing from a place that is none", () => {
    assert.deepEqual([rowsFrom(ROWS, NaN), rowsFrom(ROWS, -1), rowsFrom(ROWS, 249)], [[], [], [249]]);
  });
});

/** A topic of three partitions with offsets 10 to 20, and times as large as offsets. */
function viewOf() {
  const asked: number[] = [];
  const offsetAt = (timestamp: number) => {
    if (timestamp === TIMESTAMP_EARLIEST) return 10;
    return timestamp === TIMESTAMP_LATEST ? 20 : timestamp <= 20 ? timestamp : -1;
  };
  const topic = { name: "orders", partitions: [0, 1, 2].map((partition) => ({ partition })) };
  const view = {
    image: () => ({ topics: new Map([["orders", topic]]) }),
    ask: ({ entries }: { entries: { partition: number; timestamp: number }[] }) => {
      asked.push(entries.length);
      return Promise.resolve({
        kind: "offsets_listed",
        entries: entries.map(({ partition, timestamp }) => (
          { partition, offset: offsetAt(timestamp), fault: null }
        )),
      });
    },
  };
  return { view: view as unknown as ConsoleView, asked };
}

const FACTS = {
  lags: [0, 1].map((partition) => ({
    topic: "orders",
    partition,
    committedOffset: 15,
    endOffset: 20,
    lag: 5,
  })),
} as unknown as GroupFacts;

describe("planMoves", () => {
  const plan = async (query: string) =>
    (await planMoves(viewOf().view, FACTS, new URLSearchParams(query))).map(({ partition, after }) =>
      `${partition}:${after}`
    ).join(" ");

  it("finds where each target lies, between the beginning and the end of the log", async () => {
    assert.equal(await plan("to=earliest"), "0:10 1:10");
    assert.equal(await plan("to=latest&topic=orders"), "0:20 1:20");
    assert.equal(await plan("to=offset&at=12&partition=2"), "2:12");
    assert.equal(await plan("to=offset&at=99"), "0:20 1:20");
    assert.equal(await plan("to=shift&at=-3"), "0:12 1:12");
    assert.equal(await plan("to=shift&at=-100"), "0:10 1:10");
    assert.equal(await plan("to=time&at=17"), "0:17 1:17");
    assert.equal(await plan("to=time&at=2026-01-31"), "0:20 1:20");
  });

  it("says which field makes no sense", async () => {
    const refused = (query: string, field: string) =>
      assert.rejects(plan(query), (error: FieldError) => error.field === field, query);
    await refused("to=offset&at=", "at");
    await refused("to=shift&at=back", "at");
    await refused("to=time&at=soon", "at");
    await refused("to=earliest&partition=3", "partition");
    await refused("to=earliest&partition=one", "partition");
    await refused("to=earliest&topic=missing", "topic");
  });

  it("asks for all partitions of a topic at once", async () => {
    const { view, asked } = viewOf();
    await planMoves(view, FACTS, new URLSearchParams("to=time&at=17"));
    assert.ok(asked.length <= 4 && asked.every((partitions) => partitions === 3), String(asked));
  });
});

describe("timeIn", () => {
  it("takes a time without a zone, as pages show it, for UTC", () => {
    const utc = Date.UTC(2026, 0, 31, 12, 30, 5, 120);
    for (
      const text of ["2026-01-31 12:30:05.120", "2026-01-31T12:30:05.120", "2026-01-31T13:30:05.120+01:00"]
    ) {
      assert.equal(timeIn("at", text), utc, text);
    }
    assert.equal(timeIn("at", "2026-01-31"), Date.UTC(2026, 0, 31));
    assert.equal(timeIn("at", String(utc)), utc);
    assert.throws(() => timeIn("at", "soon"), (error: FieldError) => error.field === "at");
  });
});

describe("readMoves", () => {
  it("reads what movesText wrote, and refuses what is something else", async () => {
    const moves = await planMoves(viewOf().view, FACTS, new URLSearchParams("to=earliest"));
    const read = readMoves(movesText(moves)).map((
      { topic, partition, offset },
    ) => [topic, partition, offset]);
    assert.deepEqual(read, [["orders", 0, 10], ["orders", 1, 10]]);
    for (const text of ["", "[]", "{}", '[["orders",0]]', '[["orders",0,1.5]]', "[[1,0,1]]", "null"]) {
      assert.throws(() => readMoves(text), /preview it first/, text);
    }
  });
});
