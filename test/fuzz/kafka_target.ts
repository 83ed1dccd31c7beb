/**
 * Fuzz target: the Kafka door. Frames of every API in every version, made from the
 * tables, then broken; behind the door a broker that answers well, badly, at once
 * or late. Whatever comes, each frame ends in exactly one answer or one closed
 * connection, nothing is thrown, no answer proves unwritable and every lease is let go.
 */
import { kafkaDoor } from "../../src/kafka/mod.ts";
import { servedApis } from "../../src/kafka/registry.ts";
import type { ReplySlot } from "../../src/net/mod.ts";
import { FakeBroker, IMAGE } from "./kafka_broker.ts";
import { makeMessage, requestFrame, versionsOf } from "./kafka_messages.ts";
import { seededRandom } from "./mutate.ts";

export const name = "kafka frames";
/** Inputs of this target against one of another: it has a hundred and more messages to go wrong in. */
export const share = 16;

const FRAMES_PER_VERSION = 4;
const broker = new FakeBroker();
let sessionId = 1;
const door = kafkaDoor({
  nodeId: 1,
  clusterId: "fuzz",
  submit: broker.submit,
  image: () => IMAGE,
  metadataOffset: () => 1,
  logDirectory: "/data",
  frameBytesMax: 1_000_000,
  fetchBytesMax: 1_000_000,
  advertised: null,
  newSessionId: () => sessionId = sessionId % 5_000 + 1,
  nowMs: () => sessionId * 1_000,
  broke: (words) => {
    throw new Error(words);
  },
});
const peer = { remote: "fuzz", localHost: "127.0.0.1", localPort: 9092 };

/** Whole frames of every API and version. */
export const seeds: readonly Uint8Array[] = servedApis().flatMap((api) =>
  versionsOf(api.request.validVersions).flatMap((version) =>
    Array.from({ length: FRAMES_PER_VERSION }, (_, seed) => {
      return requestFrame(api, version, makeMessage(api.request, version, seededRandom(seed * 99 + version)));
    })
  )
);

export function run(input: Uint8Array): void {
  const session = door.open(peer);
  if (input.length >= 4) session.measure(input);
  if (input.length === 0) return;
  broker.mood = input.reduce((sum, byte) => (sum * 31 + byte) >>> 0, input.length) >>> 3;
  const before = broker.leases;
  let filled = 0;
  const slot: ReplySlot = {
    weigh(bytesMax) {
      if (!(bytesMax >= 0)) throw new Error(`An answer weighs "${bytesMax}"`);
    },
    count() {},
    fill(chunks, written) {
      filled++;
      checkLength(chunks);
      written?.();
    },
    fillAndClose: () => void filled++,
  };
  session.receive(input, slot);
  broker.catchUp();
  session.close();
  if (filled !== 1) throw new Error(`A frame was answered ${filled} times`);
  if (broker.leases !== before) throw new Error("A lease was not let go once");
}

/** The length in front is that of what follows; acks=0 answers nothing. */
function checkLength(chunks: readonly Uint8Array[]): void {
  if (chunks.length === 0) return;
  const first = chunks[0]!;
  const said = new DataView(first.buffer, first.byteOffset, first.byteLength).getInt32(0);
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, -4);
  if (said !== length) throw new Error(`An answer of ${length} bytes says it has ${said}`);
}
