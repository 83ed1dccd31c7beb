/**
 * Ten members join a group one after another while records come all the time:
 * how long each partition is without them, for the native client, whose protocol
 * stops only what moves, and for kafkajs in the classic protocol, which stops all.
 */
import kafkajs from "kafkajs";
import { connect, type Weir } from "weir";
import { inDirectory, runBroker } from "../macro/process.ts";
import { report } from "../macro/report.ts";
import { pause } from "./bench_member.ts";
import { gapFigures, Gaps } from "./gaps.ts";

const TOPIC = "flows";
const PARTITIONS = 20;
const PERIOD_MS = 10;
/** Records come through all partitions within so long, or something is wrong. */
const FLOW_MS_MAX = 60_000;

/** What a member does with a record. */
type Took = (partition: number) => void;

/** Has one more member join; it leaves by what it gives. */
type Join = (took: Took) => Promise<() => Promise<void>>;

/** Measures with `members` members, one every `stepMs`. */
export async function benchJoining(directory: string, members: number, stepMs: number): Promise<void> {
  for (const [how, joinAt] of [["native client", nativeJoin], ["kafkajs, classic", classicJoin]] as const) {
    const figures = await inDirectory(directory, async (folder) => {
      const broker = await runBroker(folder, [], "127.0.0.1:0");
      try {
        await using weir = await connect(`127.0.0.1:${broker.port}`);
        await weir.admin.createTopic(TOPIC, { partitions: PARTITIONS });
        return await measure(weir, joinAt(weir, `127.0.0.1:${broker.kafkaPort}`), members, stepMs);
      } finally {
        await broker.stop();
      }
    });
    report(`${members} members join one by one, ${how}`, figures);
  }
}

async function measure(weir: Weir, join: Join, members: number, stepMs: number) {
  const gaps = new Gaps(PARTITIONS);
  const ending = new AbortController();
  const flowing = flow(weir, ending.signal);
  const leaves: (() => Promise<void>)[] = [];
  const joinOne = async () => {
    const member = leaves.length;
    leaves.push(await join((partition) => gaps.took(partition, member, performance.now())));
  };
  await joinOne();
  const sinceMs = performance.now();
  while (!gaps.isFlowing(sinceMs)) {
    if (performance.now() - sinceMs > FLOW_MS_MAX) throw new Error("No records come");
    await pause(20);
  }
  const calmMs = performance.now();
  await pause(stepMs);
  const startsMs: number[] = [];
  while (leaves.length < members) {
    startsMs.push(performance.now());
    await joinOne();
    await pause(startsMs.at(-1)! + stepMs - performance.now());
  }
  const endMs = performance.now();
  ending.abort();
  await flowing;
  await Promise.all(leaves.map((leave) => leave()));
  const { stayed, moved } = gaps.measure(startsMs, endMs);
  return {
    ...gapFigures("before", gaps.measure([calmMs], startsMs[0]!).stayed),
    ...gapFigures("stayed", stayed),
    ...gapFigures("moved", moved),
  };
}

/** A record for each partition every few milliseconds. */
async function flow(weir: Weir, signal: AbortSignal): Promise<void> {
  await using producer = weir.producer({ lingerMs: 0 });
  while (!signal.aborted) {
    const sends = Array.from(
      { length: PARTITIONS },
      (_, partition) => producer.send(TOPIC, { partition, value: "x" }),
    );
    await Promise.all([...sends, pause(PERIOD_MS)]);
  }
}

function nativeJoin(weir: Weir): Join {
  return (took) => {
    const consumer = weir.consumer({ group: "joins", topics: [TOPIC], from: "latest" });
    const reading = (async () => {
      for await (const { partition } of consumer) took(partition);
    })();
    return Promise.resolve(async () => {
      await consumer.close();
      await reading;
    });
  };
}

function classicJoin(_: Weir, kafka: string): Join {
  const { Kafka, logLevel } = kafkajs;
  return async (took) => {
    const client = new Kafka({ clientId: "joins", brokers: [kafka], logLevel: logLevel.NOTHING });
    const consumer = client.consumer({
      groupId: "joins",
      maxWaitTimeInMs: 100,
      heartbeatInterval: 300,
      sessionTimeout: 10_000,
    });
    await consumer.connect();
    await consumer.subscribe({ topic: TOPIC });
    const eachMessage = ({ partition }: { partition: number }) => {
      took(partition);
      return Promise.resolve();
    };
    await consumer.run({ eachMessage });
    return () => consumer.disconnect();
  };
}
