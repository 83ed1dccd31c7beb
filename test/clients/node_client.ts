/**
 * What a program on Node does with the client, as one bundled file: `node_test.ts` builds and runs it with
 * the broker's address as its argument. Prints one line of JSON; ends with status 1 when something is wrong.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { connect, type Weir, type WeirError } from "weir";

const LARGE_BYTES = 1_000_000;

async function main(address: string): Promise<void> {
  const weir = await connect(address);
  await weir.admin.createTopic("node", { partitions: 2 });
  const { codecs, values } = await produceEach(weir);
  const consumer = weir.consumer({ topics: ["node"], from: "earliest", until: "end" });
  const read: unknown[] = [];
  for await (const record of consumer) read.push(record.value);
  assert.deepEqual(read, values);
  await readAsMember(weir, values);
  await readLarge(weir);
  await weir.close();
  console.log(JSON.stringify({ runtime: process.version, codecs, records: read.length }));
}

/** A hundred records in every codec this runtime has. */
async function produceEach(weir: Weir): Promise<{ codecs: string[]; values: string[] }> {
  const codecs: string[] = [];
  const values: string[] = [];
  for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"] as const) {
    try {
      const producer = weir.producer({ compression });
      const records = Array.from(
        { length: 100 },
        (_, index) => ({ key: "k", value: `${compression} ${index}` }),
      );
      await Promise.all(records.map((record) => producer.send("node", record)));
      await producer.close();
      codecs.push(compression);
      values.push(...records.map(({ value }) => value));
    } catch (error) {
      assert.equal((error as WeirError).code, "UNSUPPORTED_COMPRESSION_TYPE");
      assert.match((error as WeirError).message, /zstd needs Deno, Bun, or Node 22.15 or newer/);
    }
  }
  return { codecs, values };
}

/** The same records as the member of a group, which has no lag in the end. */
async function readAsMember(weir: Weir, values: readonly string[]): Promise<void> {
  const member = weir.consumer({ group: "node", topics: ["node"], from: "earliest", until: "end" });
  const shared: unknown[] = [];
  for await (const record of member) {
    shared.push(record.value);
    if (shared.length === 10) await member.commit(record);
  }
  await member.close();
  assert.deepEqual(shared, values);
  const lag = await weir.admin.groupLag("node");
  assert.deepEqual(lag.map((row) => [row.records, row.owner]), [[0, null], [0, null]]);
}

/** A large record, and a wait that is aborted. */
async function readLarge(weir: Weir): Promise<void> {
  const producer = weir.producer();
  const large = new Uint8Array(LARGE_BYTES).fill(7);
  const { partition, offset } = await producer.send("node", { value: large });
  const again = weir.consumer({ assignments: [{ topic: "node", partition, from: offset }], value: "bytes" });
  for await (const record of again) {
    assert.deepEqual(record.value, large);
    break;
  }
  await assert.rejects(again.records({ signal: AbortSignal.timeout(20) }).next(), { code: "ABORTED" });
}

await main(process.argv[2]!);
