/**
 * The broker's open doors: one listener each, common bounds. Compose makes the
 * doors and hands them in; this is where they get their ports.
 */
import type { BrokerSettings, ListenAddress } from "./config/mod.ts";
import { type Clock, type Logger, stopwatch } from "./host/mod.ts";
import { ListenerMeter, LoopMeter, type RequestMeter } from "./meter/mod.ts";
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
/** How often it is measured how late the event loop is. */
const LOOP_MS = 500;
/** A connection of the HTTP door may be silent between two requests for so long. */
const HTTP_IDLE_MS_MAX = 60_000;

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

/** What an open door counted. */
export interface DoorCounts {
  readonly door: string;
  readonly connections: number;
  /** An array of `LISTENER_SHEET`; `null` of the HTTP door. */
  readonly values: Float64Array | null;
}

interface OpenDoor {
  readonly name: keyof DoorAddresses;
  readonly listener: Listener | HttpListener;
  readonly meter: ListenerMeter | null;
}

export class Doors {
  readonly #values: BrokerSettings["values"];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #inFlight: InFlight;
  readonly #open: OpenDoor[] = [];
  /** A connection that speaks the other door's protocol is counted by that door's. */
  readonly #requests = new Set<RequestMeter>();
  readonly #loop = new LoopMeter(LOOP_MS, stopwatch);
  readonly #stopLoop: () => void;
  #addresses: DoorAddresses = { kafka: null, native: null, http: null };

  constructor(values: BrokerSettings["values"], clock: Clock, logger: Logger) {
    this.#values = values;
    this.#clock = clock;
    this.#logger = logger;
    this.#inFlight = { bytes: 0, bytesMax: values["inflight.bytes.max"], blocked: new Set() };
    this.#stopLoop = clock.every(LOOP_MS, () => this.#loop.fired());
  }

  get addresses(): DoorAddresses {
    return this.#addresses;
  }

  /** Connections of all doors. */
  get connectionCount(): number {
    return this.#open.reduce((sum, { listener }) => sum + listener.connectionCount, 0);
  }

  /** Bytes of requests and answers that are under way, of all doors, and their bound. */
  get inFlight(): { readonly bytes: number; readonly bytesMax: number } {
    return this.#inFlight;
  }

  /** What counts the requests of the open doors. */
  get requests(): Iterable<RequestMeter> {
    return this.#requests;
  }

  /** How late the event loop that serves them was: an array of `LOOP_SHEET`. */
  get loop(): Float64Array {
    return this.#loop.snapshot();
  }

  /** What each open door counted. */
  counts(): DoorCounts[] {
    return this.#open.map(({ name, listener, meter }) => (
      { door: name, connections: listener.connectionCount, values: meter?.snapshot() ?? null }
    ));
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
    const meter = new ListenerMeter(stopwatch);
    const options: ListenerOptions = {
      meter,
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
    this.#keep(name, listener, meter);
    for (const requests of door.requests ?? []) this.#requests.add(requests);
  }

  /** Opens the HTTP door; `null` leaves it shut. Throws {@linkcode StartError} like `open`. */
  openHttp(handler: HttpHandler, address: ListenAddress | null): void {
    if (address === null) return;
    const values = this.#values;
    const options = {
      hostname: address.host,
      port: address.port,
      connectionsMax: Math.min(values["max.connections"], values["http.connections.max"]),
      idleMsMax: Math.min(values["connections.max.idle.ms"], HTTP_IDLE_MS_MAX),
      bodyIdleMsMax: values["connections.max.idle.ms"],
      stallMsMax: values["http.stall.timeout.ms"],
      clock: this.#clock,
      logger: this.#logger,
    };
    const listener = bind("http", options, () => new HttpListener(handler, options));
    this.#keep("http", listener, null);
  }

  #keep(
    name: keyof DoorAddresses,
    listener: Listener | HttpListener,
    meter: ListenerMeter | null,
  ): void {
    this.#open.push({ name, listener, meter });
    this.#addresses = { ...this.#addresses, [name]: listener.address };
  }

  /** The open connections of all doors. */
  describe(): ConnectionFacts[] {
    return this.#open.flatMap(({ listener }) => listener.describe());
  }

  /** Lets no new connection in. */
  close(): void {
    this.#stopLoop();
    for (const { listener } of this.#open) listener.close();
  }

  /** Writes the replies that are there, then ends the connections. */
  async drain(waitMsMax: number): Promise<void> {
    await Promise.all(this.#open.map(({ listener }) => listener.drain(waitMsMax)));
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
