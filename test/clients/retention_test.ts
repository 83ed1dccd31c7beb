/**
 * Retention over real clocks, workers and files: records go by age and by size, at once when the settings
 * change, none before its time; who reads in the middle of them goes on as its reset policy says; a restart
 * finds the same log.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { connect, type Weir, WeirError } from "weir";
import { startBroker } from "weir/broker";
import { runProgram } from "./matrix/client.ts";
import { KCAT } from "./matrix/kcat.ts";
import { readByKafkajs, readFrom, readInGroup, readLive, runKafkajs } from "./retained_readers.ts";
import { dropOld, inTime, offset, OLD, send, startsAt, TOPIC, whileSending } from "./retained_topic.ts";

const SETTINGS = {
  "log.retention.check.interval.ms": "50",
  "log.segment.delete.delay.ms": "20",
  "group.initial.rebalance.delay.ms": "0",
};
/** What a reader has next, by its policy: the start of what is left, or what comes from now on. */
const POLICIES = [["nearest", "new-0"], ["earliest", "new-0"], ["latest", "later"]] as const;

const isOutOfRange = (error: unknown) => error instanceof WeirError && error.code === "OFFSET_OUT_OF_RANGE";

/** What every policy makes of one place that is gone. */
async function checkPolicies(
  weir: Weir,
  read: (reset: "nearest" | "earliest" | "latest" | "error") => Promise<string>,
) {
  for (const [reset, value] of POLICIES) assert.equal(await whileSending(weir, read(reset)), value, reset);
  await assert.rejects(inTime("An error", read("error")), isOutOfRange);
}

describe("retention of a broker that runs", () => {
  it("drops records by age when their time is over, and readers of them go on as they are told", async () => {
    const data = await Deno.makeTempDir();
    try {
      {
        await using broker = await startBroker({ data, settings: SETTINGS });
        await using weir = await connect(broker.native);
        await dropOld(weir, async () => assert.equal(await readFrom(weir, 1, "error"), "old-1"));
        for (const from of [0, 1, OLD - 1]) await checkPolicies(weir, (reset) => readFrom(weir, from, reset));
        assert.equal(await readFrom(weir, OLD, "error"), "new-0");
      }
      await using broker = await startBroker({ data, settings: SETTINGS });
      await using weir = await connect(broker.native);
      await startsAt(weir, OLD);
      assert.equal(await readFrom(weir, OLD, "error"), "new-0");
      await assert.rejects(readFrom(weir, OLD - 1, "error"), isOutOfRange);
      const names = [...Deno.readDirSync(`${data}/${TOPIC}-0`)].map(({ name }) => name);
      assert.deepEqual(names.filter((name) => name.endsWith(".log")), ["00000000000000000040.log"]);
      assert.deepEqual(names.filter((name) => name.endsWith(".deleted")), []);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });

  it("lets readers that are in the middle of what goes, or committed there, go on as they are told", async () => {
    await using broker = await startBroker({ memory: true, settings: SETTINGS });
    await using weir = await connect(broker.native);
    const resets = ["nearest", "earliest", "latest", "error"] as const;
    const live = new Map<string, Awaited<ReturnType<typeof readLive>>>();
    await dropOld(weir, async () => {
      for (const reset of resets) {
        live.set(reset, await readLive(weir, reset));
        assert.equal(await readInGroup(weir, reset, "latest"), "old-0");
      }
    });
    await checkPolicies(weir, (reset) => live.get(reset)!.rest());
    await checkPolicies(weir, (reset) => readInGroup(weir, reset, reset));
  });

  it("lets kafkajs go on at the start or the end, as its consumer is told", async () => {
    await using broker = await startBroker({ memory: true, settings: SETTINGS });
    await using weir = await connect(broker.native);
    const live: Awaited<ReturnType<typeof runKafkajs>>[] = [];
    await dropOld(weir, async () => {
      live.push(await runKafkajs(broker.kafka, "live", true));
      assert.equal(await inTime("A record", live[0]!.began), "old-0");
    });
    assert.equal(await whileSending(weir, live[0]!.rest()), "new-0");
    for (const committed of [0, 1, OLD - 1]) {
      assert.equal(await whileSending(weir, readByKafkajs(weir, broker.kafka, committed, true)), "new-0");
      assert.equal(await whileSending(weir, readByKafkajs(weir, broker.kafka, committed, false)), "later");
    }
    assert.equal(await whileSending(weir, readByKafkajs(weir, broker.kafka, OLD, false)), "new-0");
    assert.equal(await whileSending(weir, readByKafkajs(weir, broker.kafka, OLD + 1, true)), "new-1");
  });

  const withKcat = KCAT.found !== null && "missing" in KCAT.found ? it.ignore : it;
  withKcat("lets kcat go on at the start or the end, or not at all, as auto.offset.reset says", async () => {
    await using broker = await startBroker({ memory: true, settings: SETTINGS });
    await using weir = await connect(broker.native);
    await dropOld(weir);
    const read = async (from: number, reset: string) => {
      const place = ["-C", "-q", "-c", "1", "-b", broker.kafka, "-t", TOPIC, "-p", "0", "-o", String(from)];
      const printed = await runProgram("kcat", [...place, "-X", `auto.offset.reset=${reset}`]);
      return new TextDecoder().decode(printed);
    };
    for (const from of [0, 1, OLD - 1]) {
      assert.equal(await whileSending(weir, read(from, "earliest")), "new-0\n");
      assert.equal(await whileSending(weir, read(from, "latest")), "later\n");
      await assert.rejects(read(from, "error"), /out of range/i);
    }
    assert.equal(await read(OLD, "error"), "new-0\n");
  });

  it("drops whole segments by size, in memory too, as soon as the settings say so", async () => {
    await using broker = await startBroker({ memory: true, settings: { "log.segment.bytes": "1MiB" } });
    await using weir = await connect(broker.native);
    await weir.admin.createTopic(TOPIC, { partitions: 1 });
    await send(weir, Array.from({ length: 5 }, (_, index) => `${index}${"x".repeat(600_000)}`));
    const reading = await readFrom(weir, 0, "error");
    assert.equal(reading[0], "0");
    await weir.admin.alterTopic(TOPIC, { "retention.bytes": 1_300_000 });
    await startsAt(weir, 2);
    assert.equal(await offset(weir, "latest"), 5);
    for (const [reset, value] of [["nearest", "2"], ["earliest", "2"], ["latest", "l"]] as const) {
      assert.equal((await whileSending(weir, readFrom(weir, 1, reset)))[0], value);
    }
    await assert.rejects(readFrom(weir, 1, "error"), isOutOfRange);
  });
});
