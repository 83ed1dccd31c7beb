/**
 * What goes wrong, in the form of Confluent's REST API v3: a JSON object with
 * `error_code` (the HTTP status, or five digits that begin with it) and
 * `message`. The one place that maps faults to HTTP.
 */
import { type Fault, type FaultCode, isRetriable } from "../model/mod.ts";

/** Thrown by whoever serves a request; answered as it says. */
export class RequestError extends Error {
  override name = "RequestError";
  readonly status: number;
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What the broker called it; `null`: the request did not come so far. */
  readonly fault: FaultCode | null;

  constructor(
    code: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    fault: FaultCode | null = null,
  ) {
    super(message);
    this.fault = fault;
    this.code = code;
    this.status = code > 999 ? Math.floor(code / 100) : code;
    this.headers = headers;
  }
}

/** The answer to a request that failed. */
export function failure(error: RequestError): Response {
  const { code, message, status, headers } = error;
  return Response.json({ error_code: code, message }, { status, headers });
}

/**
 * Codes by fault, Confluent's where they have one: 40403 is no such topic or partition, not "no such thing".
 * What is not here goes by whether it may be tried again. Source: REST v3's documentation.
 */
const CODES: Partial<Readonly<Record<FaultCode, number>>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 40403,
  UNKNOWN_TOPIC_ID: 40403,
  GROUP_ID_NOT_FOUND: 404,
  MESSAGE_TOO_LARGE: 413,
  RECORD_LIST_TOO_LARGE: 413,
  THROTTLING_QUOTA_EXCEEDED: 42901,
  NON_EMPTY_GROUP: 409,
  CORRUPT_MESSAGE: 422,
  UNKNOWN_SERVER_ERROR: 50002,
};
const BAD_REQUEST = 40002;
const UNAVAILABLE = 50301;

/** A fault as a failed request. */
export function failed(fault: Fault): RequestError {
  const code = codeOf(fault);
  const headers = code === UNAVAILABLE ? { "retry-after": "1" } : {};
  return new RequestError(code, fault.message, headers, fault.code);
}

/** The `error_code` of a fault. */
export function codeOf({ code }: Fault): number {
  return CODES[code] ?? (isRetriable(code) ? UNAVAILABLE : BAD_REQUEST);
}
