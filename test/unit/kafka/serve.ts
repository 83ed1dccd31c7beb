/** Serves requests of the Kafka door's tests, one by one, with a broker that is a function. */
import { type Message, messageCodec, Reader } from "../../../src/bytes/mod.ts";
import { concat } from "@std/bytes/concat";
import { kafkaDoor } from "../../../src/kafka/mod.ts";
import { findApi } from "../../../src/kafka/registry.ts";
import type { Command, Image, Reply } from "../../../src/model/mod.ts";
import { isIn, requestFrame } from "../../fuzz/kafka_messages.ts";
import { IMAGE } from "../../fuzz/kafka_broker.ts";

/** What became of a request: an answer, nothing at all, or a closed connection. */
export type Outcome = Message | "nothing" | "closed";

export interface Served {
  readonly commands: Command[];
  nowMs: number;
  image: Image;
  request(key: number, version: number, body: Message, clientId?: string): Outcome;
}

const PEER = { remote: "127.0.0.1:40000", localHost: "127.0.0.1", localPort: 9092 };

/** A door whose broker answers with `answer`. Session ids count from 1. */
export function serve(answer: (command: Command) => Reply): Served {
  let sessionId = 0;
  const session = kafkaDoor({
    nodeId: 1,
    clusterId: "test",
    submit: (command, reply) => {
      served.commands.push(command);
      reply(answer(command));
    },
    image: () => served.image,
    metadataOffset: () => 1,
    logDirectory: "/data",
    frameBytesMax: 1_000_000,
    fetchBytesMax: 1_000_000,
    advertised: null,
    newSessionId: () => ++sessionId,
    nowMs: () => served.nowMs,
    broke: fail,
  }).open(PEER);
  const served: Served = {
    commands: [],
    nowMs: 0,
    image: IMAGE,
    request(key, version, body, clientId = "test") {
      const outcomes: Outcome[] = [];
      session.receive(requestFrame(findApi(key)!, version, body, clientId), {
        weigh() {},
        count() {},
        fill(chunks, written) {
          outcomes.push(chunks.length === 0 ? "nothing" : decode(key, version, concat(chunks)));
          written?.();
        },
        fillAndClose: () => void outcomes.push("closed"),
      });
      if (outcomes.length !== 1) throw new Error(`A request was answered ${outcomes.length} times`);
      return outcomes[0]!;
    },
  };
  return served;
}

/** The answer to a request that must have one. */
export function ask(served: Served, key: number, version: number, body: Message): Message {
  const outcome = served.request(key, version, body);
  if (typeof outcome === "string") throw new Error(`An answer is wanted, not "${outcome}"`);
  return outcome;
}

function fail(words: string): never {
  throw new Error(words);
}

function decode(key: number, version: number, frame: Uint8Array): Message {
  const { response } = findApi(key)!;
  const isTagged = key !== 18 && isIn(response.flexibleVersions, version);
  return messageCodec(response, version).read(new Reader(frame, isTagged ? 9 : 8));
}
