/** A connection that runs over a scripted socket and session, for the tests of connections. */
import { Connection } from "../../../src/net/connection.ts";
import type { ListenerMeter } from "../../../src/meter/mod.ts";
import type { InFlight } from "../../../src/net/mod.ts";
import { FakeSession, FakeSocket } from "./fakes.ts";

interface Setup {
  readonly session?: FakeSession;
  readonly inFlightBytesMax?: number;
  readonly inFlight?: InFlight;
  readonly meter?: ListenerMeter;
}

/** Counts over all connections, with that bound. */
export function inFlightOf(bytesMax: number): InFlight {
  return { bytes: 0, bytesMax, blocked: new Set() };
}

/** Starts a connection; without bounds unless they are given. */
export function start(
  { session = new FakeSession(), inFlightBytesMax = 2 ** 40, inFlight, meter }: Setup = {},
) {
  const socket = new FakeSocket();
  const counts = inFlight ?? inFlightOf(2 ** 40);
  const ended: Connection[] = [];
  const connection = new Connection(
    socket,
    session,
    { inFlightBytesMax, ...(meter === undefined ? {} : { meter }) },
    counts,
    (over) => ended.push(over),
  );
  const running = connection.run();
  return { socket, session, connection, running, ended, inFlight: counts };
}

/** A body whose bytes tell frames apart. */
export function body(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + seed * 31) & 0xff);
}
