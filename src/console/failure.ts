/**
 * What goes wrong, in the form of Confluent's REST API v3: a JSON object with
 * `error_code` (the HTTP status, or five digits that begin with it) and
 * `message`.
 */
/** Thrown by whoever serves a request; answered as it says. */
export class RequestError extends Error {
  override name = "RequestError";
  readonly status: number;
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
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
