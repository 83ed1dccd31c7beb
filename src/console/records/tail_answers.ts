/**
 * A live tail on the wire: server-sent events, each with an id to resume from
 * (`Last-Event-ID`), or messages of a WebSocket. Both take from the tail only what
 * the peer has room for. A sign of life goes out while nothing comes.
 */
import { RequestError } from "../failure.ts";
import type { Call } from "../openapi/route.ts";
import type { Channel } from "../peer.ts";
import { type Positions, positionsText } from "./positions.ts";
import type { Tail } from "./tail.ts";
import type { TailHub } from "./tail_hub.ts";
import type { Formats } from "./values.ts";

/** How soon a browser should come back after its connection was cut. */
const RETRY_MS = 1_000;
const encoder = new TextEncoder();

/** Records as events: `id` is where to resume, `data` the record. An `error` event says why a tail ends. */
export async function answerEvents(
  call: Call,
  hub: TailHub,
  topic: string,
  positions: Positions,
  formats: Formats,
): Promise<Response> {
  const tail = await hub.follow(topic, positions);
  void call.peer.completed.then(() => tail.close());
  let isFirst = true;
  const body = new ReadableStream({
    async pull(controller) {
      const text = isFirst ? `retry: ${RETRY_MS}\n\n` : await eventsOf(tail, formats);
      isFirst = false;
      if (text !== null) controller.enqueue(encoder.encode(text));
      if (text === null || text.startsWith("event: error")) {
        tail.close();
        controller.close();
      }
    },
    cancel: () => tail.close(),
  }, { highWaterMark: 0 });
  const headers = {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  };
  return new Response(body, { headers });
}

async function eventsOf(tail: Tail, formats: Formats): Promise<string | null> {
  try {
    const records = await tail.take();
    if (records === null) return null;
    if (records.length === 0) return ":\n\n";
    let text = "";
    for (const shared of records) {
      const id = positionsText(tail.moved(shared.record));
      text += `id: ${id}\ndata: ${shared.text(formats)}\n\n`;
    }
    return text;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return `event: error\ndata: ${JSON.stringify({ error_code: error.code, message: error.message })}\n\n`;
  }
}

/** Records as messages, each the record in JSON; to resume, ask with `positions`. */
export async function answerWebSocket(
  call: Call,
  hub: TailHub,
  topic: string,
  positions: Positions,
  formats: Formats,
): Promise<Response> {
  const tail = await hub.follow(topic, positions);
  void call.peer.completed.then(() => tail.close());
  const channel = await call.peer.upgrade!();
  void channel.closed.then(() => tail.close());
  void sendAll(tail, channel, formats);
  return new Response(null);
}

async function sendAll(tail: Tail, channel: Channel, formats: Formats): Promise<void> {
  try {
    for (let records = await tail.take(); records !== null;) {
      if (records.length === 0) channel.ping();
      let sent: Promise<void> = Promise.resolve();
      for (const shared of records) {
        tail.moved(shared.record);
        sent = channel.send(shared.text(formats));
      }
      await sent;
      records = await tail.take();
    }
    channel.close(1001, "The broker is stopping");
  } catch (error) {
    const [code, words] = error instanceof RequestError ? [1008, error.message] : [1011, "The broker failed"];
    channel.close(code, words.slice(0, 100));
  } finally {
    tail.close();
  }
}
