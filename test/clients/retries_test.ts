/** An idempotent producer against a real broker, over connections that break: each record once, in order. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { connect, type ProducerOptions, type Weir } from "weir";
import { startBroker } from "weir/broker";
import { CuttingProxy, seeded } from "./cutting_proxy.ts";

const PARTITIONS = 3;
const RECORDS = 900;

/** The values of each partition, in order. */
async function readAll(weir: Weir, topic: string): Promise<string[][]> {
  const values: string[][] = Array.from({ length: PARTITIONS }, () => []);
  await using consumer = weir.consumer({ topics: [topic], from: "earliest", until: "end", value: "string" });
  for await (const { partition, offset, value } of consumer) values[partition]![offset] = value!;
  return values;
}

/** Sends numbered records in bursts, cut after cut; the offsets told, by partition. */
async function sendAll(proxy: CuttingProxy, topic: string, options: ProducerOptions): Promise<number[][]> {
  await using weir = await connect(proxy.address, { retryBackoffMs: 1, retryBackoffMsMax: 4 });
  await using producer = weir.producer({ batchBytesMax: 700, ...options });
  await producer.send(topic, { value: "first", partition: 0 });
  proxy.rate = 0.15;
  const offsets: number[][] = Array.from({ length: PARTITIONS }, () => []);
  const sends: Promise<void>[] = [];
  for (let index = 0; index < RECORDS; index++) {
    const partition = index % PARTITIONS;
    const place = Math.floor(index / PARTITIONS);
    const sending = producer.send(topic, { value: `${index} ${"x".repeat(index % 90)}`, partition });
    sends.push(sending.then(({ offset }) => void (offsets[partition]![place] = offset)));
    if (index % 30 === 29) await sending;
  }
  await Promise.all(sends);
  proxy.rate = 0;
  return offsets;
}

describe("idempotent producer over connections that break", () => {
  for (const [index, compression] of (["none", "gzip", "snappy", "lz4", "zstd"] as const).entries()) {
    for (const inFlightMax of [1, 5]) {
      it(`brings each record once and in order: ${compression}, ${inFlightMax} in flight`, async () => {
        await using broker = await startBroker({ memory: true });
        await using proxy = new CuttingProxy(broker.native, seeded(1 + 2 * index + inFlightMax));
        await using weir = await connect(broker.native);
        await weir.admin.createTopic("t", { partitions: PARTITIONS });
        const offsets = await sendAll(proxy, "t", { compression, inFlightMax });
        const values = await readAll(weir, "t");
        assert.equal(values[0]!.shift(), "first");
        for (let partition = 0; partition < PARTITIONS; partition++) {
          const numbers = values[partition]!.map((value) => Number(value.split(" ")[0]));
          const wanted = Array.from(
            { length: RECORDS / PARTITIONS },
            (_, place) => place * PARTITIONS + partition,
          );
          assert.deepEqual(numbers, wanted);
          const shift = partition === 0 ? 1 : 0;
          assert.deepEqual(offsets[partition], wanted.map((_, place) => place + shift));
        }
        const { answers, behind } = proxy.cuts;
        assert.ok(
          answers + behind >= 5,
          `${answers} answers were dropped, ${behind} connections cut behind a request`,
        );
      });
    }
  }
});
