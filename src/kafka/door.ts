/**
 * The Kafka door: cuts requests into APIs and writes their answers. What it does
 * with input it cannot take is what Kafka does: an unknown API or version, and a
 * body that cannot be read, close the connection; only ApiVersions is answered
 * in every version (KIP-511). Holds no rules of the broker.
 */
import { DecodeError, type Message, Reader } from "../bytes/mod.ts";
import { RequestMeter } from "../meter/mod.ts";
import type { Lease } from "../model/mod.ts";
import type { ClientWords, Door, Peer, ReplySlot, Session } from "../net/mod.ts";
import type { Api, Call, Endpoint, KafkaBroker } from "./api.ts";
import { answerUnknownVersion } from "./apis/18_api_versions.ts";
import { FetchSessions } from "./fetch_sessions.ts";
import { takeErrors } from "./faults.ts";
import { encodeReply, readBody, readClientId, readHead } from "./frame.ts";
import { findApi, servedApis } from "./registry.ts";

const API_VERSIONS = 18;

export interface KafkaDoorOptions extends Omit<KafkaBroker, "sessions"> {
  readonly nodeId: number;
  /** `socket.request.max.bytes`: the longest request. */
  readonly frameBytesMax: number;
  /** What metadata tells clients to connect to; `null` tells each the address it reached itself. */
  readonly advertised: { readonly host: string; readonly port: number | null } | null;
  /** Random, in [1, 2^31). */
  readonly newSessionId: () => number;
  /** An answer could not be written: a bug, which costs the connection and not the broker. */
  readonly broke: (words: string) => void;
}

/** The door on port 9092. */
export function kafkaDoor(options: KafkaDoorOptions): Door {
  const sessions = new FetchSessions(options.newSessionId);
  const broker: KafkaBroker = { ...options, sessions };
  const apis = servedApis();
  const counting: Counting = {
    requests: new RequestMeter("kafka", apis.map(({ name }) => name)),
    placeOf: new Map(apis.map((api, index) => [api, index])),
  };
  const open = (peer: Peer) => new KafkaSession(options, broker, counting, peer);
  return { name: "kafka", requests: [counting.requests], open };
}

/** What requests are counted by, and where each API's numbers are in it. */
interface Counting {
  readonly requests: RequestMeter;
  readonly placeOf: ReadonlyMap<Api, number>;
}

/** Told to browsers and the like before the connection closes. */
const HTTP_WORDS = "This port speaks Apache Kafka's protocol, not HTTP\n";
const HTTP_REFUSAL = new TextEncoder().encode(
  `HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: ${HTTP_WORDS.length}\r\n` +
    `connection: close\r\n\r\n${HTTP_WORDS}`,
);
const HTTP_METHODS: ReadonlySet<string> = new Set(["GET ", "POST", "PUT ", "HEAD", "OPTI", "DELE", "PATC"]);
const NOTHING = new Uint8Array(0);

class KafkaSession implements Session {
  readonly #frameBytesMax: number;
  readonly #broke: (words: string) => void;
  readonly #broker: KafkaBroker;
  readonly #counting: Counting;
  readonly #endpoint: Endpoint;
  readonly #clientHost: string;
  readonly #reader = new Reader(NOTHING);
  #clientId = "";
  #software = "";

  constructor(options: KafkaDoorOptions, broker: KafkaBroker, counting: Counting, peer: Peer) {
    this.#counting = counting;
    this.#frameBytesMax = options.frameBytesMax;
    this.#broke = options.broke;
    this.#broker = broker;
    this.#endpoint = {
      nodeId: options.nodeId,
      host: options.advertised?.host ?? peer.localHost,
      port: options.advertised?.port ?? peer.localPort,
    };
    this.#clientHost = `/${peer.remote.replace(/:\d+$/, "")}`;
  }

  measure(head: Uint8Array): number | { readonly refusal: Uint8Array } {
    const length = ((head[0]! << 24) | (head[1]! << 16) | (head[2]! << 8) | head[3]!) | 0;
    if (length > 0 && length <= this.#frameBytesMax) return length;
    const isHttp = HTTP_METHODS.has(String.fromCharCode(...head.subarray(0, 4)));
    return { refusal: isHttp ? HTTP_REFUSAL : NOTHING };
  }

  receive(frame: Uint8Array, slot: ReplySlot): void {
    try {
      this.#serve(frame, slot);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      slot.fillAndClose([]);
    }
  }

  close(): void {}

  get client(): ClientWords {
    return { clientId: this.#clientId, software: this.#software };
  }

  #serve(frame: Uint8Array, slot: ReplySlot): void {
    const reader = this.#reader;
    reader.reset(frame);
    const { key, version, correlationId } = readHead(reader);
    const api = findApi(key);
    if (api === null) return slot.fillAndClose([]);
    slot.count(this.#counting.requests, this.#counting.placeOf.get(api)!);
    if (version < api.versions[0] || version > api.versions[1]) {
      if (key !== API_VERSIONS) return slot.fillAndClose([]);
      return slot.fill(encodeReply(api, 0, correlationId, answerUnknownVersion(api)));
    }
    const clientId = readClientId(reader, api, version);
    const request = readBody(reader, api, version);
    if (clientId !== null) this.#clientId = clientId;
    if (key === API_VERSIONS) this.#software = softwareOf(request);
    api.serve(request, this.#call(api, version, correlationId, clientId, slot));
  }

  #call(
    api: Api,
    version: number,
    correlationId: number,
    clientId: string | null,
    slot: ReplySlot,
  ): Call<Message> {
    return {
      version,
      clientId,
      clientHost: this.#clientHost,
      broker: this.#broker,
      endpoint: this.#endpoint,
      weigh: (bytesMax) => slot.weigh(bytesMax),
      answer: (response: Message, lease?: Lease | null) => {
        this.#countErrors(api);
        const chunks = this.#encode(api, version, correlationId, response);
        if (lease === undefined || lease === null) {
          if (chunks === null) slot.fillAndClose([]);
          else slot.fill(chunks);
        } else if (chunks === null) {
          lease.release();
          slot.fillAndClose([]);
        } else {
          slot.fill(chunks, () => lease.release());
        }
      },
      stayQuiet: () => slot.fill([]),
      hangUp: () => slot.fillAndClose([]),
    };
  }

  /** An answer's errors are put into numbers in one go, right before it is given. */
  #countErrors(api: Api): void {
    const errors = takeErrors();
    if (errors === null) return;
    const { requests, placeOf } = this.#counting;
    for (const [code, count] of errors) requests.failed(placeOf.get(api)!, code, count);
  }

  /** The answer's bytes; `null` when there was a bug in making them. */
  #encode(api: Api, version: number, correlationId: number, response: Message): Uint8Array[] | null {
    try {
      return encodeReply(api, version, correlationId, response);
    } catch (error) {
      this.#broke(`answer of ${api.name} version ${version} could not be written: ${(error as Error).stack}`);
      return null;
    }
  }
}

/** Name and version a client tells with ApiVersions 3 and later; "" from older ones. */
function softwareOf({ clientSoftwareName = "", clientSoftwareVersion = "" }: Message): string {
  return `${clientSoftwareName} ${clientSoftwareVersion}`.trim();
}
