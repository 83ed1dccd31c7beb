/**
 * Answers that are written without the handler: to what is no request, to one
 * that is too large or too slow, to a connection too many. In the form of REST v3,
 * as all that goes wrong over HTTP.
 */

/** Loaded before `node:http` is, which has a longer list. */
const STATUSES = {
  400: "Bad Request",
  408: "Request Timeout",
  413: "Content Too Large",
  431: "Request Header Fields Too Large",
  503: "Service Unavailable",
} as const;

/** An answer's status and message as the web has it. */
export function failure(status: number, message: string): Response {
  return Response.json({ error_code: status, message }, { status });
}

/** The same as it goes over the wire, after which the connection is closed. */
export function failureText(status: keyof typeof STATUSES, message: string): string {
  const body = JSON.stringify({ error_code: status, message });
  const length = new TextEncoder().encode(body).length;
  const retry = status === 503 ? "retry-after: 1\r\n" : "";
  return `HTTP/1.1 ${status} ${STATUSES[status]}\r\nconnection: close\r\n${retry}` +
    `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;
}

/** What to say to bytes that node's parser did not take. */
export function parserFailure({ code = "", message }: { code?: string; message: string }): string {
  if (code === "HPE_HEADER_OVERFLOW") {
    return failureText(431, "The request's target and headers are too long");
  }
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") return failureText(413, "A chunk's extensions are too long");
  return failureText(400, `The bytes are no HTTP request: ${message}`);
}
