/**
 * One request and its answer, between `node:http` and the web's `Request` and
 * `Response`. Bodies flow in both directions no faster than the other side takes
 * them; nothing is gathered here. Who leaves in the middle is no bug: reading then
 * fails with an AbortError, and an answer may fail with a TimeoutError to be cut off.
 */
import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";

/** A request as the web has it. Throws TypeError for one whose address or method is none. */
export function toRequest(message: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  const { rawHeaders, method = "GET" } = message;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index]!, rawHeaders[index + 1]!);
  }
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? bodyOf(message) : null;
  return new Request(addressOf(message, headers), { method, headers, signal, body });
}

/** The host is always the header's, whatever a target in absolute form or one that begins with `//` names. */
function addressOf({ url = "/", httpVersionMinor }: IncomingMessage, headers: Headers): URL {
  const host = headers.get("host");
  if (host === null && httpVersionMinor > 0) throw new TypeError("The header host is missing");
  const base = new URL(`http://${host === null || host === "" ? "localhost" : host}`);
  const target = url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?#]*/i, "");
  const address = new URL(`${base.origin}${/^[/?]/.test(target) ? "" : "/"}${target}`);
  if (base.href === `${base.origin}/`) return address;
  throw new TypeError(`The header host is "${host}", wanted HOST or HOST:PORT`);
}

/** The body as a stream that reads only when it is read. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = message[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      } catch {
        throw new DOMException("The peer left in the middle of its request", "AbortError");
      }
    },
    async cancel() {
      await chunks.return?.();
    },
  }, { highWaterMark: 0 });
}

/** Writes an answer's body and ends it; resolves when the last byte was handed to the socket, or the peer is gone. */
export async function sendBody({ body }: Response, target: Writable, isHead: boolean): Promise<void> {
  if (body === null || isHead) {
    await body?.cancel();
    return void target.end();
  }
  const reader = body.getReader();
  const gone = () => void reader.cancel().catch(() => {});
  target.once("close", gone);
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (target.destroyed) return;
      // An answer may be cut off also while the peer takes nothing.
      if (!target.write(part.value)) await Promise.race([drained(target), reader.closed]);
    }
    target.end();
  } finally {
    target.off("close", gone);
  }
}

/** Its headers, one after another, as node takes them. */
export function headersOf(response: Response): string[] {
  const headers: string[] = [];
  for (const [name, value] of response.headers) headers.push(name, value);
  return headers;
}

/** True for what ends an answer without being a bug: the peer left, or was too slow. */
export function isCut(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "AbortError" || error.name === "TimeoutError");
}

function drained(target: Writable): Promise<void> {
  if (target.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      target.off("drain", done);
      target.off("close", done);
      resolve();
    };
    target.once("drain", done);
    target.once("close", done);
  });
}
