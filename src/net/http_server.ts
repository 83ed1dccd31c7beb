/**
 * The HTTP server: `node:http` over connections that the listener accepted, each
 * request handed to the handler. Loaded with the first connection. Keeps count of
 * the connections, drops silent ones, and ends them all on stop.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Clock, Logger } from "../host/mod.ts";
import type { ConnectionFacts } from "./door.ts";
import { sendResponse, toRequest } from "./http_exchange.ts";
import type { Channel, HttpHandler } from "./http_handler.ts";
import { HttpSocket } from "./http_socket.ts";

export interface HttpServerOptions {
  readonly idleMsMax: number;
  readonly stallMsMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const DRAIN_CHECK_MS = 5;

export class HttpServer {
  readonly #handler: HttpHandler;
  readonly #options: HttpServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<HttpSocket>();
  #isDraining = false;

  constructor(handler: HttpHandler, options: HttpServerOptions) {
    this.#handler = handler;
    this.#options = options;
    // The listener bounds connections and times; node's own timers would be a second, weaker set.
    this.#server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
    // It listens through somebody else: one that does not listen ends a connection after each answer.
    Object.defineProperty(this.#server, "listening", { value: true });
    this.#server.on("request", (message, target) => void this.#serve(message, target));
    this.#server.on("upgrade", (message, socket, head) => void this.#upgrade(message, socket, head));
    this.#server.on("clientError", (_error, socket) => {
      if (socket.writable) {
        socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      }
    });
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  /** Serves a connection until it ends. */
  take(conn: Deno.TcpConn): void {
    const socket = new HttpSocket(conn, () => this.#options.clock.now());
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
    this.#server.emit("connection", socket);
  }

  /** The open connections, the oldest first. */
  describe(): ConnectionFacts[] {
    return Array.from(this.#sockets, (socket) => {
      const { remote, openedMs, requests, bytesIn, bytesOut, open: waiting, software } = socket;
      return { door: "http", clientId: "", remote, openedMs, requests, bytesIn, bytesOut, waiting, software };
    });
  }

  /** Drops connections that have asked nothing, or taken nothing, for too long. */
  dropSilent(nowMs: number): void {
    const { idleMsMax, stallMsMax } = this.#options;
    for (const socket of this.#sockets) {
      const isIdle = socket.open === 0 && nowMs - socket.quietSinceMs > idleMsMax;
      const isStalled = socket.stalledSinceMs >= 0 && nowMs - socket.stalledSinceMs > stallMsMax;
      if (isIdle || isStalled) socket.destroy();
    }
  }

  /** Ends idle connections now, the others as their answers are written, all after `waitMsMax`. */
  async drain(waitMsMax: number): Promise<void> {
    this.#isDraining = true;
    const { clock } = this.#options;
    const untilMs = clock.now() + waitMsMax;
    for (;;) {
      for (const socket of this.#sockets) if (socket.open === 0) socket.destroy();
      if (this.#sockets.size === 0 || clock.now() >= untilMs) break;
      await clock.sleep(DRAIN_CHECK_MS);
    }
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(message: IncomingMessage, target: ServerResponse): Promise<void> {
    const socket = message.socket as unknown as HttpSocket;
    const { completed, end } = this.#begin(message, socket);
    if (this.#isDraining) target.setHeader("connection", "close");
    const abort = new AbortController();
    target.once("close", () => abort.abort());
    const response = await this.#answer(message, abort.signal, { completed, upgrade: null });
    try {
      // A body that nobody read would be taken for the next request.
      if (!message.complete) target.setHeader("connection", "close");
      await sendResponse(response, target, message.method === "HEAD");
    } catch (error) {
      this.#broke(error);
      socket.destroy();
    }
    end();
  }

  async #upgrade(message: IncomingMessage, stream: unknown, head: Uint8Array): Promise<void> {
    const socket = stream as HttpSocket;
    const { completed } = this.#begin(message, socket);
    const abort = new AbortController();
    socket.once("close", () => abort.abort());
    let isOpen = false;
    const upgrade = async (): Promise<Channel> => {
      isOpen = true;
      const { openChannel } = await import("./http_channel.ts");
      return await openChannel(message, socket, head);
    };
    const response = await this.#answer(message, abort.signal, { completed, upgrade });
    if (!isOpen) await refuseUpgrade(response, socket);
  }

  /** Counts a request until `end` is called: its answer was written, or the peer is gone. */
  #begin(message: IncomingMessage, socket: HttpSocket): { completed: Promise<void>; end: () => void } {
    socket.requests++;
    socket.open++;
    socket.software = message.headers["user-agent"]?.slice(0, 100) ?? "";
    let isOver = false;
    let complete = () => {};
    const completed = new Promise<void>((resolve) => complete = resolve);
    const end = () => {
      if (isOver) return;
      isOver = true;
      socket.open--;
      socket.quietSinceMs = this.#options.clock.now();
      socket.off("close", end);
      complete();
    };
    socket.once("close", end);
    return { completed, end };
  }

  async #answer(
    message: IncomingMessage,
    signal: AbortSignal,
    peer: { completed: Promise<void>; upgrade: (() => Promise<Channel>) | null },
  ): Promise<Response> {
    const { remote } = message.socket as unknown as HttpSocket;
    let request: Request;
    try {
      request = toRequest(message, signal);
    } catch (error) {
      // An address that is none, a method that the web forbids.
      return failure(400, `The request is none: ${(error as Error).message}`);
    }
    try {
      return await this.#handler(request, { remote, ...peer });
    } catch (error) {
      this.#broke(error);
      return failure(500, "The broker failed at this request, see its log");
    }
  }

  #broke(error: unknown): void {
    const words = error instanceof Error ? error.stack ?? error.message : String(error);
    this.#options.logger.log("error", `a request broke the http door: ${words}`);
  }
}

function failure(status: number, message: string): Response {
  return Response.json({ error_code: status, message }, { status });
}

/** Whoever wanted a WebSocket and does not get one is told why. */
async function refuseUpgrade(response: Response, socket: HttpSocket): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  const lines = [`HTTP/1.1 ${response.status} ${response.statusText || "Refused"}`, "connection: close"];
  for (const [name, value] of response.headers) {
    if (name !== "content-length") lines.push(`${name}: ${value}`);
  }
  lines.push(`content-length: ${body.length}`);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  socket.end(body);
}
