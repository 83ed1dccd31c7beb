/**
 * WebSockets, by the `ws` package: loaded with the first request for one. A peer
 * that does not answer a sign of life until the next one is due is gone.
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import type { Channel } from "./http_handler.ts";
import type { HttpSocket } from "./http_socket.ts";

/** What a peer may send in one message: nobody here waits for any. */
const MESSAGE_BYTES_MAX = 65_536;
/** What a frame that closes has room for. */
const REASON_BYTES_MAX = 123;

const server = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: MESSAGE_BYTES_MAX,
});
/** Who waits for a handshake, to be told when it is none. */
const waiting = new WeakMap<IncomingMessage, (error: Error) => void>();
server.on("wsClientError", (error, _socket, message) => waiting.get(message)?.(error));

/** Answers the handshake. Rejects, with nothing written, when the peer's is none. */
export function openChannel(
  message: IncomingMessage,
  socket: HttpSocket,
  head: Uint8Array,
): Promise<Channel> {
  return new Promise((resolve, reject) => {
    waiting.set(message, reject);
    server.handleUpgrade(message, socket, Buffer.from(head), (webSocket) => resolve(channelOf(webSocket)));
  });
}

function channelOf(webSocket: WebSocket): Channel {
  const closed = new Promise<void>((resolve) => webSocket.on("close", () => resolve()));
  let isAnswered = true;
  webSocket.on("pong", () => isAnswered = true);
  // What breaks the rules is closed by the package, which also tells here.
  webSocket.on("error", () => {});
  return {
    send: (text) =>
      new Promise((resolve) => webSocket.send(text, { binary: false, compress: false }, () => resolve())),
    ping: () => {
      if (!isAnswered) return webSocket.terminate();
      isAnswered = false;
      webSocket.ping();
    },
    close: (code, reason) => webSocket.close(code, shorten(reason)),
    closed,
  };
}

/** Cut to what a frame takes, between two signs. */
function shorten(reason: string): string {
  const bytes = new TextEncoder().encode(reason).subarray(0, REASON_BYTES_MAX);
  return new TextDecoder().decode(bytes).replace(/\ufffd+$/, "");
}
