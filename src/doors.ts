/**
 * The broker's open doors: one listener each, common bounds. Compose makes the
 * doors and hands them in; this is where they get their ports.
 */
import type { BrokerSettings, ListenAddress } from "./config/mod.ts";
import type { Clock, Logger } from "./host/mod.ts";
import {
  type ConnectionFacts,
  type Door,
  type HttpHandler,
  HttpListener,
  type InFlight,
  Listener,
  type ListenerOptions,
} from "./net/mod.ts";

const ANSWER_BYTES_MIN = 1_048_576;

/** The broker can't start; the message is for people. */
export class StartError extends Error {
  override name = "StartError";
}

/** Where a door listens; a port that was 0 has become a real one. */
export interface BoundAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Where each door listens; `null` when it is off. */
export interface DoorAddresses {
  readonly kafka: BoundAddress | null;
  readonly native: BoundAddress | null;
  readonly http: BoundAddress | null;
}

/** `HOST:PORT`, an IPv6 address in brackets; `null` for a door that is shut. */
export function addressText(address: BoundAddress | null): string | null {
  if (address === null) return null;
  const { hostname, port } = address;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

export class Doors {
  readonly #values: BrokerSettings["values"];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #inFlight: InFlight;
  readonly #listeners: (Listener | HttpListener)[] = [];
  #addresses: DoorAddresses = { kafka: null, native: null, http: null };

  constructor(values: BrokerSettings["values"], clock: Clock, logger: Logger) {
    this.#values = values;
    this.#clock = clock;
    this.#logger = logger;
    this.#inFlight = { bytes: 0, bytesMax: values["inflight.bytes.max"], blocked: new Set() };
  }

  get addresses(): DoorAddresses {
    return this.#addresses;
  }

  /** Connections of all doors; of the HTTP door the requests that are open. */
  get connectionCount(): number {
    return this.#listeners.reduce((sum, listener) => sum + listener.connectionCount, 0);
  }

  /**
   * The most one answer should hold now: a quarter of what may still be in flight, so that clients who
   * take their answers slowly get smaller ones; never less than a partition's usual share.
   */
  get answerBytesMax(): number {
    const { bytes, bytesMax } = this.#inFlight;
    return Math.max(ANSWER_BYTES_MIN, (bytesMax - bytes) / 4);
  }

  /** Opens a door; `null` leaves it shut. Throws {@linkcode StartError} when the port can't be had. */
  open(name: "kafka" | "native", door: Door, address: ListenAddress | null): void {
    if (address === null) return;
    const values = this.#values;
    const options: ListenerOptions = {
      hostname: address.host,
      port: address.port,
      connectionsMax: values["max.connections"],
      idleMsMax: values["connections.max.idle.ms"],
      inFlightBytesMax: values["connection.inflight.bytes.max"],
      inFlight: this.#inFlight,
      clock: this.#clock,
      logger: this.#logger,
    };
    const listener = bind(name, options, () => new Listener(door, options));
    this.#keep(name, listener);
  }

  /** Opens the HTTP door; `null` leaves it shut. Throws {@linkcode StartError} like `open`. */
  openHttp(handler: HttpHandler, address: ListenAddress | null): void {
    if (address === null) return;
    const values = this.#values;
    const options = {
      hostname: address.host,
      port: address.port,
      requestsMax: Math.min(
        values["max.connections"],
        values["http.requests.max"] + values["http.tails.max"],
      ),
      clock: this.#clock,
      logger: this.#logger,
    };
    const listener = bind("http", options, () => new HttpListener(handler, options));
    this.#keep("http", listener);
  }

  #keep(name: keyof DoorAddresses, listener: Listener | HttpListener): void {
    this.#listeners.push(listener);
    this.#addresses = { ...this.#addresses, [name]: listener.address };
  }

  /** The open connections of all doors; of the HTTP door the open requests. */
  describe(): ConnectionFacts[] {
    return this.#listeners.flatMap((listener) => listener.describe());
  }

  /** Lets no new connection in. */
  close(): void {
    for (const listener of this.#listeners) listener.close();
  }

  /** Writes the replies that are there, then ends the connections. */
  async drain(waitMsMax: number): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.drain(waitMsMax)));
  }
}

function bind<Bound>(
  door: string,
  { hostname, port }: { hostname: string; port: number },
  listen: () => Bound,
) {
  try {
    return listen();
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? "the port is in use, stop the other program or choose another port"
      : (error as Error).message;
    const words = `Cannot open the ${door} door on "${hostname}:${port}": ${reason}`;
    throw new StartError(words, { cause: error });
  }
}
