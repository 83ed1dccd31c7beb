/** `metadata`: topics of the image, those that are missing created first where client and broker allow it. */
import type { Command, Fault, Reply } from "../model/mod.ts";
import { unknownTopic } from "./locate.ts";
import type { RouterPorts } from "./ports.ts";

type Done = (reply: Reply) => void;

export function metadata(
  ports: RouterPorts,
  command: Extract<Command, { kind: "metadata" }>,
  done: Done,
): void {
  const missing = (command.topics ?? []).filter((name) => !ports.image().topics.has(name));
  if (missing.length === 0 || !command.autoCreate || !ports.autoCreateTopics) {
    return answer(ports, command.topics, new Map(), done);
  }
  const topics = missing.map((name) => (
    { name, partitions: -1, replicationFactor: -1, assignments: null, settings: {} }
  ));
  ports.coordinate({ kind: "create_topics", topics, validateOnly: false }, (reply) => {
    if (reply.kind === "failed") return done(reply);
    const faults = new Map<string, Fault>();
    if (reply.kind === "topics_changed") {
      for (const { name, fault } of reply.topics) if (fault !== null) faults.set(name, fault);
    }
    answer(ports, command.topics, faults, done);
  });
}

function answer(
  ports: RouterPorts,
  names: readonly string[] | null,
  faults: ReadonlyMap<string, Fault>,
  done: Done,
): void {
  const { topics } = ports.image();
  const answers = (names ?? [...topics.keys()].sort()).map((name) => {
    const image = topics.get(name) ?? null;
    const failed = image === null ? faults.get(name) ?? unknownTopic(name) : null;
    return { name, image, fault: failed };
  });
  done({ kind: "metadata", topics: answers });
}
