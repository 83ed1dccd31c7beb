/**
 * How much HTTP may ask of the broker at once: so many requests at work, so many
 * streams open (live tails, records that are streamed in), each request within
 * its time. Past a bound: 429 and when to come back. An answer that is large
 * keeps its request's place until the peer has taken it, so that slow readers
 * cannot heap up answers in memory.
 */
import { failure, RequestError } from "./failure.ts";
import type { ConsoleOptions } from "./options.ts";
import type { Peer } from "./peer.ts";
import { bytesOf } from "./whole_response.ts";

/** Answers up to this size are left to the socket at once. */
const SMALL_BYTES_MAX = 65_536;
const RETRY_AFTER = { "retry-after": "1" };

export class Admission {
  readonly #options: ConsoleOptions;
  #atWork = 0;
  #streams = 0;

  constructor(options: ConsoleOptions) {
    this.#options = options;
  }

  /** Requests at work now. */
  get atWork(): number {
    return this.#atWork;
  }

  /** Streams open now. */
  get streams(): number {
    return this.#streams;
  }

  /** Has a request worked on, if there is room, and gives its answer. */
  async work(peer: Peer, serve: () => Promise<Response>): Promise<Response> {
    const { requestsMax, requestMsMax, clock } = this.#options;
    if (this.#atWork >= requestsMax) {
      return failure(tooMany(`${requestsMax} requests are at work`, "http.requests.max"));
    }
    this.#atWork++;
    const leave = () => void this.#atWork--;
    const untilMs = clock.now() + requestMsMax;
    const served = serve().then((response) => this.#gather(response));
    let answer: Awaited<typeof served> | null;
    try {
      answer = await this.#inTime(served);
    } catch (error) {
      leave();
      throw error;
    }
    if (answer === null) {
      // It goes on, and keeps its place, though nobody waits for it any more.
      served.then(leave, leave);
      return failure(tooLong(requestMsMax));
    }
    const { response, bytes } = answer;
    if (bytes.length <= SMALL_BYTES_MAX) {
      leave();
      return withBody(response, bytes);
    }
    void peer.completed.then(leave);
    return withBody(response, this.#slowly(bytes, untilMs));
  }

  /** Lets a stream begin, if there is room; it counts until its connection is done with it. */
  async stream(peer: Peer, serve: () => Promise<Response>): Promise<Response> {
    const { tailsMax } = this.#options;
    if (this.#streams >= tailsMax) return failure(tooMany(`${tailsMax} streams are open`, "http.tails.max"));
    this.#streams++;
    void peer.completed.then(() => this.#streams--);
    return await serve();
  }

  async #gather(response: Response): Promise<{ response: Response; bytes: Uint8Array<ArrayBuffer> }> {
    return { response, bytes: await bytesOf(response) };
  }

  async #inTime<Answer>(served: Promise<Answer>): Promise<Answer | null> {
    const { clock, requestMsMax } = this.#options;
    let callOff = () => {};
    const time = new Promise<null>((resolve) => callOff = clock.after(requestMsMax, () => resolve(null)));
    try {
      return await Promise.race([served, time]);
    } finally {
      callOff();
    }
  }

  /** A large answer in pieces, each given when the one before was taken; cut off past its time. */
  #slowly(bytes: Uint8Array<ArrayBuffer>, untilMs: number): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { clock } = this.#options;
    let at = 0;
    let callOff = () => {};
    return new ReadableStream({
      start(controller) {
        // Also while the peer takes a byte now and then, and no piece is asked for.
        callOff = clock.after(untilMs - clock.now(), () => {
          controller.error(new DOMException("The peer took too long to take its answer", "TimeoutError"));
        });
      },
      pull(controller) {
        controller.enqueue(bytes.subarray(at, at + SMALL_BYTES_MAX));
        at += SMALL_BYTES_MAX;
        if (at < bytes.length) return;
        callOff();
        controller.close();
      },
      cancel: () => callOff(),
    }, { highWaterMark: 0 });
  }
}

function withBody(
  response: Response,
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>,
) {
  const { status, headers } = response;
  if (response.body === null) return new Response(null, { status, headers });
  if (body instanceof Uint8Array) headers.set("content-length", String(body.length));
  return new Response(body, { status, headers });
}

function tooMany(what: string, setting: string): RequestError {
  return new RequestError(42901, `${what} (${setting}), retry in a moment`, RETRY_AFTER);
}

function tooLong(requestMsMax: number): RequestError {
  return new RequestError(
    50301,
    `The request took longer than ${requestMsMax} ms (http.request.timeout.ms)`,
    RETRY_AFTER,
  );
}
