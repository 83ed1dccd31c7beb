/**
 * An answer whose bytes are there already and may be shared with others: whoever
 * sends it can have them as they are. The web's Response would copy megabytes
 * twice, into it and out of it. Read like any other where nobody knows of that.
 */

const wholes = new WeakMap<Response, Uint8Array<ArrayBuffer>>();

/** Answers 200 with `bytes`, which are not changed any more. */
export function wholeResponse(
  bytes: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>>,
): Response {
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  }, { highWaterMark: 0 });
  const response = new Response(body, { headers });
  wholes.set(response, bytes);
  return response;
}

/** The bytes of an answer: those it was made of, or else what its body gives. */
export async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  return wholes.get(response) ?? new Uint8Array(await response.arrayBuffer());
}
