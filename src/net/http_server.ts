/**
 * The HTTP server: `node:http` over connections that the listener accepted, each
 * request handed to the handler, those of one connection one after another. Loaded
 * with the first connection. Keeps count of the connections, drops silent ones,
 * and ends them all on stop.
 */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Clock, Logger } from "../host/mod.ts";
import type { ConnectionFacts } from "./door.ts";
import { headersOf, isCut, sendBody, toRequest } from "./http_exchange.ts";
import type { Channel, HttpHandler, HttpPeer } from "./http_handler.ts";
import { HttpSocket } from "./http_socket.ts";
import { failure, failureText, parserFailure } from "./http_words.ts";

export interface HttpServerOptions {
  /** How long a connection may be open without a whole request, or between two. */
  readonly idleMsMax: number;
  /** How long a request's body may bring nothing. */
  readonly bodyIdleMsMax: number;
  /** How long a peer may take nothing of what is written to it. */
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
    const times = { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 };
    // Who names no host is told so by us, in our form.
    this.#server = createServer({ ...times, requireHostHeader: false });
    // It listens through somebody else: one that does not listen ends a connection after each answer.
    Object.defineProperty(this.#server, "listening", { value: true });
    const serve = (message: IncomingMessage, target: ServerResponse, expects = true) => {
      const socket = message.socket as unknown as HttpSocket;
      this.#inTurn(socket, () => this.#serve(message, target, socket, expects));
    };
    this.#server.on("request", serve);
    this.#server.on("checkExpectation", (message, target) => serve(message, target, false));
    this.#server.on("upgrade", (message, stream, head) => {
      const socket = stream as unknown as HttpSocket;
      this.#inTurn(socket, () => this.#upgrade(message, socket, head));
    });
    this.#server.on("clientError", (error, stream) => this.#spoil(stream as unknown as HttpSocket, error));
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

  /** Drops connections that have asked nothing, brought nothing, or taken nothing, for too long. */
  dropSilent(nowMs: number): void {
    const { idleMsMax, bodyIdleMsMax, stallMsMax } = this.#options;
    for (const socket of this.#sockets) {
      const isStalled = socket.stalledSinceMs >= 0 && nowMs - socket.stalledSinceMs > stallMsMax;
      const isDumb = socket.hasBodyToCome() && nowMs - socket.heardMs > bodyIdleMsMax;
      const isIdle = socket.open === 0 && nowMs - socket.quietSinceMs > idleMsMax;
      if (isIdle && socket.bytesIn > socket.quietBytesIn && socket.writable) {
        socket.write(failureText(408, "The request did not come whole in time"));
      }
      if (isIdle || isDumb || isStalled) socket.destroy();
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

  /**
   * Serves one request after those that came before it over the same connection: one that asks ahead
   * gets no more of the broker than one that waits. What cannot be answered any more is not begun.
   */
  #inTurn(socket: HttpSocket, serve: () => Promise<void>): void {
    const end = this.#begin(socket);
    socket.turn = socket.turn.then(async () => {
      try {
        if (!socket.destroyed && socket.writable) await serve();
      } catch (error) {
        this.#broke(error);
        socket.destroy();
      }
      end();
      if (socket.open === 0 && socket.spoiled !== "" && socket.writable) socket.end(socket.spoiled);
    });
  }

  /** Bytes that are no HTTP: said once what was asked before is answered, at once when they are in a body. */
  #spoil(socket: HttpSocket, error: Error & { code?: string }): void {
    // After a request that ends the connection nobody listens.
    if (error.code === "HPE_CLOSED_CONNECTION") return;
    socket.spoiled = parserFailure(error);
    if (!socket.writable || socket.open > 1 || (socket.open === 1 && !socket.hasBodyToCome())) return;
    const { _httpMessage: answer } = socket as unknown as { _httpMessage?: ServerResponse | null };
    // In the middle of an answer there is nothing to be said.
    if (answer?.headersSent) socket.destroy();
    else socket.end(socket.spoiled);
  }

  async #serve(
    message: IncomingMessage,
    target: ServerResponse,
    socket: HttpSocket,
    isExpected: boolean,
  ): Promise<void> {
    const { peer, signal, complete } = this.#meet(message, socket);
    if (socket.spoiled !== "" && !message.complete) return void socket.end(socket.spoiled);
    socket.hasBodyToCome = () => !message.complete;
    target.once("close", complete);
    try {
      const response = isExpected
        ? await this.#answer(message, signal, peer)
        : failure(417, `Expectation "${message.headers.expect}" is not met, wanted "100-continue"`);
      // A body that nobody read would be taken for the next request.
      if (this.#isDraining || !message.complete) target.setHeader("connection", "close");
      target.writeHead(response.status, headersOf(response));
      await sendBody(response, target, message.method === "HEAD");
    } finally {
      complete();
      socket.hasBodyToCome = () => false;
    }
  }

  /** A request to change the protocol: to WebSocket if the handler does so, else answered like any, then closed. */
  async #upgrade(message: IncomingMessage, socket: HttpSocket, head: Uint8Array): Promise<void> {
    const { peer, signal, complete, gone } = this.#meet(message, socket);
    let isOpen = false;
    const upgrade = async (): Promise<Channel | null> => {
      const { openChannel } = await import("./http_channel.ts");
      try {
        const channel = await openChannel(message, socket, head);
        isOpen = true;
        return channel;
      } catch (error) {
        socket.end(failureText(400, `The handshake is none of a WebSocket: ${(error as Error).message}`));
        return null;
      }
    };
    const isWebSocket = message.headers.upgrade?.toLowerCase() === "websocket";
    const response = await this.#answer(message, signal, { ...peer, upgrade: isWebSocket ? upgrade : null });
    if (!isOpen && socket.writable) await sendRaw(response, socket, message.method === "HEAD");
    // Nobody reads from it any more, and its end must be noticed.
    if (!isOpen) socket.resume();
    else await gone;
    complete();
  }

  /** What the handler is told of who asks; `complete` says that the answer is over. */
  #meet(message: IncomingMessage, socket: HttpSocket) {
    socket.software = message.headers["user-agent"]?.slice(0, 100) ?? "";
    const abort = new AbortController();
    let complete = () => {};
    const completed = new Promise<void>((resolve) => {
      complete = () => {
        socket.off("close", complete);
        abort.abort();
        resolve();
      };
    });
    socket.once("close", complete);
    const peer: HttpPeer = { remote: socket.remote, completed, upgrade: null };
    const gone = new Promise<void>((resolve) => socket.once("close", resolve));
    return { peer, signal: abort.signal, complete, gone };
  }

  /** Counts a request until the function it gives is called. */
  #begin(socket: HttpSocket): () => void {
    socket.requests++;
    socket.open++;
    return () => {
      socket.open--;
      socket.quietSinceMs = this.#options.clock.now();
      socket.quietBytesIn = socket.bytesIn;
      socket.release();
    };
  }

  async #answer(message: IncomingMessage, signal: AbortSignal, peer: HttpPeer): Promise<Response> {
    let request: Request;
    try {
      request = toRequest(message, signal);
    } catch (error) {
      // An address that is none, a method that the web forbids.
      return failure(400, `The request is none: ${(error as Error).message}`);
    }
    try {
      return await this.#handler(request, peer);
    } catch (error) {
      this.#broke(error);
      return failure(500, "The broker failed at this request, see its log");
    }
  }

  /** Tells a bug in the log. */
  #broke(error: unknown): void {
    if (isCut(error)) return;
    const words = error instanceof Error ? error.stack ?? error.message : String(error);
    this.#options.logger.log("error", `a request broke the http door: ${words}`);
  }
}

/** An answer to whoever wanted another protocol and does not get it. */
async function sendRaw(response: Response, socket: HttpSocket, isHead: boolean): Promise<void> {
  const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`, "connection: close"];
  for (const [name, value] of response.headers) lines.push(`${name}: ${value}`);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  await sendBody(response, socket, isHead);
}
