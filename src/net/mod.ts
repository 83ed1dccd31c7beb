/** The net room: listeners, connections, and what a door is. */
export type { InFlight } from "./connection.ts";
export type { ClientWords, ConnectionFacts, Door, Peer, ReplySlot, Session } from "./door.ts";
export { eitherDoor } from "./either_door.ts";
export { type HttpHandler, HttpListener, type HttpListenerOptions, type HttpPeer } from "./http_listener.ts";
export { Listener, type ListenerOptions } from "./listener.ts";
