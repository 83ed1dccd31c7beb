/**
 * Flights through a real broker process: produced keyed by origin into eight
 * partitions, consumed back, and consumed again after a clean restart and after
 * `kill -9`. Each time count, bytes and the order of each key must be the same.
 */
import { connect } from "weir";
import { startProcess } from "../broker_process.ts";
import { readFlights, Tally } from "./flights.ts";

const TOPIC = "flights";
const PARTITIONS = 8;

/** What happened, for people. */
export interface RoundTrip {
  readonly records: number;
  readonly origins: number;
  readonly produceSeconds: number;
  readonly consumeSeconds: readonly number[];
  /** Why it failed; `null` when everything came back the same each time. */
  readonly difference: string | null;
}

/** Sends the first `count` flights on their way. Progress goes to `say`. */
export async function flyRoundTrip(count: number, say: (words: string) => void): Promise<RoundTrip> {
  const data = await Deno.makeTempDir({ prefix: "weir-flights-" });
  try {
    let broker = await startProcess(data);
    const startedMs = performance.now();
    const sent = await produce(broker.native, count);
    const produceSeconds = (performance.now() - startedMs) / 1_000;
    say(`produced ${count} flights in ${produceSeconds.toFixed(1)} s`);
    const consumeSeconds: number[] = [];
    let difference: string | null = null;
    for (const what of ["at once", "after a clean restart", "after kill -9"]) {
      if (what === "after a clean restart") {
        await broker.stop();
        broker = await startProcess(data);
      } else if (what === "after kill -9") {
        await broker.kill();
        broker = await startProcess(data);
      }
      const consumedMs = performance.now();
      const got = await consume(broker.native);
      consumeSeconds.push((performance.now() - consumedMs) / 1_000);
      say(
        `consumed ${what} in ${consumeSeconds.at(-1)!.toFixed(1)} s: ${
          got === sent ? "the same" : "NOT the same"
        }`,
      );
      if (got !== sent) difference ??= `What came back ${what} is not what was sent`;
    }
    await broker.stop();
    return {
      records: count,
      origins: sent.split("\n").length - 2,
      produceSeconds,
      consumeSeconds,
      difference,
    };
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

async function produce(server: string, count: number): Promise<string> {
  await using weir = await connect(server);
  await weir.admin.createTopic(TOPIC, { partitions: PARTITIONS });
  await using producer = weir.producer({ acks: 1 });
  const tally = new Tally();
  for await (const flights of readFlights(count)) {
    const sends: Promise<unknown>[] = [];
    for (let from = 0; from < flights.length; from += 1_000) {
      const slice = flights.slice(from, from + 1_000);
      sends.push(producer.send(TOPIC, slice.map(({ origin, json }) => ({ key: origin, value: json }))));
    }
    for (const { origin, json } of flights) tally.add(origin, json);
    await Promise.all(sends);
  }
  return tally.close();
}

async function consume(server: string): Promise<string> {
  await using weir = await connect(server);
  await using consumer = weir.consumer({ topics: [TOPIC], from: "earliest", until: "end", key: "string" });
  const tally = new Tally();
  const next = new Map<number, number>();
  for await (const { partition, records } of consumer.batches()) {
    for (const record of records) {
      const expected = next.get(partition) ?? 0;
      if (record.offset !== expected) {
        throw new Error(`Offset ${record.offset} came where ${expected} was due`);
      }
      next.set(partition, expected + 1);
      tally.add(record.key as string, record.bytes()!);
    }
  }
  return tally.close();
}
