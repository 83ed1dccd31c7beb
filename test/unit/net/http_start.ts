/** The HTTP listener with a handler of the test's, and peers that write by hand. */
import assert from "node:assert/strict";
import { type Logger, systemClock } from "../../../src/host/mod.ts";
import { type HttpHandler, HttpListener, type HttpListenerOptions } from "../../../src/net/mod.ts";

const open: { close(): void }[] = [];
const listeners: HttpListener[] = [];
export const encoder = new TextEncoder();

export function listen(handler: HttpHandler, options: Partial<HttpListenerOptions> = {}) {
  const logged: string[] = [];
  const logger: Logger = { log: (level, words) => void logged.push(`${level} ${words}`) };
  const listener = new HttpListener(handler, {
    hostname: "127.0.0.1",
    port: 0,
    connectionsMax: 20,
    idleMsMax: 60_000,
    bodyIdleMsMax: 60_000,
    stallMsMax: 60_000,
    clock: systemClock,
    logger,
    ...options,
  });
  listeners.push(listener);
  return { listener, logged, url: `http://127.0.0.1:${listener.address.port}` };
}

export async function connect(listener: HttpListener, words = ""): Promise<Deno.TcpConn> {
  const socket = await Deno.connect(listener.address);
  open.push(socket);
  if (words !== "") await socket.write(encoder.encode(words));
  return socket;
}

/** All that comes until the other side ends, by a close or a reset. */
export async function readAll(socket: Deno.TcpConn): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(65_536);
  try {
    for (let count = await socket.read(buffer); count !== null; count = await socket.read(buffer)) {
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
  } catch {
    // A reset.
  }
  return text;
}

export async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition(); round++) {
    assert.ok(round < 4_000, `it never came true: ${condition}`);
    await systemClock.sleep(2);
  }
}

/** Ends what a test opened; after each. */
export async function closeAll(): Promise<void> {
  for (const socket of open.splice(0)) {
    try {
      socket.close();
    } catch {
      // It was closed by the test.
    }
  }
  for (const listener of listeners.splice(0)) await listener.drain(0);
}
