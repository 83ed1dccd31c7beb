/** A broker whose standard output and standard error lie on a disk that is full: `/dev/full`, where there is one. */
import assert from "node:assert/strict";
import { it } from "@std/testing/bdd";
import { connect } from "weir";
import { spawnProgram } from "../broker_process.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isCharDevice === true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return await Promise.resolve(listener.addr.port);
}

/** Tries until the broker, which can't say that it is ready, is. */
async function reach(address: string): Promise<Awaited<ReturnType<typeof connect>>> {
  for (let left = 100;; left--) {
    try {
      return await connect(address);
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const because = isThere("/dev/full") ? "" : " (skipped: there is no /dev/full here)";

(because === "" ? it : it.ignore)(
  `broker serves and stops cleanly though it can print nothing${because}`,
  async () => {
    const data = await Deno.makeTempDir();
    const address = `127.0.0.1:${await freePort()}`;
    const doors = ["--kafka", "off", "--native", address, "--http", "off"];
    const broker = [Deno.execPath(), "run", "--quiet", "-A", MAIN, "broker", "--data", data, ...doors];
    const args = ["-c", `exec "$@" >/dev/full 2>/dev/full`, "sh", ...broker];
    const child = new Deno.Command("sh", { args, stdin: "null" }).spawn();
    try {
      {
        await using weir = await reach(address);
        await weir.admin.createTopic("orders");
        await using producer = weir.producer();
        assert.equal((await producer.send("orders", { value: "a" })).offset, 0);
      }
      child.kill("SIGTERM");
      assert.equal((await child.status).code, 0);
      assert((await Deno.stat(`${data}/.kafka_cleanshutdown`)).isFile);
      const checked = await spawnProgram(["log", "verify", data], { stderr: "piped" }).output();
      assert(checked.success);
    } finally {
      if ((await Promise.race([child.status, null])) === null) child.kill("SIGKILL");
      await Deno.remove(data, { recursive: true });
    }
  },
);
