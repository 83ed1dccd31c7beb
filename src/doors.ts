/**
 * The broker's open doors: one listener each, common bounds. Compose makes the
 * doors and hands them in; this is where they get their ports.
 */
import type { BrokerSettings, ListenAddress } from "./config/mod.ts";
import type { Clock, Logger } from "./host/mod.ts";
import { type Door, type InFlight, Listener, type ListenerOptions } from "./net/mod.ts";

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

export class Doors {
  readonly #values: BrokerSettings["values"];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #inFlight: InFlight;
  readonly #listeners: Listener[] = [];

  constructor(values: BrokerSettings["values"], clock: Clock, logger: Logger) {
    this.#values = values;
    this.#clock = clock;
    this.#logger = logger;
    this.#inFlight = { bytes: 0, bytesMax: values["inflight.bytes.max"], blocked: new Set() };
  }

  /** Connections of all doors. */
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
  open(door: Door, address: ListenAddress | null): BoundAddress | null {
    if (address === null) return null;
    const values = this.#values;
    const listener = bind(door, {
      hostname: address.host,
      port: address.port,
      connectionsMax: values["max.connections"],
      idleMsMax: values["connections.max.idle.ms"],
      inFlightBytesMax: values["connection.inflight.bytes.max"],
      inFlight: this.#inFlight,
      clock: this.#clock,
      logger: this.#logger,
    });
    this.#listeners.push(listener);
    return listener.address;
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

function bind(door: Door, options: ListenerOptions): Listener {
  const where = `${options.hostname}:${options.port}`;
  try {
    return new Listener(door, options);
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? "the port is in use, stop the other program or choose another port"
      : (error as Error).message;
    throw new StartError(`Cannot open the ${door.name} door on "${where}": ${reason}`, { cause: error });
  }
}
