/** A client that asks for far more than it takes: the broker's memory must not follow what it asks for. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { connect } from "weir";
import { encodeFrame } from "../../src/native/mod.ts";
import { startProcess } from "../broker_process.ts";

const MEGABYTE = 1_048_576;

function residentBytes(pid: number): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]) * 1_024;
}

describe("a broker with a client that never reads", () => {
  const example = Deno.build.os === "linux" ? it : it.ignore;
  example("keeps its memory bounded and serves the others (read from /proc)", async () => {
    const data = await Deno.makeTempDir();
    const broker = await startProcess(data);
    try {
      await using weir = await connect(broker.native);
      await weir.admin.createTopic("big");
      await using producer = weir.producer({ acks: 1 });
      const value = "x".repeat(500_000);
      await producer.send("big", Array.from({ length: 100 }, () => ({ value })));
      const before = residentBytes(broker.pid);

      const [hostname, port] = broker.native.split(":") as [string, string];
      const greedy = await Promise.all(
        Array.from({ length: 4 }, () => Deno.connect({ hostname, port: Number(port) })),
      );
      const entries = [{ topic: "big", partition: 0, offset: 0, bytesMax: 40 * MEGABYTE }];
      const fetch = encodeFrame({ k: "fetch", c: 1, bytesMax: 40 * MEGABYTE, entries })[0]!;
      for (const socket of greedy) {
        await socket.write(encodeFrame({ k: "hello", c: 0, v: 1 })[0]!);
        for (let count = 0; count < 200; count++) await socket.write(fetch);
      }
      // Each of the 800 answers would be 40 MB. Others are served meanwhile.
      await using consumer = weir.consumer({ topics: ["big"], from: "earliest", until: "end" });
      let count = 0;
      for await (const _ of consumer) count++;
      assert.equal(count, 100);
      const grown = (residentBytes(broker.pid) - before) / MEGABYTE;
      assert.ok(grown < 600, `memory grew by ${Math.round(grown)} MB`);
      for (const socket of greedy) socket.close();
    } finally {
      await broker.stop();
      await Deno.remove(data, { recursive: true });
    }
  });
});
