/** The net room: listeners, connections, and what a door is. */
export type { InFlight } from "./connection.ts";
export type { Door, Peer, ReplySlot, Session } from "./door.ts";
export { eitherDoor } from "./either_door.ts";
export { Listener, type ListenerOptions } from "./listener.ts";
