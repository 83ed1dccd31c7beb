/**
 * `retention.disk.percent` on a small disk: a broker with it, loaded for longer than
 * the disk has room for, never refuses a record for want of room, and what is
 * still there begins at its log's start and goes to its end without a gap.
 */
import { connect, WeirError } from "weir";
import { BrokerHost } from "./broker_host.ts";
import type { SmallDisk } from "./small_disk.ts";

const TOPIC = "endless";
const PERCENT = 60;
const SETTINGS = [`retention.disk.percent=${PERCENT}`];
/** Half as much again as the disk holds. */
const BYTES = 100_663_296;
const RECORD_BYTES = 4_096;
/** Of a quarter of the megabytes each second no five seconds fill what is left over. */
const COUNT = 64;
const PAUSE_MS = 55;

/** Loads a broker on `disk`; gives what is broken. */
export async function runShare(disk: SmallDisk, say: (words: string) => void): Promise<string[]> {
  const host = new BrokerHost(`${disk.root}/data`, SETTINGS);
  await host.start();
  try {
    await using weir = await connect(host.native);
    await weir.admin.createTopic(TOPIC, { partitions: 2, config: { "segment.bytes": "1048576" } });
    await using producer = weir.producer({ acks: 1, retriesMax: 0, createTopics: false });
    const value = new Uint8Array(RECORD_BYTES);
    const broken: string[] = [];
    let sent = 0;
    for (; sent * RECORD_BYTES < BYTES && broken.length === 0; sent += COUNT) {
      const records = Array.from({ length: COUNT }, (_, index) => ({ partition: index % 2, value }));
      try {
        await producer.send(TOPIC, records);
      } catch (error) {
        if (!(error instanceof WeirError)) throw error;
        broken.push(`after ${sent} records one was refused: ${error}`);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    const starts = await Promise.all([0, 1].map(async (partition) => {
      const assignments = [{ topic: TOPIC, partition }];
      await using consumer = weir.consumer({ assignments, from: "earliest", until: "end" });
      const offsets = (await Array.fromAsync(consumer)).map(({ offset }) => offset);
      if (offsets.some((offset, index) => offset !== offsets[0]! + index)) broken.push("there is a gap");
      if (offsets.at(-1) !== sent / 2 - 1) broken.push(`partition ${partition} ends at ${offsets.at(-1)}`);
      return offsets[0] ?? -1;
    }));
    if (starts.some((start) => start <= 0)) broken.push(`nothing was given up: logs start at ${starts}`);
    say(`retention.disk.percent: ${sent} records of 4 KiB on 64 MiB, logs start at ${starts.join(" and ")}`);
    return [...broken, ...host.broken];
  } finally {
    await host.end("SIGKILL");
  }
}
