/**
 * The router: a command and the image decide who does the work, here, a worker
 * or several, or the coordinator. Pure: the clock is a port, answers come back
 * through callbacks. Every command is answered exactly once.
 */
import {
  type Command,
  type Fault,
  fault,
  isFaultCode,
  type LogDescription,
  type PartitionDescription,
  type Reply,
  type ShardOutput,
  type TopicDescription,
} from "../model/mod.ts";
import { Deadlines } from "./deadlines.ts";
import { EntryGather } from "./gather_entries.ts";
import { FetchGather } from "./gather_fetch.ts";
import { isFault, locate } from "./locate.ts";
import type { RouterPorts } from "./ports.ts";

/** How long a worker may take for what should take microseconds. */
const ANSWER_MS_MAX = 30_000;

type Of<Kind extends Command["kind"]> = Extract<Command, { kind: Kind }>;
type Done = (reply: Reply) => void;

export class Router {
  readonly #ports: RouterPorts;
  readonly #deadlines = new Deadlines();

  constructor(ports: RouterPorts) {
    this.#ports = ports;
  }

  /** Commands that wait for workers. */
  get waitingCount(): number {
    return this.#deadlines.count;
  }

  /** Ends what has waited too long; to be called a few times a second. */
  expire(nowMs: number): void {
    this.#deadlines.expire(nowMs);
  }

  /** Does `command` and calls `done` with its reply. */
  submit(command: Command, done: Done): void {
    switch (command.kind) {
      case "produce":
        return this.#produce(command, done);
      case "fetch":
        return new FetchGather(command, this.#ports, this.#deadlines, done).start();
      case "list_offsets":
        return this.#listOffsets(command, done);
      case "trim":
        return this.#trim(command, done);
      case "metadata":
        return this.#metadata(command, done);
      case "describe_topics":
        return this.#describeTopics(command, done);
      case "describe_broker":
        return done({ kind: "broker_described", broker: this.#ports.describeBroker() });
      default:
        return this.#ports.coordinate(command, done);
    }
  }

  #produce(command: Of<"produce">, done: Done): void {
    const { entries, acks } = command;
    const gather = new EntryGather(
      entries.length,
      this.#ports.nowMs() + command.timeoutMs,
      this.#deadlines,
      (index, output) => {
        const { topic, partition } = entries[index]!;
        const { baseOffset, logAppendTimeMs, logStartOffset } = "code" in output || output.kind !== "appended"
          ? { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 }
          : output;
        return {
          topic,
          partition,
          fault: faultOf(output, "appended"),
          baseOffset,
          logAppendTimeMs,
          logStartOffset,
        };
      },
      (entries) => done({ kind: "produced", entries }),
    );
    entries.forEach(({ topic, partition, batch }, index) => {
      const place = locate(this.#ports, topic, partition);
      if (isFault(place)) gather.settle(index, place);
      else place.outbox.append(place.handle, acks, batch, gather.receiver(index));
    });
    gather.seal();
  }

  #listOffsets(command: Of<"list_offsets">, done: Done): void {
    const { entries, isolation } = command;
    const gather = new EntryGather(
      entries.length,
      this.#ports.nowMs() + ANSWER_MS_MAX,
      this.#deadlines,
      (index, output) => {
        const { topic, partition } = entries[index]!;
        const { offset, timestamp, leaderEpoch } = "code" in output || output.kind !== "offset_listed"
          ? { offset: -1, timestamp: -1, leaderEpoch: -1 }
          : output;
        return { topic, partition, fault: faultOf(output, "offset_listed"), offset, timestamp, leaderEpoch };
      },
      (entries) => done({ kind: "offsets_listed", entries }),
    );
    entries.forEach(({ topic, partition, timestamp, currentLeaderEpoch }, index) => {
      const place = locate(this.#ports, topic, partition);
      if (isFault(place)) return gather.settle(index, place);
      const { handle } = place;
      place.outbox.ask(
        { kind: "list_offset", handle, timestamp, isolation, currentLeaderEpoch },
        gather.receiver(index),
      );
    });
    gather.seal();
  }

  #trim(command: Of<"trim">, done: Done): void {
    const { entries } = command;
    const gather = new EntryGather(
      entries.length,
      this.#ports.nowMs() + ANSWER_MS_MAX,
      this.#deadlines,
      (index, output) => {
        const { topic, partition } = entries[index]!;
        const logStartOffset = !("code" in output) && output.kind === "trimmed" ? output.logStartOffset : -1;
        const failed = faultOf(output, "trimmed") ?? this.#ports.trimmed(topic, partition, logStartOffset);
        return { topic, partition, fault: failed, logStartOffset };
      },
      (entries) => done({ kind: "trimmed", entries }),
    );
    entries.forEach(({ topic, partition, beforeOffset }, index) => {
      const place = locate(this.#ports, topic, partition);
      if (isFault(place)) return gather.settle(index, place);
      place.outbox.ask({ kind: "trim", handle: place.handle, beforeOffset }, gather.receiver(index));
    });
    gather.seal();
  }

  #metadata(command: Of<"metadata">, done: Done): void {
    const missing = (command.topics ?? []).filter((name) => !this.#ports.image().topics.has(name));
    if (missing.length === 0 || !command.autoCreate || !this.#ports.autoCreateTopics) {
      return this.#answerMetadata(command.topics, new Map(), done);
    }
    const topics = missing.map((name) => ({ name, partitions: -1, replicationFactor: -1, settings: {} }));
    this.#ports.coordinate({ kind: "create_topics", topics, validateOnly: false }, (reply) => {
      if (reply.kind === "failed") return done(reply);
      const faults = new Map<string, Fault>();
      if (reply.kind === "topics_changed") {
        for (const { name, fault } of reply.topics) if (fault !== null) faults.set(name, fault);
      }
      this.#answerMetadata(command.topics, faults, done);
    });
  }

  #answerMetadata(names: readonly string[] | null, faults: ReadonlyMap<string, Fault>, done: Done): void {
    const { topics } = this.#ports.image();
    const answers = (names ?? [...topics.keys()].sort()).map((name) => {
      const image = topics.get(name) ?? null;
      const failed = image === null ? faults.get(name) ?? unknownTopic(name) : null;
      return { name, image, fault: failed };
    });
    done({ kind: "metadata", topics: answers });
  }

  #describeTopics(command: Of<"describe_topics">, done: Done): void {
    const { topics } = this.#ports.image();
    const names = command.topics ?? [...topics.keys()].sort();
    const asked: { topic: string; partition: number }[] = [];
    for (const name of names) {
      for (const { partition } of topics.get(name)?.partitions ?? []) asked.push({ topic: name, partition });
    }
    const gather = new EntryGather(
      asked.length,
      this.#ports.nowMs() + ANSWER_MS_MAX,
      this.#deadlines,
      (index, output) => this.#describePartition(asked[index]!, output),
      (partitions) => {
        let first = 0;
        const all = names.map((name) => {
          const count = topics.get(name)?.partitions.length ?? 0;
          return this.#describeTopic(name, partitions.slice(first, first += count));
        });
        done({ kind: "topics_described", topics: all });
      },
    );
    asked.forEach(({ topic, partition }, index) => {
      const place = locate(this.#ports, topic, partition);
      if (isFault(place)) return gather.settle(index, place);
      place.outbox.ask({ kind: "describe", handles: [place.handle] }, gather.receiver(index));
    });
    gather.seal();
  }

  #describePartition(
    { topic, partition }: { topic: string; partition: number },
    output: ShardOutput | Fault,
  ): PartitionDescription {
    const image = this.#ports.image().topics.get(topic)?.partitions[partition];
    const known = !("code" in output) && output.kind === "described" ? output.logs[0] : undefined;
    const failed = "code" in output ? output : known?.fault ?? null;
    const log: Omit<LogDescription, "handle" | "recoveryPoint" | "fault"> = known ?? OFFLINE;
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
      worker: failed === null ? this.#ports.place(topic, partition)?.worker ?? -1 : -1,
      fault: failed,
    };
  }

  #describeTopic(name: string, partitions: readonly PartitionDescription[]): TopicDescription {
    const image = this.#ports.image().topics.get(name);
    if (image === undefined) {
      return { name, fault: unknownTopic(name), id: "", internal: false, partitions: [], settings: [] };
    }
    const { id, internal } = image;
    return {
      name,
      fault: null,
      id,
      internal,
      partitions,
      settings: this.#ports.describeSettings(image.settings),
    };
  }
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

function unknownTopic(name: string): Fault {
  return fault("UNKNOWN_TOPIC_OR_PARTITION", `Topic "${name}" does not exist`);
}

/** The fault in what came for an entry; an output of another kind than the one asked for is one, too. */
function faultOf(output: ShardOutput | Fault, kind: "appended" | "offset_listed" | "trimmed"): Fault | null {
  if ("code" in output && isFaultCode(output.code)) return output;
  const answer = output as ShardOutput;
  if (answer.kind === kind) return answer.fault;
  return fault("UNKNOWN_SERVER_ERROR", `A worker answered "${answer.kind}", wanted "${kind}"`);
}
