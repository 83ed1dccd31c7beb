import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { CoordinatorInput, CoordinatorOutput, CoordinatorStart } from "../../../src/model/mod.ts";
import { joinOf } from "./groups/coordinator_world.ts";
import { create, SETTINGS } from "./world.ts";

/** A coordinator worker and the messages it posts, one at a time. */
class Thread {
  readonly #worker = new Worker(new URL("../../../workers/coordinator.ts", import.meta.url), {
    type: "module",
  });

  ask(message: CoordinatorStart | readonly CoordinatorInput[]): Promise<readonly CoordinatorOutput[]> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => resolve(data);
      this.#worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
      this.#worker.postMessage(message);
    });
  }

  /** What it posts next without being asked. */
  next(): Promise<readonly CoordinatorOutput[]> {
    return new Promise((resolve) => this.#worker.onmessage = ({ data }) => resolve(data));
  }

  end(): void {
    this.#worker.terminate();
  }
}

function startIn(dataDirectory: string, recoveryPoint: number | null): CoordinatorStart {
  const clean = recoveryPoint !== null;
  return {
    kind: "start",
    dataDirectory,
    disk: "auto",
    settings: SETTINGS,
    clean,
    recoveryPoint: recoveryPoint ?? 0,
    groupLogs: [],
  };
}

describe("the coordinator worker", () => {
  it("starts, decides, stops, and knows it all when it is started again", async () => {
    const directory = await Deno.makeTempDir();
    const first = new Thread();
    const second = new Thread();
    try {
      const [ready] = await first.ask(startIn(directory, null));
      assert(ready?.kind === "ready");
      assert.equal(ready.image.topics.size, 0);
      const [decided] = await first.ask([{ kind: "decide", id: 7, command: create("orders") }]);
      assert(decided?.kind === "decided" && decided.id === 7);
      assert.equal(decided.events.length, 1);
      const [stopped] = await first.ask([{ kind: "stop", id: 8 }]);
      assert(stopped?.kind === "stopped");
      const [again] = await second.ask(startIn(directory, stopped.recoveryPoint));
      assert(again?.kind === "ready");
      assert.deepEqual([...again.image.topics.keys()], ["orders"]);
      assert.deepEqual(again.report, []);
    } finally {
      first.end();
      second.end();
      await Deno.remove(directory, { recursive: true });
    }
  });

  it("wakes by itself for what is due, and answers who waited for it", async () => {
    const directory = await Deno.makeTempDir();
    const thread = new Thread();
    try {
      const groups = { ...SETTINGS.groups, initialRebalanceDelayMs: 50 };
      await thread.ask({ ...startIn(directory, null), settings: { ...SETTINGS, groups } });
      const parked = await thread.ask([{ kind: "decide", id: 3, command: joinOf("readers") }]);
      assert.deepEqual(parked.map(({ kind }) => kind), ["changed", "flushed"]);
      const [answer] = await thread.next();
      assert(answer?.kind === "decided" && answer.reply.kind === "group_joined");
      assert.deepEqual([answer.id, answer.reply.generation], [3, 1]);
    } finally {
      thread.end();
      await Deno.remove(directory, { recursive: true });
    }
  });

  it("refuses a directory it cannot use, in words", async () => {
    const file = await Deno.makeTempFile();
    const thread = new Thread();
    try {
      const [refused] = await thread.ask(startIn(`${file}/data`, null));
      assert(refused?.kind === "refused");
      assert.match(refused.message, /data/);
    } finally {
      thread.end();
      await Deno.remove(file);
    }
  });
});
