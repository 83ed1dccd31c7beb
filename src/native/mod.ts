/** The native door: frames, the shapes of its protocol, and the door itself. */
export * from "./frame.ts";
export * from "./group_protocol.ts";
export * from "./protocol.ts";
export { nativeDoor, speaksNative } from "./door.ts";
