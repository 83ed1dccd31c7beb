/**
 * The native door: decodes frames into commands, hands them in, encodes replies.
 * Bad frames lose nothing: a frame that can be measured but not understood is
 * answered with a fault in its place; bytes that are no frame at all get one
 * last frame that says so, and the connection closes. The first frame must be
 * `hello`. Holds no rules of the broker.
 */
import { RequestMeter } from "../meter/mod.ts";
import { type Fault, fault, type Image, type Reply, type Submit } from "../model/mod.ts";
import type { ClientWords, Door, Peer, ReplySlot, Session } from "../net/mod.ts";
import { takeErrors, wireError } from "./faults.ts";
import { FieldError, integer, nameOr, show } from "./fields.ts";
import { decodeFrame, encodeFrame, FrameError, frameLength, type Message } from "./frame.ts";
import type { Operation, SessionContext } from "./ops/operation.ts";
import { OPERATIONS } from "./ops/registry.ts";
import { NATIVE_VERSION } from "./protocol.ts";

export interface NativeDoorOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly version: string;
  /** `socket.request.max.bytes`: the longest frame a client may send. */
  readonly frameBytesMax: number;
  /** `fetch.max.bytes`: the most one answer holds. */
  readonly fetchBytesMax: number;
  /** What metadata tells clients to connect to; `null` tells each the address it reached itself. */
  readonly advertised: { readonly host: string; readonly port: number | null } | null;
  readonly submit: Submit;
  /** The cluster as it is now: topics are named on the wire, and go by their ids behind it. */
  image(): Image;
}

/** The door on port 9292. */
export function nativeDoor(options: NativeDoorOptions): Door {
  const requests = new RequestMeter("native", NAMES);
  return { name: "native", requests: [requests], open: (peer) => new NativeSession(options, requests, peer) };
}

/** What requests are counted as; what has none of these names is not. */
const NAMES: readonly string[] = ["hello", ...Object.keys(OPERATIONS)];
const PLACES: ReadonlyMap<unknown, number> = new Map(NAMES.map((name, index) => [name, index]));

/** True when a connection's first frame is a msgpack map, which no request of Kafka's protocol begins like. */
export function speaksNative(frame: Uint8Array): boolean {
  const first = frame[0]!;
  return (first & 0xf0) === 0x80 || first === 0xde || first === 0xdf;
}

/** First bytes that betray another protocol, and what to tell its user. */
const STRANGERS: readonly (readonly [prefix: string, name: string])[] = [
  ["GET ", "HTTP"],
  ["POST", "HTTP"],
  ["PUT ", "HTTP"],
  ["HEAD", "HTTP"],
  ["OPTI", "HTTP"],
  ["PRI ", "HTTP/2"],
  ["\x16\x03\x00", "TLS"],
  ["\x16\x03\x01", "TLS"],
  ["\x16\x03\x02", "TLS"],
  ["\x16\x03\x03", "TLS"],
];

class NativeSession implements Session {
  readonly #options: NativeDoorOptions;
  readonly #requests: RequestMeter;
  #context: SessionContext;
  #greeted = false;

  constructor(options: NativeDoorOptions, requests: RequestMeter, peer: Peer) {
    this.#options = options;
    this.#requests = requests;
    const host = options.advertised?.host ?? peer.localHost;
    const port = options.advertised?.port ?? peer.localPort;
    this.#context = {
      clusterId: options.clusterId,
      brokers: [{ node: options.nodeId, host, port }],
      clientId: "",
      clientHost: `/${hostOf(peer.remote)}`,
      image: () => options.image(),
    };
  }

  measure(head: Uint8Array): number | { readonly refusal: Uint8Array } {
    const length = frameLength(head, 0);
    if (length <= this.#options.frameBytesMax && length > 0) return length;
    const stranger = STRANGERS.find(([prefix]) => startsWith(head, prefix))?.[1];
    const words = stranger === undefined
      ? `Frame of "${length}" bytes, wanted 1 to ${this.#options.frameBytesMax} (socket.request.max.bytes)`
      : `This port speaks Weir's native protocol, not ${stranger}`;
    return { refusal: failure(0, fault("INVALID_REQUEST", words)) };
  }

  receive(frame: Uint8Array, slot: ReplySlot): void {
    let c = 0;
    let place = -1;
    try {
      const message = decodeFrame(frame, 0, frame.length);
      place = PLACES.get(message.k) ?? -1;
      if (place >= 0) slot.count(this.#requests, place);
      c = integer(message, "", "c", 0);
      this.#answer(c, message, place, slot);
    } catch (error) {
      if (!(error instanceof FrameError) && !(error instanceof FieldError)) throw error;
      slot.fill([failure(c, fault("INVALID_REQUEST", error.message))]);
    }
    this.#countErrors(place);
  }

  close(): void {}

  get client(): ClientWords {
    return { clientId: this.#context.clientId, software: "" };
  }

  /** An answer's errors are put into words in one go, right before it is given. */
  #countErrors(place: number): void {
    const errors = takeErrors();
    if (errors === null) return;
    for (const [code, count] of errors) this.#requests.failed(place, code, count);
  }

  #answer(c: number, message: Message, place: number, slot: ReplySlot): void {
    if (message.k === "hello") return this.#greet(c, message, slot);
    if (!this.#greeted) {
      slot.fillAndClose([failure(c, fault("INVALID_REQUEST", `The first frame must be "hello"`))]);
      return;
    }
    const operation = findOperation(message.k);
    if (operation === null) {
      slot.fill([failure(c, fault("INVALID_REQUEST", `Operation "${show(message.k)}" is not known`))]);
      return;
    }
    const command = operation.decode(message, this.#context);
    if (command.kind === "fetch") slot.weigh(Math.min(command.bytesMax, this.#options.fetchBytesMax));
    if (command.kind === "produce" && command.acks === 0) {
      // Nothing is written, but the slot stays taken until the batch is in: a fast sender meets backpressure.
      this.#options.submit(command, () => slot.fill([]));
      return;
    }
    this.#options.submit(command, (reply) => this.#reply(c, operation, place, reply, slot));
  }

  #greet(c: number, message: Message, slot: ReplySlot): void {
    const version = integer(message, "", "v", 0);
    if (version !== NATIVE_VERSION) {
      const words = `Native protocol version "${version}" is not spoken here, wanted ${NATIVE_VERSION}`;
      slot.fillAndClose([failure(c, fault("UNSUPPORTED_VERSION", words))]);
      return;
    }
    this.#context = { ...this.#context, clientId: nameOr(message, "", "client", "") };
    this.#greeted = true;
    const { nodeId: node, clusterId: cluster, frameBytesMax } = this.#options;
    slot.fill(
      encodeFrame({ c, v: NATIVE_VERSION, node, cluster, version: this.#options.version, frameBytesMax }),
    );
  }

  #reply(c: number, operation: Operation, place: number, reply: Reply, slot: ReplySlot): void {
    const chunks = reply.kind === "failed"
      ? [failure(c, reply.fault)]
      : operation.encode(c, reply, this.#context);
    this.#countErrors(place);
    const lease = reply.kind === "fetched" ? reply.lease : null;
    if (lease === null) slot.fill(chunks);
    else slot.fill(chunks, () => lease.release());
  }
}

/** "127.0.0.1" of "127.0.0.1:50000", "::1" of "[::1]:50000". */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}

function findOperation(name: unknown): Operation | null {
  if (typeof name !== "string" || !Object.hasOwn(OPERATIONS, name)) return null;
  return OPERATIONS[name as keyof typeof OPERATIONS];
}

function failure(c: number, failed: Fault): Uint8Array {
  return encodeFrame({ c, e: wireError(failed) })[0]!;
}

function startsWith(head: Uint8Array, prefix: string): boolean {
  if (head.length < prefix.length) return false;
  for (let index = 0; index < prefix.length; index++) {
    if (head[index] !== prefix.charCodeAt(index)) return false;
  }
  return true;
}
