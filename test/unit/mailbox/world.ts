/** What the mailbox's tests share: threads the test plays itself, a clock it turns by hand, receivers that note. */
import type { Clock, Logger } from "../../../src/host/mod.ts";
import type { FromPartitionWorker, Spawn, WorkerEvents } from "../../../src/mailbox/mod.ts";
import type { Fault, Lease, Receiver, ShardInput, ShardOutput } from "../../../src/model/mod.ts";

/** Resolves when the microtask queue is empty: everything sent in this tick has left. */
export function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A receiver that notes what it is told. */
export class Noting implements Receiver {
  readonly outputs: ShardOutput[] = [];
  readonly leases: (Lease | null)[] = [];
  readonly faults: Fault[] = [];
  receive(output: ShardOutput, lease: Lease | null): void {
    this.outputs.push(output);
    this.leases.push(lease);
  }
  fail(fault: Fault): void {
    this.faults.push(fault);
  }
}

/** A clock that stands until it is turned. */
export class ManualClock implements Clock {
  nowMs = 0;
  #timers: { readonly dueMs: number; readonly action: () => void }[] = [];
  now(): number {
    return this.nowMs;
  }
  after(delayMs: number, action: () => void): () => void {
    const timer = { dueMs: this.nowMs + delayMs, action };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((other) => other !== timer);
  }
  every(): () => void {
    throw new Error("Nothing here repeats");
  }
  sleep(): Promise<void> {
    throw new Error("Nothing here sleeps");
  }
  /** Lets `byMs` go by and calls what is due. */
  turn(byMs: number): void {
    this.nowMs += byMs;
    const due = this.#timers.filter(({ dueMs }) => dueMs <= this.nowMs);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { action } of due) action();
  }
}

/** A logger that notes. */
export class NotingLogger implements Logger {
  readonly lines: string[] = [];
  log(level: string, words: string): void {
    this.lines.push(`${level}: ${words}`);
  }
}

/** A thread the test plays: what was posted to it, and what it says. */
export class PlayedThread {
  // deno-lint-ignore no-explicit-any
  readonly posted: any[] = [];
  isEnded = false;
  constructor(readonly kind: string, readonly events: WorkerEvents) {}

  post(message: unknown): void {
    this.posted.push(message);
  }
  end(): void {
    this.isEnded = true;
  }

  /** The inputs of all turns so far, in order. */
  get inputs(): ShardInput[] {
    return this.posted.flatMap((message) => message.kind === "turn" ? message.inputs : []);
  }

  /** The last input of a kind. */
  last<Kind extends ShardInput["kind"]>(kind: Kind): Extract<ShardInput, { kind: Kind }> {
    const found = this.inputs.findLast((input) => input.kind === kind);
    if (found === undefined) throw new Error(`No "${kind}" was posted`);
    return found as Extract<ShardInput, { kind: Kind }>;
  }

  /** Answers one turn with these outputs. */
  say(...outputs: ShardOutput[]): void {
    const message: FromPartitionWorker = { kind: "turned", outputs, buffers: [], returned: [], asked: true };
    this.events.message(message);
  }

  /** Answers the last open. */
  opened(fault: Fault | null = null): void {
    const { id, handle } = this.last("open");
    this.say({ kind: "opened", id, handle, report: [], fault });
  }

  die(why = "the disk is gone"): void {
    this.events.died(why);
  }
}

/** Starts threads that the test plays, in the order they were started. */
export function playedSpawn(): { readonly spawn: Spawn; readonly threads: PlayedThread[] } {
  const threads: PlayedThread[] = [];
  const spawn: Spawn = (kind, events) => {
    const thread = new PlayedThread(kind, events);
    threads.push(thread);
    return thread;
  };
  return { spawn, threads };
}
