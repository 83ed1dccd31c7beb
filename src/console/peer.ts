/** Who asks, as the listener tells: the same shape as the net room's, which this room does not know. */

export interface Peer {
  /** `HOST:PORT`. */
  readonly remote: string;
  /** Resolves once the answer was written whole, or the peer is gone. */
  readonly completed: Promise<void>;
  /** Makes the connection a WebSocket; `null` when the peer did not ask for one. */
  readonly upgrade: (() => Promise<Channel>) | null;
}

/** A WebSocket that is open. */
export interface Channel {
  /** Resolves once the socket took the text. */
  send(text: string): Promise<void>;
  /** A sign of life, which the peer answers. */
  ping(): void;
  close(code: number, reason: string): void;
  readonly closed: Promise<void>;
}
