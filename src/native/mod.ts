export * from "./frame.ts";
export * from "./protocol.ts";
export { nativeDoor } from "./door.ts";
