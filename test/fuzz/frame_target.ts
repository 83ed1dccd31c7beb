/**
 * Fuzz target: the native door. Each input is a frame to the decoder and to a whole
 * session with a scripted broker behind it; whatever comes, the session answers
 * every frame exactly once and throws nothing.
 */
import { type Command, IMAGE_EMPTY, type Reply } from "../../src/model/mod.ts";
import { decodeFrame, encodeFrame, FRAME_HEAD_BYTES, FrameError, nativeDoor } from "../../src/native/mod.ts";
import type { ReplySlot } from "../../src/net/mod.ts";

export const name = "native frames";

const entry = { topic: "orders", partition: 1 };
/** Messages of every operation, for the mutations to start from. */
export const seeds: readonly Uint8Array[] = [
  { k: "hello", c: 1, v: 1, client: "fuzz" },
  { k: "metadata", c: 2, topics: ["orders"], create: true },
  { k: "produce", c: 3, acks: 1, timeoutMs: 100, entries: [{ ...entry, batch: new Uint8Array(61) }] },
  { k: "produce", c: 3, acks: 0, entries: [{ ...entry, batch: new Uint8Array(0) }] },
  {
    k: "fetch",
    c: 4,
    waitMsMax: 1,
    bytesMin: 1,
    entries: [{ ...entry, offset: 0, bytesMax: 100, epoch: -1 }],
  },
  { k: "list_offsets", c: 5, entries: [{ ...entry, timestamp: -1 }] },
  { k: "trim", c: 6, entries: [{ ...entry, before: 5 }] },
  { k: "create_topics", c: 7, topics: [{ name: "a", partitions: 3, settings: { "segment.bytes": "1" } }] },
  { k: "delete_topics", c: 8, topics: ["a"] },
  {
    k: "alter_topics",
    c: 9,
    topics: [{ name: "a", settings: { "retention.ms": null } }],
    validateOnly: true,
  },
  { k: "add_partitions", c: 10, topics: [{ name: "a", partitions: 9 }] },
  { k: "describe_topics", c: 11, topics: null },
  { k: "describe_broker", c: 12 },
  { k: "epoch_ends", c: 13, entries: [{ ...entry, leaderEpoch: 3, epoch: -1 }] },
  { k: "describe_settings", c: 14, resources: [{ kind: "broker" }, { kind: "topic", name: "a" }] },
  {
    k: "alter_broker",
    c: 15,
    settings: { "log.retention.ms": "5" },
    append: { "log.cleanup.policy": "compact" },
  },
  { k: "init_producer_id", c: 16 },
  { k: "describe_producers", c: 17, entries: [entry] },
  {
    k: "group_heartbeat",
    c: 18,
    group: "g",
    member: "m",
    epoch: 0,
    instance: "i",
    rebalanceTimeoutMs: 1_000,
    topics: ["orders"],
    pattern: "o.*",
    owned: [{ topic: "orders", partitions: [0, 1] }, { topic: "gone", id: "A".repeat(22), partitions: [] }],
    waitMsMax: 5,
  },
  { k: "commit_offsets", c: 19, group: "g", member: "m", epoch: 3, entries: [{ ...entry, offset: 5 }] },
  { k: "committed_offsets", c: 20, group: "g", requireStable: true, entries: [entry] },
  { k: "delete_offsets", c: 21, group: "g", entries: [entry] },
  { k: "describe_groups", c: 22, groups: ["g"] },
  { k: "list_groups", c: 23, states: ["Stable"], types: ["consumer"] },
  { k: "delete_groups", c: 24, groups: ["g"] },
].map((message) => encodeFrame(message)[0]!.slice(FRAME_HEAD_BYTES));

const door = nativeDoor({
  nodeId: 1,
  clusterId: "fuzz",
  version: "0",
  frameBytesMax: 1_000_000,
  fetchBytesMax: 1_000_000,
  advertised: null,
  image: () => IMAGE_EMPTY,
  submit: (command, reply) => reply(answerTo(command)),
});
const peer = { remote: "fuzz", localHost: "127.0.0.1", localPort: 1 };
const hello = seeds[0]!;

export function run(input: Uint8Array): void {
  try {
    decodeFrame(input, 0, input.length);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
  }
  const session = door.open(peer);
  receive(session.receive.bind(session), hello);
  if (input.length >= FRAME_HEAD_BYTES) session.measure(input);
  receive(session.receive.bind(session), input);
  receive(door.open(peer).receive.bind(door.open(peer)), input);
}

function receive(take: (frame: Uint8Array, slot: ReplySlot) => void, frame: Uint8Array): void {
  let filled = 0;
  const slot: ReplySlot = {
    weigh(bytesMax) {
      if (!(bytesMax >= 0)) throw new Error(`An answer weighs "${bytesMax}"`);
    },
    count() {},
    fill(_, written) {
      filled++;
      written?.();
    },
    fillAndClose: () => void filled++,
  };
  take(frame, slot);
  if (filled !== 1) throw new Error(`A frame was answered ${filled} times`);
}

function answerTo(command: Command): Reply {
  const failed = { code: "UNKNOWN_TOPIC_OR_PARTITION", message: "Fuzz" } as const;
  if (command.kind === "produce") {
    const entries = command.entries.map(({ topic, partition }) => {
      return { topic, partition, fault: null, baseOffset: 1, logAppendTimeMs: -1, logStartOffset: 0 };
    });
    return { kind: "produced", entries };
  }
  return { kind: "failed", fault: failed };
}
