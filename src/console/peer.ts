/** Who asks, as the listener tells: the same shape as the net room's, which this room does not know. */

export interface Peer {
  /** `HOST:PORT`. */
  readonly remote: string;
  /** Resolves once the answer was written whole, or the peer is gone. */
  readonly completed: Promise<void>;
  /** Makes the connection a WebSocket; `null` when the peer did not ask for one, or its handshake is none. */
  readonly upgrade: (() => Promise<Channel | null>) | null;
}

/** A WebSocket that is open. */
export interface Channel {
  /** Resolves once the socket took the text (UTF-8). */
  send(text: string | Uint8Array): Promise<void>;
  /** A sign of life; a peer that has not answered the one before is dropped. */
  ping(): void;
  close(code: number, reason: string): void;
  readonly closed: Promise<void>;
}
