/** A native session with a scripted broker behind it, and what it answers. */
import { applyEvent, type Command, type Image, IMAGE_EMPTY, type Reply } from "../../../src/model/mod.ts";
import {
  decodeFrame,
  encodeFrame,
  FRAME_HEAD_BYTES,
  type Message,
  nativeDoor,
} from "../../../src/native/mod.ts";
import type { ReplySlot } from "../../../src/net/mod.ts";
import { concatenate } from "../net/fakes.ts";

/** A topic, and the cluster that has it and nothing else. */
export const ORDERS = {
  name: "orders",
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  internal: false,
  partitions: [{ partition: 0, leader: 4, leaderEpoch: 1, replicas: [4], inSyncReplicas: [4] }],
  settings: { "retention.ms": "5" },
};
const IMAGE: Image = applyEvent(IMAGE_EMPTY, { kind: "topic_created", topic: ORDERS });

export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The message of one whole frame, length included. */
export function unframe(frame: Uint8Array): Message {
  return decodeFrame(frame, FRAME_HEAD_BYTES, frame.length);
}

/** Binary values as plain Uint8Arrays, whatever view the decoder made. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}

/** A slot as the connection would hold it. */
export class RecordingSlot implements ReplySlot {
  fills = 0;
  closes = false;
  bytes = new Uint8Array(0);
  weights: number[] = [];
  written: (() => void) | undefined;

  weigh(bytesMax: number): void {
    this.weights.push(bytesMax);
  }

  count(): void {}

  fill(chunks: readonly Uint8Array[], written?: () => void): void {
    this.fills++;
    this.bytes = concatenate(chunks) as Uint8Array<ArrayBuffer>;
    this.written = written;
  }

  fillAndClose(chunks: readonly Uint8Array[]): void {
    this.closes = true;
    this.fill(chunks);
  }

  get message(): Message {
    return unframe(this.bytes);
  }
}

/** Commands the door submitted, each with the way to answer it. */
export interface Submitted {
  readonly command: Command;
  readonly reply: (reply: Reply) => void;
}

export const PEER = { remote: "192.0.2.7:5", localHost: "192.0.2.1", localPort: 9_292 };

/** A session; `greeted` unless told otherwise. */
export function openSession(options: Partial<Parameters<typeof nativeDoor>[0]> = {}, greeted = true) {
  const submitted: Submitted[] = [];
  const session = nativeDoor({
    nodeId: 4,
    clusterId: "cluster-one",
    version: "1.2.3",
    frameBytesMax: 1_000,
    fetchBytesMax: 5_000,
    advertised: null,
    image: () => IMAGE,
    submit: (command, reply) => submitted.push({ command, reply }),
    ...options,
  }).open(PEER);
  const sendBytes = (body: Uint8Array) => {
    const slot = new RecordingSlot();
    session.receive(body, slot);
    return slot;
  };
  const send = (message: object) => sendBytes(encodeFrame(message)[0]!.subarray(FRAME_HEAD_BYTES));
  if (greeted) send({ k: "hello", c: 0, v: 1, client: "test" });
  return { session, submitted, send, sendBytes };
}
