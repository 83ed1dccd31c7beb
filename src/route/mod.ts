/** The route room: who does what a command asks. */
export type { RouterPorts } from "./ports.ts";
export { Router } from "./router.ts";
