/**
 * `describe_topics`: each topic with its settings and the state of every
 * partition's log, asked of the workers; a partition that cannot be asked is
 * shown offline beside the others.
 */
import type { Command, LogDescription, PartitionDescription, Reply, TopicDescription } from "../model/mod.ts";
import { ANSWER_MS_MAX, askEntries, type Found, type Routes } from "./ask_entries.ts";
import { unknownTopic } from "./locate.ts";
import type { RouterPorts } from "./ports.ts";

type Asked = { readonly topic: string; readonly partition: number };

export function describeTopics(
  routes: Routes,
  command: Extract<Command, { kind: "describe_topics" }>,
  done: (reply: Reply) => void,
): void {
  const { ports } = routes;
  const { topics } = ports.image();
  const names = command.topics ?? [...topics.keys()].sort();
  const entries: Asked[] = names.flatMap((topic) =>
    (topics.get(topic)?.partitions ?? []).map(({ partition }) => ({ topic, partition }))
  );
  askEntries(routes, {
    entries,
    kind: "described",
    waitMsMax: ANSWER_MS_MAX,
    ask: ({ outbox, handle }, _entry, receiver) =>
      outbox.ask({ kind: "describe", handles: [handle] }, receiver),
    answer: (entry, found) => describePartition(ports, entry, found),
    done: (partitions) => {
      let first = 0;
      const all = names.map((name) => {
        const count = topics.get(name)?.partitions.length ?? 0;
        return describeTopic(ports, name, partitions.slice(first, first += count));
      });
      done({ kind: "topics_described", topics: all });
    },
  });
}

function describePartition(
  ports: RouterPorts,
  { topic, partition }: Asked,
  found: Found<"described">,
): PartitionDescription {
  const image = ports.image().topics.get(topic)?.partitions[partition];
  const known = found.kind === "described" ? found.logs[0] : undefined;
  const failed = found.kind === "fault" ? found.fault : known?.fault ?? null;
  const log: Pick<LogDescription, keyof typeof OFFLINE> = known ?? OFFLINE;
  return {
    partition,
    leader: image?.leader ?? -1,
    leaderEpoch: image?.leaderEpoch ?? -1,
    logStartOffset: log.logStartOffset,
    lastStableOffset: log.lastStableOffset,
    highWatermark: log.highWatermark,
    logEndOffset: log.logEndOffset,
    bytes: log.bytes,
    segments: log.segments,
    worker: failed === null ? ports.place(topic, partition)?.worker ?? -1 : -1,
    fault: failed,
  };
}

function describeTopic(
  ports: RouterPorts,
  name: string,
  partitions: readonly PartitionDescription[],
): TopicDescription {
  const image = ports.image().topics.get(name);
  if (image === undefined) {
    return { name, fault: unknownTopic(name), id: "", internal: false, partitions: [], settings: [] };
  }
  const { id, internal } = image;
  const settings = ports.describeTopicSettings(image.settings);
  return { name, fault: null, id, internal, partitions, settings };
}

const OFFLINE = {
  leaderEpoch: -1,
  logStartOffset: -1,
  lastStableOffset: -1,
  highWatermark: -1,
  logEndOffset: -1,
  bytes: 0,
  segments: 0,
};
