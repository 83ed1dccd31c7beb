import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type {
  CoordinatorCommand,
  CoordinatorInput,
  CoordinatorOutput,
  CoordinatorStart,
} from "../../../src/model/mod.ts";
import { heartbeat } from "./groups/consumer/driver.ts";
import { joinOf } from "./groups/coordinator_world.ts";
import { create, SETTINGS } from "./world.ts";

type Message = CoordinatorStart | readonly CoordinatorInput[];

/** A coordinator worker and the messages it posts, one at a time. */
class Thread {
  readonly #worker = new Worker(new URL("../../../workers/coordinator.ts", import.meta.url), {
    type: "module",
  });
  readonly #posted: (readonly CoordinatorOutput[])[] = [];
  #wake = () => {};
  #failure: string | null = null;

  constructor() {
    this.#worker.onmessage = ({ data }) => {
      this.#posted.push(data);
      this.#wake();
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failure = event.message;
      this.#wake();
    };
  }

  tell(message: Message): void {
    this.#worker.postMessage(message);
  }

  ask(message: Message): Promise<readonly CoordinatorOutput[]> {
    this.tell(message);
    return this.next();
  }

  /** The first of what it posted that was not looked at yet. */
  async next(): Promise<readonly CoordinatorOutput[]> {
    while (this.#posted.length === 0) {
      if (this.#failure !== null) throw new Error(this.#failure);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#posted.shift()!;
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

  it("loads what knows patterns when the first one comes, or a group out of the log has one", async () => {
    const directory = await Deno.makeTempDir();
    const first = new Thread();
    const second = new Thread();
    const inputs = (...commands: CoordinatorCommand[]): CoordinatorInput[] =>
      commands.map((command, id) => ({ kind: "decide", id, command }));
    const topicsIn = (outputs: readonly CoordinatorOutput[]) => {
      const output = outputs.find((output) => output.kind === "decided" && output.id === 0);
      assert(output?.kind === "decided" && output.reply.kind === "consumer_heartbeat");
      return output.reply.assignment?.length;
    };
    const join = heartbeat({ subscribedTopics: null, subscribedPattern: "orders-.*" });
    try {
      await first.ask(startIn(directory, null));
      await first.ask(inputs(create("orders-1"), create("bills-1")));
      first.tell(inputs(join));
      first.tell(inputs(heartbeat({ group: "others", subscribedTopics: ["orders-1", "bills-1"] })));
      assert.deepEqual([topicsIn(await first.next()), topicsIn(await first.next())], [1, 2]);
      await first.ask([{ kind: "stop", id: 8 }]);
      await second.ask(startIn(directory, null));
      second.tell(inputs(create("orders-2")));
      assert.equal((await second.next())[0]?.kind, "decided");
      assert.equal(topicsIn(await second.ask(inputs(join))), 2);
    } finally {
      first.end();
      second.end();
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
