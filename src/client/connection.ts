/**
 * A connection to a broker that outlives its links: it opens one when a request
 * needs it, and a new one, after a growing and jittered pause, when the last was
 * lost. A request waits for a link until its own time runs out; once written it
 * is never sent twice from here: whoever asked decides that (`retry`).
 */
import { encodeFrame, type Message, type NativeReplies, type NativeRequests } from "../native/mod.ts";
import type { Operation } from "../native/mod.ts";
import { ignore, throwIfAborted, WeirError } from "./error.ts";
import { type EncodeRequest, Link } from "./link.ts";
import { abortable, backoffMs, nowMs, pause, startTimer, stopTimer, type Timer } from "./runtime.ts";

/** Where the broker is and how patient to be with it. Times in milliseconds. */
export interface ConnectionSettings {
  readonly host: string;
  readonly port: number;
  /** What the client calls itself. */
  readonly clientId: string;
  /** For opening one link, hello included. */
  readonly connectTimeoutMs: number;
  /** For one request, the wait for a link included. */
  readonly requestTimeoutMs: number;
  /** Pause after the first failure, and the longest one. */
  readonly retryBackoffMs: number;
  readonly retryBackoffMsMax: number;
}

/** What a single request may change. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Counted from now; the connection's own `requestTimeoutMs` without it. */
  readonly timeoutMs?: number | undefined;
}

/** See the file's head. */
export class Connection {
  readonly settings: ConnectionSettings;
  #link: Link | null = null;
  #opening: Promise<Link> | null = null;
  #failures = 0;
  #notBeforeMs = 0;
  #closed = new AbortController();

  constructor(settings: ConnectionSettings) {
    this.settings = settings;
  }

  /** The open link, or `null`. For callers that would rather not wait. */
  get link(): Link | null {
    return this.#link;
  }

  get closed(): boolean {
    return this.#closed.signal.aborted;
  }

  /** A link, opened if need be; one attempt, after the pause that earlier failures ask for. */
  open(signal?: AbortSignal): Promise<Link> {
    if (this.closed) return Promise.reject(this.#closedError());
    if (this.#link !== null) return Promise.resolve(this.#link);
    this.#opening ??= this.#attempt().finally(() => this.#opening = null);
    this.#opening.catch(ignore);
    return abortable(this.#opening, signal, "Connecting");
  }

  /** Sends one request and resolves with its reply. Throws WeirError. */
  request<Kind extends Operation>(
    kind: Kind,
    body: NativeRequests[Kind],
    options: RequestOptions = {},
  ): Promise<NativeReplies[Kind]> {
    const encode: EncodeRequest = (c) => encodeFrame({ k: kind, c, ...body });
    return this.exchange(describe(kind), encode, options, kind === "fetch") as unknown as Promise<
      NativeReplies[Kind]
    >;
  }

  /** Like {@linkcode request}, for a frame the caller encodes. */
  async exchange(
    what: string,
    encode: EncodeRequest,
    options: RequestOptions = {},
    keepsBytes = false,
  ): Promise<Message> {
    const deadlineMs = nowMs() + (options.timeoutMs ?? this.settings.requestTimeoutMs);
    throwIfAborted(options.signal, what);
    const link = this.#link ?? await this.reach(deadlineMs, options.signal);
    return await link.exchange(what, encode, deadlineMs, options.signal, keepsBytes);
  }

  /** A link, tried for until `deadlineMs`. Throws the last failure. */
  async reach(deadlineMs: number, signal?: AbortSignal): Promise<Link> {
    for (;;) {
      try {
        return await this.#openBefore(deadlineMs, signal);
      } catch (error) {
        const again = error instanceof WeirError && error.retriable && error.code !== "TIMED_OUT";
        if (!again || nowMs() >= deadlineMs) throw error;
      }
    }
  }

  /** Drops the open link and what waits on it; the next request opens another at once. */
  recycle(): void {
    this.#link?.end(new WeirError("NETWORK_EXCEPTION", "The connection is being renewed"));
    this.#notBeforeMs = 0;
  }

  /** Closes for good. */
  close(): void {
    if (this.closed) return;
    this.#closed.abort();
    this.#link?.end(this.#closedError());
  }

  async #attempt(): Promise<Link> {
    const { host, port, clientId, connectTimeoutMs } = this.settings;
    const delayMs = this.#notBeforeMs - nowMs();
    if (delayMs > 0) await this.#pause(delayMs);
    if (this.closed) throw this.#closedError();
    let opened: Link | null = null;
    try {
      opened = await Link.open({ host, port, clientId }, connectTimeoutMs, () => this.#onEnd(opened));
    } catch (error) {
      this.#failures += 1;
      this.#delayNext();
      throw error;
    }
    if (this.closed) {
      opened.end(this.#closedError());
      throw this.#closedError();
    }
    this.#failures = 0;
    if (!opened.ended) this.#link = opened;
    return opened;
  }

  #onEnd(link: Link | null): void {
    if (link === null || this.#link !== link) return;
    this.#link = null;
    this.#delayNext();
  }

  #delayNext(): void {
    const { retryBackoffMs, retryBackoffMsMax } = this.settings;
    this.#notBeforeMs = nowMs() + backoffMs(Math.max(1, this.#failures), retryBackoffMs, retryBackoffMsMax);
  }

  async #pause(delayMs: number): Promise<void> {
    try {
      await pause(delayMs, this.#closed.signal, "Connecting");
    } catch {
      throw this.#closedError();
    }
  }

  #openBefore(deadlineMs: number, signal?: AbortSignal): Promise<Link> {
    return new Promise((resolve, reject) => {
      const { host, port } = this.settings;
      const timer: Timer = startTimer(deadlineMs - nowMs(), () => {
        reject(new WeirError("TIMED_OUT", `No connection to "${host}:${port}" in time`));
      });
      this.open(signal).then(resolve, reject).finally(() => stopTimer(timer));
    });
  }

  #closedError(): WeirError {
    return new WeirError(
      "CLOSED",
      `The connection to "${this.settings.host}:${this.settings.port}" is closed`,
    );
  }
}

/** "create_topics" as it stands in a message: "Create topics". */
function describe(kind: Operation): string {
  return kind[0]!.toUpperCase() + kind.slice(1).replace("_", " ");
}

/**
 * Runs `attempt` until it succeeds, fails for good, or `timeoutMs` has passed;
 * pauses between attempts. For work that does no harm when done twice.
 */
export async function retry<Value>(
  settings: ConnectionSettings,
  attempt: () => Promise<Value>,
  options: RequestOptions,
  what: string,
): Promise<Value> {
  const deadlineMs = nowMs() + (options.timeoutMs ?? settings.requestTimeoutMs);
  for (let failures = 1;; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof WeirError) || !error.retriable) throw error;
      const delayMs = backoffMs(failures, settings.retryBackoffMs, settings.retryBackoffMsMax);
      if (nowMs() + delayMs >= deadlineMs) throw error;
      await pause(delayMs, options.signal, what);
    }
  }
}
