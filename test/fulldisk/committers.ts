/**
 * Who commits all the time: a member of a classic group by kafkajs, and Weir's client
 * for a group without members. Each commit has its number beside it, so that a group
 * tells which is the latest that was kept. The offset is the start of a topic that
 * nobody writes to: from one outside of the log kafkajs would commit "none" by itself.
 */
import kafkajs, { type Consumer } from "kafkajs";
import { connect, type Weir } from "weir";

const { Kafka, logLevel } = kafkajs;
const PAUSE_MS = 50;

/** One group's commits. */
export interface Commits {
  readonly group: string;
  readonly topic: string;
  asked: number;
  acknowledged: number;
}

/** What is wrong with the offset a group has. */
export async function findBrokenCommits(weir: Weir, commits: readonly Commits[]): Promise<string[]> {
  const broken: string[] = [];
  for (const { group, topic, acknowledged, ...before } of commits.map((one) => ({ ...one }))) {
    const [found] = await weir.admin.groupOffsets(group, [{ topic, partition: 0 }]);
    const asked = Math.max(before.asked, commits.find((one) => one.group === group)!.asked);
    const kept = found === undefined || found.offset < 0 ? 0 : Number(found.metadata);
    if (!(kept >= acknowledged && kept <= asked)) {
      broken.push(`group ${group} has commit ${kept}, acknowledged was ${acknowledged}, asked for ${asked}`);
    }
  }
  return broken;
}

/** Commits until `signal` fires, then leaves. */
export async function commitByKafkajs(broker: string, commits: Commits, signal: AbortSignal): Promise<void> {
  const retry = { initialRetryTime: 30, maxRetryTime: 200, retries: 1_000 };
  const kafka = new Kafka({ clientId: "commits", brokers: [broker], logLevel: logLevel.NOTHING, retry });
  const restartOnFailure = () => Promise.resolve(!signal.aborted);
  const consumer: Consumer = kafka.consumer({
    groupId: commits.group,
    heartbeatInterval: 200,
    sessionTimeout: 6_000,
    retry: { ...retry, restartOnFailure },
  });
  // What commitOffsets gives says nothing: it ends well in a consumer that does not run, too.
  consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload }) => {
    const numbers = payload.topics.flatMap(({ partitions }) => partitions.map(numberOf));
    commits.acknowledged = Math.max(commits.acknowledged, ...numbers);
  });
  await consumer.connect();
  await consumer.subscribe({ topic: commits.topic });
  await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
  while (!signal.aborted) {
    const metadata = String(++commits.asked);
    const commit = { topic: commits.topic, partition: 0, offset: "0", metadata };
    await consumer.commitOffsets([commit]).catch(() => {});
    await pause();
  }
  await consumer.disconnect();
}

/** The same for a group that nobody is in. */
export async function commitByWeir(address: string, commits: Commits, signal: AbortSignal): Promise<void> {
  await using weir = await connect(address, { requestTimeoutMs: 5_000 });
  const { group, topic } = commits;
  while (!signal.aborted) {
    const number = ++commits.asked;
    const commit = { topic, partition: 0, offset: 0, metadata: String(number) };
    await weir.admin.alterGroupOffsets(group, [commit]).then(
      () => void (commits.acknowledged = number),
      () => {},
    );
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

/** kafkajs hands on what was committed, though its types know of the offset alone. */
function numberOf(committed: { readonly offset: string; readonly metadata?: string | null }): number {
  return Number(committed.metadata ?? 0);
}
