/**
 * The HTTP door's port. Hands requests to a handler, answers past the bound on
 * requests open at once with 503 before the handler sees them, and ends on stop
 * like the other listeners. Knows nothing of what is served. The only file that
 * serves HTTP.
 */
import type { Clock, Logger } from "../host/mod.ts";
import type { ConnectionFacts } from "./door.ts";

/** Who asks. */
export interface HttpPeer {
  /** `HOST:PORT`. */
  readonly remote: string;
}

/** Answers a request. What it throws is a bug, logged and answered with 500. */
export type HttpHandler = (request: Request, peer: HttpPeer) => Response | Promise<Response>;

export interface HttpListenerOptions {
  readonly hostname: string;
  readonly port: number;
  /** Requests that may be open at once, streams included. */
  readonly requestsMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface OpenRequest {
  readonly remote: string;
  readonly openedMs: number;
  readonly agent: string;
}

const RETRY_SECONDS = "1";

export class HttpListener {
  readonly #options: HttpListenerOptions;
  readonly #handler: HttpHandler;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #abort = new AbortController();
  readonly #open = new Set<OpenRequest>();
  #ended: Promise<void> | null = null;

  /** Binds the port. Throws the system's error when it can't (`Deno.errors.AddrInUse`, ...). */
  constructor(handler: HttpHandler, options: HttpListenerOptions) {
    this.#handler = handler;
    this.#options = options;
    const { hostname, port } = options;
    this.#server = Deno.serve({
      hostname,
      port,
      signal: this.#abort.signal,
      onListen: () => {},
      onError: (error) => this.#broke(error),
    }, (request, info) => this.#take(request, info));
  }

  /** `host:port` as bound: port 0 has become a real one. */
  get address(): { readonly hostname: string; readonly port: number } {
    return { hostname: this.#options.hostname, port: this.#server.addr.port };
  }

  /** Requests open now: connections that ask nothing are not known. */
  get connectionCount(): number {
    return this.#open.size;
  }

  /** The open requests, the oldest first; what goes over them is not counted. */
  describe(): ConnectionFacts[] {
    const traffic = { door: "http", clientId: "", requests: 1, bytesIn: 0, bytesOut: 0, waiting: 1 };
    return Array.from(
      this.#open,
      ({ remote, openedMs, agent }) => ({ ...traffic, remote, openedMs, software: agent }),
    );
  }

  /** Lets no new connection in; what is open is still answered. */
  close(): void {
    this.#ended ??= this.#server.shutdown();
  }

  /** Resolves once every answer was written, or after `waitMsMax` without those left. */
  async drain(waitMsMax: number): Promise<void> {
    this.close();
    const callOff = this.#options.clock.after(waitMsMax, () => this.#abort.abort());
    await this.#ended;
    callOff();
  }

  #take(request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>): Response | Promise<Response> {
    if (this.#open.size >= this.#options.requestsMax) return refuse();
    const { hostname, port } = info.remoteAddr;
    const remote = `${hostname}:${port}`;
    const open = {
      remote,
      openedMs: this.#options.clock.now(),
      agent: request.headers.get("user-agent")?.slice(0, 100) ?? "",
    };
    this.#open.add(open);
    const forget = () => void this.#open.delete(open);
    info.completed.then(forget, forget);
    return this.#handler(request, { remote });
  }

  #broke(error: unknown): Response {
    const words = error instanceof Error ? error.stack ?? error.message : String(error);
    this.#options.logger.log("error", `a request broke the http door: ${words}`);
    return Response.json({ error_code: 50001, message: "The broker failed at this request, see its log" }, {
      status: 500,
    });
  }
}

function refuse(): Response {
  const message = "Too many HTTP requests are open, retry in a moment";
  return Response.json({ error_code: 50302, message }, {
    status: 503,
    headers: { "retry-after": RETRY_SECONDS, "connection": "close" },
  });
}
