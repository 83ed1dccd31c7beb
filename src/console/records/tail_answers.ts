/**
 * A live tail on the wire: server-sent events, each with an id to resume from
 * (`Last-Event-ID`), or messages of a WebSocket. Both take from the tail only what
 * the peer has room for. A sign of life goes out while nothing comes.
 */
import { RequestError } from "../failure.ts";
import type { Call } from "../openapi/route.ts";
import type { Channel } from "../peer.ts";
import { type Positions, positionsText } from "./positions.ts";
import type { SharedRecord } from "./shared_record.ts";
import { type Tail, TAKE_BYTES_MAX } from "./tail.ts";
import type { TailHub } from "./tail_hub.ts";
import type { Formats } from "./values.ts";

/** How soon a browser should come back after its connection was cut. */
const RETRY_MS = 1_000;
const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};
const encoder = new TextEncoder();
const SIGN_OF_LIFE = encoder.encode(":\n\n");
const END = encoder.encode("\n\n");

/** What is followed and how it is shown. */
export interface Following {
  readonly topic: string;
  readonly positions: Positions;
  /** Partitions that the topic gets later are followed, too. */
  readonly isWhole: boolean;
  readonly formats: Formats;
}

/** Records as events: `id` is where to resume, `data` the record. An `error` event says why a tail ends. */
export async function answerEvents(call: Call, hub: TailHub, following: Following): Promise<Response> {
  // Asked what it would be, not for it.
  if (call.request.method === "HEAD") return new Response(null, { headers: HEADERS });
  const tail = await hub.follow(following.topic, following.positions, following.isWhole);
  void call.peer.completed.then(() => tail.close());
  let isFirst = true;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (isFirst) {
        isFirst = false;
        return controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`));
      }
      const isOver = await sendEvents(tail, following.formats, (bytes) => controller.enqueue(bytes));
      if (!isOver) return;
      tail.close();
      controller.close();
    },
    cancel: () => tail.close(),
  }, { highWaterMark: 0 });
  return new Response(body, { headers: HEADERS });
}

/** Sends what comes next; true after the last. */
async function sendEvents(tail: Tail, formats: Formats, send: (bytes: Uint8Array) => void): Promise<boolean> {
  try {
    const records = await tail.take();
    if (records === null) return true;
    if (records.length === 0) send(SIGN_OF_LIFE);
    else for (const bytes of eventsOf(tail, records, formats)) send(bytes);
    return false;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const words = JSON.stringify({ error_code: error.code, message: error.message });
    send(encoder.encode(`event: error\ndata: ${words}\n\n`));
    return true;
  }
}

/** Records as events, as many as a tail may have in memory: those that are left come with the next. */
function eventsOf(tail: Tail, records: readonly SharedRecord[], formats: Formats): Uint8Array[] {
  let events = "";
  for (const shared of records) {
    const text = shared.text(formats);
    if (events !== "" && events.length + text.length > TAKE_BYTES_MAX) break;
    const head = `id: ${positionsText(tail.moved(shared.record))}\ndata: `;
    // Others send the same: it is not copied.
    if (text.length > TAKE_BYTES_MAX) return [encoder.encode(head), shared.encoded(formats), END];
    events += `${head}${text}\n\n`;
  }
  return [encoder.encode(events)];
}

/** Records as messages, each the record in JSON; to resume, ask with `positions`. */
export async function answerWebSocket(call: Call, hub: TailHub, following: Following): Promise<Response> {
  const tail = await hub.follow(following.topic, following.positions, following.isWhole);
  void call.peer.completed.then(() => tail.close());
  const channel = await call.peer.upgrade!();
  if (channel === null) {
    tail.close();
  } else {
    void channel.closed.then(() => tail.close());
    void sendAll(tail, channel, following.formats);
  }
  return new Response(null);
}

async function sendAll(tail: Tail, channel: Channel, formats: Formats): Promise<void> {
  try {
    for (let records = await tail.take(); records !== null; records = await tail.take()) {
      if (records.length === 0) channel.ping();
      await sendMessages(tail, channel, records, formats);
    }
    channel.close(1001, "The broker is stopping");
  } catch (error) {
    if (error instanceof RequestError) channel.close(1008, error.message);
    else channel.close(1011, "The broker failed");
  } finally {
    tail.close();
  }
}

/** Sends as many as a tail may have in memory; resolves once the socket took them. */
async function sendMessages(
  tail: Tail,
  channel: Channel,
  records: readonly SharedRecord[],
  formats: Formats,
): Promise<void> {
  let sent: Promise<void> = Promise.resolve();
  let bytes = 0;
  for (const shared of records) {
    const text = shared.text(formats);
    if (bytes > 0 && bytes + text.length > TAKE_BYTES_MAX) break;
    tail.moved(shared.record);
    sent = channel.send(text.length > TAKE_BYTES_MAX ? shared.encoded(formats) : text);
    bytes += text.length;
  }
  await sent;
}
