/**
 * Two protocols on one port: the first frame of a connection says which. Both put
 * the same 4-byte length in front of a frame. So a client need not know which of
 * the broker's ports it was given.
 */
import type { ClientWords, Door, Peer, ReplySlot, Session } from "./door.ts";

/** A door that is `usual` unless the first frame of a connection `isOther`. */
export function eitherDoor(usual: Door, other: Door, isOther: (frame: Uint8Array) => boolean): Door {
  return {
    name: usual.name,
    requests: [...usual.requests ?? [], ...other.requests ?? []],
    open: (peer) => new EitherSession(usual, other, isOther, peer),
  };
}

class EitherSession implements Session {
  readonly #other: Door;
  readonly #isOther: (frame: Uint8Array) => boolean;
  readonly #peer: Peer;
  #session: Session;
  #isDecided = false;

  constructor(usual: Door, other: Door, isOther: (frame: Uint8Array) => boolean, peer: Peer) {
    this.#other = other;
    this.#isOther = isOther;
    this.#peer = peer;
    this.#session = usual.open(peer);
  }

  measure(head: Uint8Array): number | { readonly refusal: Uint8Array } {
    return this.#session.measure(head);
  }

  receive(frame: Uint8Array, slot: ReplySlot): void {
    if (!this.#isDecided) this.#decide(frame);
    this.#session.receive(frame, slot);
  }

  close(): void {
    this.#session.close();
  }

  get client(): ClientWords {
    return this.#session.client ?? { clientId: "", software: "" };
  }

  #decide(frame: Uint8Array): void {
    this.#isDecided = true;
    if (!this.#isOther(frame)) return;
    this.#session.close();
    this.#session = this.#other.open(this.#peer);
  }
}
