/** `__consumer_offsets` against a real broker: read like any topic, though the coordinator has its logs; changed by nobody. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { decodeGroupRecord } from "../../src/coordinator/journal/decode_groups.ts";
import { connect, type ConsumerRecord, type Weir, WeirError } from "weir";
import { startBroker } from "weir/broker";

const TOPIC = "__consumer_offsets";
const SETTINGS = { "offsets.topic.num.partitions": "3" };

function commit(weir: Weir, offset: number): Promise<void> {
  return weir.admin.alterGroupOffsets("readers", [{ topic: "orders", partition: 0, offset }]);
}

/** Bytes as they are: keys and values of this topic are no text. */
function consumer(weir: Weir, options: { readonly until?: "end" } = {}) {
  const bytes = { key: "bytes", value: "bytes" } as const;
  return weir.consumer({ topics: [TOPIC], from: "earliest", ...bytes, ...options });
}

/** Offsets committed in "orders", in the order of their records. */
function committed(records: readonly ConsumerRecord<Uint8Array, Uint8Array>[]): number[] {
  const found = records.map(({ key, value }) => decodeGroupRecord(key, value));
  return found.flatMap((record) => record?.kind === "offset" ? [record.value!.offset] : []);
}

function isCode(code: string): (error: WeirError) => boolean {
  return (error) => error instanceof WeirError && error.code === code;
}

describe("__consumer_offsets", () => {
  it("is read from its start, and a reader that waits is given what is committed", async () => {
    await using broker = await startBroker({ memory: true, settings: SETTINGS });
    await using weir = await connect(broker.native);
    await weir.admin.createTopic("orders", { partitions: 1 });
    for (const offset of [3, 4]) await commit(weir, offset);
    await using all = consumer(weir, { until: "end" });
    assert.deepEqual(committed(await Array.fromAsync(all)), [3, 4]);
    await using waiting = consumer(weir);
    const records: ConsumerRecord<Uint8Array, Uint8Array>[] = [];
    for await (const record of waiting) {
      records.push(record);
      if (committed(records).length === 2) await commit(weir, 5);
      if (committed(records).length === 3) break;
    }
    assert.deepEqual(committed(records), [3, 4, 5]);
  });

  it("is described with the state of its logs, also of those nobody has written to", async () => {
    await using broker = await startBroker({ memory: true, settings: SETTINGS });
    await using weir = await connect(broker.native);
    await weir.admin.createTopic("orders", { partitions: 1 });
    await commit(weir, 3);
    const { internal, partitions } = await weir.admin.describeTopic(TOPIC);
    assert.ok(internal);
    const ends = partitions.map(({ logEndOffset, highWatermark, error }) => {
      assert.equal(error, null);
      assert.equal(logEndOffset, highWatermark);
      return logEndOffset;
    });
    assert.equal(ends.length, 3);
    assert.ok(ends.some((end) => end > 0) && ends.some((end) => end === 0), `ends at ${ends}`);
    const offsets = await weir.admin.offsets(TOPIC, "latest");
    assert.deepEqual(offsets.map(({ offset }) => offset), ends);
  });

  it("is neither written to nor trimmed, deleted or altered in its partitions by clients", async () => {
    await using broker = await startBroker({ memory: true, settings: SETTINGS });
    await using weir = await connect(broker.native);
    await weir.admin.createTopic("orders", { partitions: 1 });
    await commit(weir, 3);
    await using producer = weir.producer();
    const invalid = isCode("INVALID_TOPIC_EXCEPTION");
    await assert.rejects(producer.send(TOPIC, { partition: 0, value: "x" }), invalid);
    await assert.rejects(weir.admin.trim(TOPIC, 0, "latest"), invalid);
    await assert.rejects(weir.admin.deleteTopic(TOPIC), invalid);
    await assert.rejects(weir.admin.addPartitions(TOPIC, 9), invalid);
    await using all = consumer(weir, { until: "end" });
    assert.deepEqual(committed(await Array.fromAsync(all)), [3]);
  });

  it("is there after a stop, and what was committed with it", async () => {
    const data = await Deno.makeTempDir();
    try {
      for (const expected of [[], [7]]) {
        await using broker = await startBroker({ data, settings: SETTINGS });
        await using weir = await connect(broker.native);
        if (expected.length === 0) await weir.admin.createTopic("orders", { partitions: 1 });
        const offsets = await weir.admin.groupOffsets("readers");
        assert.deepEqual(offsets.map(({ offset }) => offset), expected);
        if (expected.length === 0) await commit(weir, 7);
      }
      const text = await Deno.readTextFile(`${data}/recovery-point-offset-checkpoint`);
      assert.match(text, /^__consumer_offsets \d [1-9]$/m);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
});
