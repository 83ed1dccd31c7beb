/** What a start that is refused leaves behind. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { startBroker, StartError } from "../../../src/broker.ts";

const MARKER = '{"version":0,"brokerEpoch":17}';

describe("a start that is refused", () => {
  it("leaves the marker of a clean stop, whoever wrote it", async () => {
    const data = await Deno.makeTempDir();
    try {
      const id = "version: 0\ntopic_id: ";
      for (
        const [name, topicId] of [["orders-0", "ZFV37UMxQKW8N6_xDaKdfw"], [
          "orders-1",
          "Unxn5HkLRz-53YCqoDk5fA",
        ]]
      ) {
        await Deno.mkdir(`${data}/${name}`);
        await Deno.writeTextFile(`${data}/${name}/partition.metadata`, `${id}${topicId}\n`);
      }
      await Deno.writeTextFile(`${data}/.kafka_cleanshutdown`, MARKER);
      await assert.rejects(startBroker({ data }), (error) => {
        return error instanceof StartError && /have different topic ids/.test(error.message);
      });
      assert.equal(await Deno.readTextFile(`${data}/.kafka_cleanshutdown`), MARKER);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
});
