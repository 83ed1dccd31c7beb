/**
 * What the HTTP door's inside is to the listener: a function from a request to a
 * response, both the web's own. Who answers may also turn the connection into a
 * channel (a WebSocket).
 */

/** Who asks, and what became of the answer. */
export interface HttpPeer {
  /** `HOST:PORT`. */
  readonly remote: string;
  /** Resolves once the answer was written whole, or the peer is gone. */
  readonly completed: Promise<void>;
  /**
   * Makes the connection a WebSocket; `null` when the peer did not ask for one. Gives `null` when
   * the peer's handshake is none, which it is told. What the handler returns afterwards is not sent.
   */
  readonly upgrade: (() => Promise<Channel | null>) | null;
}

/** Answers a request. What it throws is a bug, logged and answered with 500. */
export type HttpHandler = (request: Request, peer: HttpPeer) => Response | Promise<Response>;

/** A WebSocket that is open. */
export interface Channel {
  /** Resolves once the socket took the text (UTF-8), so that whoever waits for it keeps no more than one in memory. */
  send(text: string | Uint8Array): Promise<void>;
  /** A sign of life; a peer that has not answered the one before is dropped. */
  ping(): void;
  /** Says goodbye; `code` as RFC 6455 has it, the reason is cut to what a frame takes. */
  close(code: number, reason: string): void;
  readonly closed: Promise<void>;
}
