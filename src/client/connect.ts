/**
 * `connect`: the way in. A client has one connection for questions and changes;
 * each producer and each consumer has one of its own, so that a fetch that waits
 * for records, or a queue of batches, never holds up anything else (replies come
 * in request order per connection). Producers and consumers close with it.
 */
import { Admin } from "./admin.ts";
import { Connection, type ConnectionSettings } from "./connection.ts";
import { Consumer } from "./consumer.ts";
import type { ConsumerOptions, NamedConsumerOptions, TypedConsumerOptions } from "./consumer_options.ts";
import { throwIfAborted, WeirError } from "./error.ts";
import { Metadata } from "./metadata.ts";
import { numberOption } from "./options.ts";
import { Producer } from "./producer.ts";
import type { ProducerOptions } from "./producer_options.ts";
import { nowMs } from "./runtime.ts";
import type { Format, OutputOf } from "./topic.ts";

const ADDRESS_DEFAULT = "127.0.0.1:9292";
const PORT_DEFAULT = 9292;
const CLIENT_ID_DEFAULT = "weir-typescript";

/** How {@linkcode connect} and everything that hangs on it behave. Times in milliseconds. */
export interface ConnectOptions {
  /** What this client calls itself, as a group's description shows it: default "weir-typescript". */
  readonly clientId?: string | undefined;
  /** How long connect itself tries to reach the broker: default 5,000; 0 for a single attempt. */
  readonly reachTimeoutMs?: number | undefined;
  /** For opening one TCP connection, hello included: default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** For one request: default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** The pause after a first failure: default 50. It doubles with each failure more. */
  readonly retryBackoffMs?: number | undefined;
  /** The longest pause: default 1,000. */
  readonly retryBackoffMsMax?: number | undefined;
  /** How old knowledge of a topic may be: default 300,000. */
  readonly metadataAgeMsMax?: number | undefined;
  /** Ends the attempt to connect. */
  readonly signal?: AbortSignal | undefined;
}

/** The broker this client talks to. */
export interface BrokerIdentity {
  readonly node: number;
  readonly cluster: string;
  readonly version: string;
}

/**
 * Connects to a broker's native door at `HOST:PORT` (the port is 9292 without one).
 * Throws NETWORK_EXCEPTION or TIMED_OUT when it cannot be reached, PROTOCOL when it is no Weir broker.
 *
 * @example
 * ```ts
 * await using weir = await connect("127.0.0.1:9292");
 * await weir.admin.createTopic("orders", { partitions: 3 });
 * ```
 */
export async function connect(
  address: string = ADDRESS_DEFAULT,
  options: ConnectOptions = {},
): Promise<Weir> {
  throwIfAborted(options.signal, "Connecting");
  const settings = connectionSettings(address, options);
  const weir = new Weir(settings, numberOption("metadataAgeMsMax", options.metadataAgeMsMax, 300_000, 0));
  try {
    await weir.reach(numberOption("reachTimeoutMs", options.reachTimeoutMs, 5_000, 0), options.signal);
  } catch (error) {
    await weir.close();
    throw error;
  }
  return weir;
}

function connectionSettings(address: string, options: ConnectOptions): ConnectionSettings {
  const retryBackoffMs = numberOption("retryBackoffMs", options.retryBackoffMs, 50, 0);
  return {
    ...parseAddress(address),
    clientId: options.clientId ?? CLIENT_ID_DEFAULT,
    connectTimeoutMs: numberOption("connectTimeoutMs", options.connectTimeoutMs, 10_000, 1),
    requestTimeoutMs: numberOption("requestTimeoutMs", options.requestTimeoutMs, 30_000, 1),
    retryBackoffMs,
    retryBackoffMsMax: numberOption("retryBackoffMsMax", options.retryBackoffMsMax, 1_000, retryBackoffMs),
  };
}

/** "host", "host:port", "[::1]:port". */
function parseAddress(address: string): { host: string; port: number } {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(address);
  const host = parts?.[1] ?? parts?.[2];
  const port = parts?.[3] === undefined ? PORT_DEFAULT : Number(parts[3]);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new WeirError("INVALID_ARGUMENT", `Address "${address}" must be HOST or HOST:PORT`);
}

/** A client. Made by {@linkcode connect}. */
export class Weir {
  /** Topics and the broker. */
  readonly admin: Admin;
  #settings: ConnectionSettings;
  #connection: Connection;
  #metadata: Metadata;
  #broker: BrokerIdentity = { node: -1, cluster: "", version: "" };
  #open = new Set<{ close(): Promise<void> }>();

  /** Use {@linkcode connect}. */
  constructor(settings: ConnectionSettings, metadataAgeMsMax: number) {
    this.#settings = settings;
    this.#connection = new Connection(settings);
    this.#metadata = new Metadata(this.#connection, metadataAgeMsMax);
    this.admin = new Admin(this.#connection, this.#metadata);
  }

  /** Who answered the first hello. */
  get broker(): BrokerIdentity {
    return this.#broker;
  }

  /** Used by {@linkcode connect}: opens the first link. */
  async reach(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const link = timeoutMs === 0
      ? await this.#connection.open(signal)
      : await this.#connection.reach(nowMs() + timeoutMs, signal);
    const { node, cluster, version } = link.hello;
    this.#broker = { node, cluster, version };
  }

  /**
   * Makes a producer with a connection of its own.
   *
   * @example
   * ```ts
   * await using producer = weir.producer({ acks: "all", compression: "zstd" });
   * await producer.send("orders", { key: "user_456", value: { order: 123 } });
   * ```
   */
  producer(options: ProducerOptions = {}): Producer {
    const connection = this.#another();
    const producer = new Producer(connection, this.#metadata, options, () => this.#open.delete(producer));
    this.#open.add(producer);
    return producer;
  }

  /**
   * Makes a consumer of given topics or partitions, or with `group` a member of a consumer group, on connections of
   * its own. It starts to read at once.
   *
   * @example
   * ```ts
   * await using consumer = weir.consumer({ topics: ["orders"], from: "earliest" });
   * for await (const record of consumer) console.log(record.key, record.value);
   * ```
   */
  consumer<Key extends Format, Value extends Format>(
    options: TypedConsumerOptions<Key, Value>,
  ): Consumer<OutputOf<Key>, OutputOf<Value>>;
  consumer<Key extends Format = "auto", Value extends Format = "auto">(
    options: NamedConsumerOptions<Key, Value>,
  ): Consumer<OutputOf<Key>, OutputOf<Value>>;
  consumer(options: ConsumerOptions): Consumer<unknown, unknown> {
    const consumer: Consumer<unknown, unknown> = new Consumer({
      connect: () => this.#another(),
      shared: this.#connection,
      metadata: this.#metadata,
      onClose: () => this.#open.delete(consumer),
    }, options);
    this.#open.add(consumer);
    return consumer;
  }

  /** Closes consumers, flushes and closes producers, then closes the connection. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((part) => part.close()));
    this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #another(): Connection {
    if (this.#connection.closed) throw new WeirError("CLOSED", "The client is closed");
    return new Connection(this.#settings);
  }
}
