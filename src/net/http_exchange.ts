/**
 * One request and its answer, between `node:http` and the web's `Request` and
 * `Response`. Bodies flow in both directions no faster than the other side takes
 * them; nothing is gathered here.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/** A request as the web has it. Throws TypeError for one whose address is none. */
export function toRequest(message: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  const { rawHeaders, method = "GET" } = message;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index]!, rawHeaders[index + 1]!);
  }
  const url = new URL(message.url ?? "/", `http://${headers.get("host") ?? "localhost"}`);
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(url, { method, headers, signal, body: hasBody ? bodyOf(message) : null });
}

/** The body as a stream that reads only when it is read. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = message[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    async cancel() {
      await chunks.return?.();
    },
  }, { highWaterMark: 0 });
}

/** Writes the answer; resolves when the last byte was handed to the socket, or the peer is gone. */
export async function sendResponse(
  response: Response,
  target: ServerResponse,
  isHead: boolean,
): Promise<void> {
  target.writeHead(response.status, headersOf(response));
  if (response.body === null || isHead) {
    await response.body?.cancel();
    return void target.end();
  }
  const reader = response.body.getReader();
  const gone = () => void reader.cancel().catch(() => {});
  target.once("close", gone);
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (target.destroyed) return;
      if (!target.write(part.value)) await drained(target);
    }
    target.end();
  } finally {
    target.off("close", gone);
  }
}

function headersOf(response: Response): string[] {
  const headers: string[] = [];
  for (const [name, value] of response.headers) headers.push(name, value);
  return headers;
}

function drained(target: ServerResponse): Promise<void> {
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
