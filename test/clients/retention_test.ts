/**
 * Retention over real clocks, workers and files: records go by age and by size, at once when the settings
 * change; who reads in the middle of them goes on as its reset policy says; a restart finds the same log.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { connect, type Weir, WeirError } from "weir";
import { startBroker } from "weir/broker";

const SETTINGS = { "log.retention.check.interval.ms": "50", "log.segment.delete.delay.ms": "20" };
const TOPIC = "orders";

async function offset(weir: Weir, at: "earliest" | "latest"): Promise<number> {
  return (await weir.admin.offsets(TOPIC, at))[0]!.offset;
}

/** Comes back once the log starts at an offset. */
async function startsAt(weir: Weir, wanted: number): Promise<void> {
  while (await offset(weir, "earliest") < wanted) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await offset(weir, "earliest"), wanted);
}

async function send(weir: Weir, values: readonly string[]): Promise<void> {
  await using producer = weir.producer();
  for (const value of values) await producer.send(TOPIC, { value });
}

/** The first value a reader gets that begins at an offset. */
async function readFrom(weir: Weir, from: number, reset: "nearest" | "earliest" | "latest" | "error") {
  const assignments = [{ topic: TOPIC, partition: 0, from }];
  await using consumer = weir.consumer({ assignments, reset, value: "string" });
  const sending = reset === "latest" ? sendLater(weir) : Promise.resolve();
  for await (const { value } of consumer) {
    await sending;
    return value;
  }
}

/** Sends until somebody who waits for new records must have had one. */
async function sendLater(weir: Weir): Promise<void> {
  for (let count = 0; count < 5; count++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await send(weir, ["later"]);
  }
}

describe("retention of a broker that runs", () => {
  it("drops records by age when their time is over, and readers of them go on as they are told", async () => {
    const data = await Deno.makeTempDir();
    try {
      {
        await using broker = await startBroker({ data, settings: SETTINGS });
        await using weir = await connect(broker.native);
        await weir.admin.createTopic(TOPIC, { partitions: 1 });
        await send(weir, ["a", "b", "c"]);
        assert.equal(await readFrom(weir, 1, "error"), "b");
        await weir.admin.alterTopic(TOPIC, { "retention.ms": 200 });
        await startsAt(weir, 3);
        await weir.admin.alterTopic(TOPIC, { "retention.ms": 3_600_000 });
        await send(weir, ["d", "e"]);
        assert.equal(await readFrom(weir, 1, "nearest"), "d");
        assert.equal(await readFrom(weir, 1, "earliest"), "d");
        assert.equal(await readFrom(weir, 1, "latest"), "later");
        const isOutOfRange = (error: unknown) =>
          error instanceof WeirError && error.code === "OFFSET_OUT_OF_RANGE";
        await assert.rejects(readFrom(weir, 1, "error"), isOutOfRange);
      }
      await using broker = await startBroker({ data, settings: SETTINGS });
      await using weir = await connect(broker.native);
      await startsAt(weir, 3);
      assert.equal(await readFrom(weir, 3, "error"), "d");
      const names = [...Deno.readDirSync(`${data}/${TOPIC}-0`)].map(({ name }) => name);
      assert.deepEqual(names.filter((name) => name.endsWith(".log")), ["00000000000000000003.log"]);
      assert.deepEqual(names.filter((name) => name.endsWith(".deleted")), []);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });

  it("drops whole segments by size, in memory too, as soon as the settings say so", async () => {
    await using broker = await startBroker({ memory: true, settings: { "log.segment.bytes": "1MiB" } });
    await using weir = await connect(broker.native);
    await weir.admin.createTopic(TOPIC, { partitions: 1 });
    await send(weir, Array.from({ length: 5 }, () => "x".repeat(600_000)));
    await weir.admin.alterTopic(TOPIC, { "retention.bytes": 1_300_000 });
    await startsAt(weir, 2);
    assert.equal(await offset(weir, "latest"), 5);
  });
});
