/**
 * A door: one protocol on one port. The connection knows bytes, order and
 * backpressure; the door knows what a frame is and what it asks. Every protocol
 * here puts a 4-byte big-endian length in front of each frame. Compose hands the
 * doors in; this room knows neither of them.
 */
import type { RequestMeter } from "../meter/mod.ts";

/** Where the answer to one request goes. Slots are written in the order their frames came. */
export interface ReplySlot {
  /**
   * Says how many bytes the answer may have, before it is known: they count against what the
   * connection may have in flight until the slot is filled, so that nobody can pipeline more
   * answers than there is memory for.
   */
  weigh(bytesMax: number): void;
  /** Says what was asked, by its place among the meter's names: so that the request is counted when it is answered. */
  count(meter: RequestMeter, request: number): void;
  /**
   * Fills the slot with chunks that follow each other on the wire; none at all is
   * an answer too (acks=0). The chunks must stay untouched until `written` is
   * called, which happens exactly once, also when the peer is gone.
   */
  fill(chunks: readonly Uint8Array[], written?: () => void): void;
  /** Fills the slot and closes the connection once it is written. */
  fillAndClose(chunks: readonly Uint8Array[]): void;
}

/** One connection as its door sees it. */
export interface Session {
  /**
   * Looks at the first bytes of a frame. Gives the frame's length (without the
   * four bytes of the length itself), or the last words to a peer that speaks
   * another protocol or asks for more than the door takes.
   */
  measure(head: Uint8Array): number | { readonly refusal: Uint8Array };
  /** Takes one whole frame, without its length. The view is valid only until the call returns. */
  receive(frame: Uint8Array, slot: ReplySlot): void;
  /** The connection is over, for whatever reason. */
  close(): void;
  /** What the client said of itself so far; left out by doors whose clients say nothing. */
  readonly client?: ClientWords;
}

/** How a client introduces itself; "" for what it does not tell. */
export interface ClientWords {
  readonly clientId: string;
  /** Its name and version. */
  readonly software: string;
}

/** An open connection, for who lists them. */
export interface ConnectionFacts extends ClientWords {
  readonly door: string;
  /** `HOST:PORT` of the peer. */
  readonly remote: string;
  readonly openedMs: number;
  readonly requests: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Requests that wait for their answers. */
  readonly waiting: number;
}

/** Who is on the other end, and which of our addresses it reached. */
export interface Peer {
  readonly remote: string;
  readonly localHost: string;
  readonly localPort: number;
}

export interface Door {
  /** "native", "kafka": for messages. */
  readonly name: string;
  /** What its sessions count their requests by. */
  readonly requests?: readonly RequestMeter[];
  open(peer: Peer): Session;
}
