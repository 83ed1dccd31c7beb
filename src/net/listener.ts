/**
 * A listener: one door's port. Accepts connections up to the bound, closes those
 * that have been idle too long, and on stop lets no new one in. The only file
 * that listens.
 */
import type { Clock, Logger } from "../host/mod.ts";
import { Connection, type ConnectionLimits, type InFlight } from "./connection.ts";
import type { ConnectionFacts, Door } from "./door.ts";

export interface ListenerOptions extends ConnectionLimits {
  readonly hostname: string;
  readonly port: number;
  readonly connectionsMax: number;
  readonly idleMsMax: number;
  readonly inFlight: InFlight;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often in the idle time connections are looked at. */
const IDLE_CHECKS = 4;
const DRAIN_CHECK_MS = 5;

/** What is kept of an open connection. */
interface Accepted {
  readonly remote: string;
  readonly openedMs: number;
  /** Its activity counter at the last idle check. */
  activity: number;
}

export class Listener {
  readonly #door: Door;
  readonly #options: ListenerOptions;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Map<Connection, Accepted>();
  readonly #stopIdleChecks: () => void;
  #refused = 0;

  /** Binds the port. Throws the system's error when it can't (`Deno.errors.AddrInUse`, ...). */
  constructor(door: Door, options: ListenerOptions) {
    this.#door = door;
    this.#options = options;
    this.#listener = Deno.listen({ hostname: options.hostname, port: options.port });
    this.#stopIdleChecks = options.clock.every(options.idleMsMax / IDLE_CHECKS, () => this.#closeIdle());
    void this.#accept();
  }

  /** `host:port` as bound: port 0 has become a real one. */
  get address(): { readonly hostname: string; readonly port: number } {
    return { hostname: this.#options.hostname, port: this.#listener.addr.port };
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** The open connections, the oldest first. */
  describe(): ConnectionFacts[] {
    const door = this.#door.name;
    return Array.from(this.#connections, ([connection, { remote, openedMs }]) => (
      { door, remote, openedMs, ...connection.client, ...connection.traffic }
    ));
  }

  /** Lets no new connection in. */
  close(): void {
    this.#stopIdleChecks();
    try {
      this.#listener.close();
    } catch {
      // Closed before.
    }
  }

  /** Takes no more requests; resolves once every reply was written, or after `waitMsMax` without those left. */
  async drain(waitMsMax: number): Promise<void> {
    for (const connection of [...this.#connections.keys()]) connection.finish();
    const untilMs = this.#options.clock.now() + waitMsMax;
    while (this.#connections.size > 0 && this.#options.clock.now() < untilMs) {
      await this.#options.clock.sleep(DRAIN_CHECK_MS);
    }
    for (const connection of [...this.#connections.keys()]) connection.close();
  }

  async #accept(): Promise<void> {
    for (;;) {
      try {
        this.#take(await this.#listener.accept());
      } catch (error) {
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
        // One connection that died in the queue, or no descriptor left: the next may do.
        this.#options.logger.log("warning", `could not accept a connection: ${(error as Error).message}`);
        await this.#options.clock.sleep(50);
      }
    }
  }

  #take(socket: Deno.TcpConn): void {
    if (this.#connections.size >= this.#options.connectionsMax) {
      socket.close();
      this.#options.meter?.refused();
      if (this.#refused++ % 1_000 === 0) {
        const words = `connection refused, max.connections "${this.#options.connectionsMax}" are open`;
        this.#options.logger.log("warning", words, { door: this.#door.name, refused: this.#refused });
      }
      return;
    }
    socket.setNoDelay(true);
    const { hostname, port: localPort } = socket.localAddr;
    const localHost = plainHost(hostname);
    const remote = remoteName(socket);
    const session = this.#door.open({ remote, localHost, localPort });
    const connection = new Connection(socket, session, this.#options, this.#options.inFlight, this.#forget);
    this.#connections.set(connection, { remote, openedMs: this.#options.clock.now(), activity: -1 });
    this.#options.meter?.opened();
    void this.#run(connection);
  }

  /** A bug that one request sets off costs its connection, not the broker. */
  async #run(connection: Connection): Promise<void> {
    try {
      await connection.run();
    } catch (error) {
      this.#options.logger.log(
        "error",
        `a request broke the ${this.#door.name} door: ${(error as Error).stack}`,
      );
      connection.close();
    }
  }

  readonly #forget = (connection: Connection): void => {
    this.#connections.delete(connection);
  };

  #closeIdle(): void {
    for (const [connection, accepted] of this.#connections) {
      if (connection.activity === accepted.activity && !connection.isWaiting) {
        this.#options.meter?.idle();
        connection.close();
      } else {
        accepted.activity = connection.activity;
      }
    }
  }
}

/** On a port that takes both, IPv4 peers are seen as IPv6: clients are told the address they know. */
function plainHost(hostname: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(hostname)?.[1] ?? hostname;
}

function remoteName(socket: Deno.TcpConn): string {
  return `${socket.remoteAddr.hostname}:${socket.remoteAddr.port}`;
}
