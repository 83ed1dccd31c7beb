/**
 * DescribeLogDirs, key 35, versions 1 to 5: the data directory, how large its file
 * system is (version 4), and the bytes of each partition in it. Partitions that
 * don't exist or are offline are left out, as in Kafka.
 *
 * Not done: several directories and moves between them, so that no replica is a
 * future one; cordoned directories. KIP-113, KIP-827.
 */
import type { DraftOf, MessageOf } from "../../bytes/mod.ts";
import type { TopicDescription } from "../../model/mod.ts";
import { type Call, defineApi } from "../api.ts";
import { errorCode, failureOf } from "../faults.ts";
import { DESCRIBE_LOG_DIRS_REQUEST, DESCRIBE_LOG_DIRS_RESPONSE } from "../schemas/describe_log_dirs.ts";

type Request = MessageOf<typeof DESCRIBE_LOG_DIRS_REQUEST>;
type Response = DraftOf<typeof DESCRIBE_LOG_DIRS_RESPONSE>;

export const describeLogDirs = defineApi({
  key: 35,
  request: DESCRIBE_LOG_DIRS_REQUEST,
  response: DESCRIBE_LOG_DIRS_RESPONSE,
  versions: [1, 5],
  serve({ topics }, call) {
    const logDir = call.broker.logDirectory;
    const asked = askedPartitions(topics);
    const names = asked === null ? null : [...asked.keys()];
    call.broker.submit({ kind: "describe_topics", topics: names }, (reply) => {
      if (reply.kind !== "topics_described") {
        return call.answer({ results: [{ logDir, errorCode: errorCode(failureOf(reply)) }] });
      }
      answerWithDisk(reply.topics.flatMap((topic) => topicOf(topic, asked)), call);
    });
  },
});

/** Partitions by topic; `null` asks for all. */
function askedPartitions(topics: Request["topics"]): ReadonlyMap<string, ReadonlySet<number>> | null {
  if (topics === null) return null;
  const asked = new Map<string, Set<number>>();
  for (const { topic, partitions } of topics) {
    asked.set(topic, new Set([...asked.get(topic) ?? [], ...partitions]));
  }
  return asked;
}

function topicOf(
  { name, fault, partitions }: TopicDescription,
  asked: ReadonlyMap<string, ReadonlySet<number>> | null,
) {
  const shown = partitions.filter(({ partition, fault }) =>
    fault === null && (asked === null || asked.get(name)!.has(partition))
  );
  if (fault !== null || shown.length === 0) return [];
  const sizes = shown.map(({ partition, bytes }) => (
    { partitionIndex: partition, partitionSize: bytes, offsetLag: 0, isFutureKey: false }
  ));
  return [{ name, partitions: sizes }];
}

function answerWithDisk(topics: ReturnType<typeof topicOf>, call: Call<Response>): void {
  const logDir = call.broker.logDirectory;
  call.broker.submit({ kind: "describe_broker" }, (reply) => {
    const broker = reply.kind === "broker_described" ? reply.broker : null;
    const totalBytes = broker?.diskBytesTotal ?? -1;
    const usableBytes = broker?.diskBytesUsable ?? -1;
    call.answer({ results: [{ logDir, topics, totalBytes, usableBytes }] });
  });
}
