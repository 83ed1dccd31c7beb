/** WebSockets, by the `ws` package: loaded with the first request for one. */
import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import type { Channel } from "./http_handler.ts";
import type { HttpSocket } from "./http_socket.ts";

/** What a peer may send in one message: nobody here waits for any. */
const MESSAGE_BYTES_MAX = 65_536;

const server = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: MESSAGE_BYTES_MAX,
});

/** Answers the handshake. Never resolves when the peer's is no handshake: it was told so and is gone. */
export function openChannel(
  message: IncomingMessage,
  socket: HttpSocket,
  head: Uint8Array,
): Promise<Channel> {
  return new Promise((resolve) => {
    server.handleUpgrade(message, socket, Buffer.from(head), (webSocket) => resolve(channelOf(webSocket)));
  });
}

function channelOf(webSocket: WebSocket): Channel {
  const closed = new Promise<void>((resolve) => webSocket.on("close", () => resolve()));
  // What breaks the rules is closed by the package, which also tells here.
  webSocket.on("error", () => {});
  return {
    send: (text) => new Promise((resolve) => webSocket.send(text, () => resolve())),
    ping: () => webSocket.ping(),
    close: (code, reason) => webSocket.close(code, reason),
    closed,
  };
}
