/** The net room: listeners, connections, and what a door is. */
export type { InFlight } from "./connection.ts";
export type { ClientWords, ConnectionFacts, Door, Peer, ReplySlot, Session } from "./door.ts";
export { eitherDoor } from "./either_door.ts";
export type { Channel, HttpHandler, HttpPeer } from "./http_handler.ts";
export { HttpListener, type HttpListenerOptions } from "./http_listener.ts";
export { Listener, type ListenerOptions } from "./listener.ts";
