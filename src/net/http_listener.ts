/**
 * The HTTP door's port. Accepts connections up to the bound and hands them to the
 * HTTP server, which is loaded with the first of them: until then the door costs
 * a socket. Closes connections that ask nothing or take nothing for too long.
 *
 * Not `Deno.serve`: it can neither bound its connections, nor time out a peer
 * that sends half a request, nor drop one that does not read.
 */
import type { Clock, Logger } from "../host/mod.ts";
import type { ConnectionFacts } from "./door.ts";
import type { HttpHandler } from "./http_handler.ts";
import type { HttpServer } from "./http_server.ts";
import { failureText } from "./http_words.ts";
import { boundSendBuffers } from "./send_buffer.ts";

export interface HttpListenerOptions {
  readonly hostname: string;
  readonly port: number;
  readonly connectionsMax: number;
  /** How long a connection may be open without a whole request, or between two. */
  readonly idleMsMax: number;
  /** How long a request's body may bring nothing. */
  readonly bodyIdleMsMax: number;
  /** How long a peer may take nothing of what is written to it. */
  readonly stallMsMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often in the shorter of both times connections are looked at. */
const CHECKS = 4;
const ACCEPT_PAUSE_MS = 50;
/** What the kernel keeps of answers for each connection; Linux takes it twice, for its own book-keeping. */
const SEND_BUFFER_BYTES = 32_768;
/** Of connections that could not be had, every so many are told in the log. */
const TOLD_OF = 1_000;
/** Connections too many that are told so at once, and for how long they are listened to; others are just closed. */
const REFUSING_MAX = 16;
const REFUSING_MS_MAX = 1_000;

export class HttpListener {
  readonly #options: HttpListenerOptions;
  readonly #handler: HttpHandler;
  readonly #listener: Deno.TcpListener;
  readonly #stopChecks: () => void;
  #loading: Promise<HttpServer> | null = null;
  #server: HttpServer | null = null;
  /** Accepted, but the server is still being loaded. */
  #arriving = 0;
  #refused = 0;
  #refusing = 0;
  #failed = 0;

  /** Binds the port. Throws the system's error when it can't (`Deno.errors.AddrInUse`, ...). */
  constructor(handler: HttpHandler, options: HttpListenerOptions) {
    this.#handler = handler;
    this.#options = options;
    this.#listener = Deno.listen({ hostname: options.hostname, port: options.port });
    boundSendBuffers(this.#listener.addr.port, SEND_BUFFER_BYTES);
    const periodMs = Math.min(options.idleMsMax, options.stallMsMax) / CHECKS;
    this.#stopChecks = options.clock.every(periodMs, () => this.#server?.dropSilent(options.clock.now()));
    void this.#accept();
  }

  /** `host:port` as bound: port 0 has become a real one. */
  get address(): { readonly hostname: string; readonly port: number } {
    return { hostname: this.#options.hostname, port: this.#listener.addr.port };
  }

  get connectionCount(): number {
    return (this.#server?.connectionCount ?? 0) + this.#arriving;
  }

  /** The open connections, the oldest first. */
  describe(): ConnectionFacts[] {
    return this.#server?.describe() ?? [];
  }

  /** Lets no new connection in. */
  close(): void {
    try {
      this.#listener.close();
    } catch {
      // Closed before.
    }
  }

  /** Takes no more requests; resolves once every answer was written, or after `waitMsMax` without those left. */
  async drain(waitMsMax: number): Promise<void> {
    this.close();
    await (await this.#loading)?.drain(waitMsMax);
    this.#stopChecks();
  }

  async #accept(): Promise<void> {
    for (;;) {
      try {
        void this.#take(await this.#listener.accept());
      } catch (error) {
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
        if (this.#failed++ % TOLD_OF === 0) {
          this.#options.logger.log("warning", `could not accept a connection: ${(error as Error).message}`);
        }
        await this.#options.clock.sleep(ACCEPT_PAUSE_MS);
      }
    }
  }

  async #take(socket: Deno.TcpConn): Promise<void> {
    if (this.connectionCount >= this.#options.connectionsMax) return await this.#refuse(socket);
    this.#arriving++;
    try {
      this.#server ??= await (this.#loading ??= this.#load());
      this.#server.take(socket);
    } catch (error) {
      socket.close();
      this.#options.logger.log(
        "error",
        `the http door could not take a connection: ${(error as Error).message}`,
      );
    } finally {
      this.#arriving--;
    }
  }

  /** Says so, and listens for a moment: closed with bytes unread, the words would be lost. */
  async #refuse(socket: Deno.TcpConn): Promise<void> {
    const { connectionsMax, clock, logger } = this.#options;
    if (this.#refused++ % TOLD_OF === 0) {
      const facts = { door: "http", connections: connectionsMax, refused: this.#refused };
      logger.log("warning", "connection refused, as many are open as may be", facts);
    }
    if (this.#refusing >= REFUSING_MAX) return socket.close();
    this.#refusing++;
    const callOff = clock.after(REFUSING_MS_MAX, () => socket.close());
    try {
      const words = failureText(503, `${connectionsMax} connections are open (http.connections.max)`);
      await socket.write(new TextEncoder().encode(words));
      await socket.closeWrite();
      const buffer = new Uint8Array(1_024);
      while (await socket.read(buffer) !== null);
      socket.close();
    } catch {
      // It left, or its moment is over.
    } finally {
      callOff();
      this.#refusing--;
    }
  }

  async #load(): Promise<HttpServer> {
    const { HttpServer } = await import("./http_server.ts");
    return new HttpServer(this.#handler, this.#options);
  }
}
