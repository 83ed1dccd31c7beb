/**
 * A session of the Kafka door over a broker of the test's making: requests go in
 * as objects, answers come out as objects, both through the wire's bytes. `submit`
 * answers commands as the test says and keeps them.
 */
import assert from "node:assert/strict";
import { type Message, messageCodec, Reader, Writer } from "../../../src/bytes/mod.ts";
import { kafkaDoor } from "../../../src/kafka/mod.ts";
import { findApi } from "../../../src/kafka/registry.ts";
import {
  applyEvents,
  type Command,
  type Image,
  IMAGE_EMPTY,
  type Reply,
  type TopicImage,
} from "../../../src/model/mod.ts";
import { concatenate } from "../net/fakes.ts";

export const ORDERS_ID = "AAAAAAAAAAAAAAAAAAAAAQ";
export const NODE_ID = 7;
const CORRELATION_ID = 42;

export function topicImage(name: string, id: string, settings: Record<string, string> = {}): TopicImage {
  const partition = { leader: NODE_ID, leaderEpoch: 0, replicas: [NODE_ID], inSyncReplicas: [NODE_ID] };
  const partitions = [{ partition: 0, ...partition }, { partition: 1, ...partition }];
  return { name, id, internal: false, partitions, settings };
}

const IMAGE: Image = applyEvents(IMAGE_EMPTY, [
  { kind: "topic_created", topic: topicImage("orders", ORDERS_ID) },
]);

/** One connection; `reply` says what the broker answers to a command. */
export class AdminSession {
  readonly commands: Command[] = [];
  readonly #reply: (command: Command) => Reply;

  constructor(reply: (command: Command) => Reply = () => assert.fail("no command was expected")) {
    this.#reply = reply;
  }

  /** Sends one request and gives its answer, which must be there, once, when the door returns. */
  ask(key: number, version: number, request: Message): Message {
    const answers: Uint8Array[] = [];
    const door = kafkaDoor({
      nodeId: NODE_ID,
      clusterId: "cluster",
      frameBytesMax: 1_048_576,
      fetchBytesMax: 1_048_576,
      advertised: null,
      image: () => IMAGE,
      metadataOffset: () => 99,
      logDirectory: "/data",
      nowMs: () => 1_000,
      newSessionId: () => 1,
      broke: (words) => assert.fail(words),
      submit: (command, reply) => {
        this.commands.push(command);
        reply(this.#reply(command));
      },
    });
    const session = door.open({ remote: "peer", localHost: "127.0.0.1", localPort: 9092 });
    session.receive(encodeRequest(key, version, request), {
      weigh: () => {},
      count: () => {},
      fill: (chunks) => void answers.push(concatenate(chunks)),
      fillAndClose: () => assert.fail("the connection was closed"),
    });
    assert.equal(answers.length, 1, "one answer");
    return decodeAnswer(key, version, answers[0]!);
  }
}

function encodeRequest(key: number, version: number, request: Message): Uint8Array {
  const { request: schema } = findApi(key)!;
  const writer = new Writer(256);
  writer.writeInt16(key);
  writer.writeInt16(version);
  writer.writeInt32(CORRELATION_ID);
  writer.writeInt16(-1);
  if (version >= firstFlexible(schema.flexibleVersions)) writer.writeUnsignedVarint(0);
  messageCodec(schema, version).write(writer, request);
  return writer.bytes().slice();
}

function decodeAnswer(key: number, version: number, answer: Uint8Array): Message {
  const { response: schema } = findApi(key)!;
  const reader = new Reader(answer);
  assert.equal(reader.readInt32(), answer.length - 4);
  assert.equal(reader.readInt32(), CORRELATION_ID);
  if (version >= firstFlexible(schema.flexibleVersions)) reader.skipTaggedFields();
  const message = messageCodec(schema, version).read(reader);
  assert.equal(reader.remaining, 0);
  return message;
}

function firstFlexible(range: string): number {
  return range === "none" ? Infinity : Number.parseInt(range);
}
