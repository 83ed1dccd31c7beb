/**
 * The one error the client throws and rejects with. `code` is either what the
 * broker said (Apache Kafka's error names, the same as its native door sends)
 * or one of the client's own codes below; `retriable` says whether the same
 * call may succeed a little later. Imports only model.
 */
import { type FaultCode, isFaultCode, isRetriable } from "../model/mod.ts";
import type { WireError } from "../native/mod.ts";

/** Codes that no broker sends, and whether the same call may succeed later. */
const RETRIABLE_HERE = {
  /** An AbortSignal ended the call; `cause` is the signal's reason. */
  ABORTED: false,
  /** The connection, producer or consumer was closed. */
  CLOSED: false,
  /** The time for the call ran out. A record whose send timed out may still be in the log. */
  TIMED_OUT: true,
  /** The producer's memory is full and stayed so for as long as a send waits. */
  BUFFER_FULL: true,
  /** An option or argument makes no sense. */
  INVALID_ARGUMENT: false,
  /** A key or value does not fit its format or schema. */
  INVALID_VALUE: false,
  /** The peer does not speak Weir's native protocol. */
  PROTOCOL: false,
  /** The partition is not this group member's, or not any more: somebody else may have it. */
  NOT_ASSIGNED: false,
  /** What the application wants told of partitions threw; `cause` is what. */
  CALLBACK_FAILED: false,
} as const;

/** A code of the client's own. */
export type ClientCode = keyof typeof RETRIABLE_HERE;

/** Every code a {@linkcode WeirError} can carry. */
export type WeirErrorCode = FaultCode | ClientCode;

/**
 * Anything that goes wrong in the client, or that the broker refuses.
 *
 * @example
 * ```ts
 * try {
 *   await weir.admin.createTopic("orders");
 * } catch (error) {
 *   if (!(error instanceof WeirError) || error.code !== "TOPIC_ALREADY_EXISTS") throw error;
 * }
 * ```
 */
export class WeirError extends Error {
  override name = "WeirError";
  /** What went wrong, for programs. */
  readonly code: WeirErrorCode;
  /** True when the same call may succeed a little later. */
  readonly retriable: boolean;

  constructor(code: WeirErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retriable = isFaultCode(code) ? isRetriable(code) : RETRIABLE_HERE[code];
  }
}

/** The error for what a broker answered; `what` names the thing that failed, and is left out where the answer does. */
export function errorOfWire(wire: WireError, what: string): WeirError {
  const code = isFaultCode(wire.code) ? wire.code : "UNKNOWN_SERVER_ERROR";
  const names = what.match(/"[^"]*"|\d+/g) ?? [];
  const isNamed = names.length > 0 && names.every((name) => wire.message.includes(name));
  return new WeirError(code, isNamed ? wire.message : `${what}: ${wire.message}`);
}

/** The error for an aborted call. */
export function abortedError(signal: AbortSignal, what: string): WeirError {
  return new WeirError("ABORTED", `${what} was aborted`, { cause: signal.reason });
}

/** Throws {@linkcode abortedError} when `signal` has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw abortedError(signal, what);
}

/** `error` itself when it is a WeirError, otherwise one around it. */
export function asWeirError(error: unknown, code: WeirErrorCode, what: string): WeirError {
  if (error instanceof WeirError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new WeirError(code, `${what}: ${detail}`, { cause: error });
}

/** Takes a rejection, so that the runtime does not report it: somebody else sees the failure. */
export function ignore(): void {}
