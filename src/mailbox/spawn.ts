/**
 * Starts worker threads: the only file that does. URLs are literal, so that `deno compile` embeds the modules.
 * A message of theirs is an event: the stopwatch is read once for all who measure by it.
 */
import { stopwatch } from "../host/mod.ts";

const MODULES = {
  partition: () =>
    new Worker(new URL("../../workers/partition.ts", import.meta.url), { type: "module", name: "partition" }),
  coordinator: () =>
    new Worker(new URL("../../workers/coordinator.ts", import.meta.url), {
      type: "module",
      name: "coordinator",
    }),
};

/** What the thread that started a worker hears of it. */
export interface WorkerEvents {
  message(data: unknown): void;
  /** It threw: nothing comes from it any more. Called once, never after `end`. */
  died(why: string): void;
}

/** A running worker. */
export interface Spawned {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** Ends it at once. */
  end(): void;
}

/** How a worker is started: as a thread, or by the simulation in this one. */
export type Spawn = (kind: keyof typeof MODULES, events: WorkerEvents) => Spawned;

/** The coordinator's thread, where it was begun before anybody asked for it. */
let early: Worker | null = null;

/**
 * Begins the coordinator's thread, which loads its modules while the main thread loads its own: the next `spawn` of
 * it takes it. One that fails before is forgotten, and `spawn` hears of it from the next.
 */
export function spawnEarly(): void {
  const worker = early = MODULES.coordinator();
  worker.onerror = (event) => {
    event.preventDefault();
    early = null;
  };
}

/** Starts a worker of the given kind as a thread. */
export const spawn: Spawn = (kind, events) => {
  const worker = (kind === "coordinator" ? early : null) ?? MODULES[kind]();
  if (worker === early) early = null;
  let ended = false;
  const end = () => {
    ended = true;
    worker.terminate();
  };
  const bury = (why: string) => {
    if (ended) return;
    end();
    events.died(why);
  };
  worker.onmessage = (event) => {
    if (ended) return;
    stopwatch.stamp();
    events.message(event.data);
  };
  worker.onmessageerror = () => bury("a message could not be read");
  worker.onerror = (event) => {
    event.preventDefault();
    bury(event.message);
  };
  return { post: (message, transfer) => worker.postMessage(message, transfer), end };
};
