/**
 * Reading the logs of somebody else in the same thread: the coordinator's, which
 * writes them, flushes them and closes them. They are taken in when they are
 * first asked for. Reads and long polls are the shard's; nothing that would
 * change a log may come here. Called by `workers/coordinator.ts`.
 */
import type { Log } from "../log/mod.ts";
import { assert, type ShardInput, type ShardOutput } from "../model/mod.ts";
import { Shard, type ShardOptions } from "./shard.ts";

/** Finds the log of a handle, and its name for messages; `null` when there is none. */
export type FindLog = (handle: number) => { readonly name: string; readonly log: Log } | null;

/** What only asks. */
type Reading = Exclude<ShardInput, { kind: "open" | "configure" | "delete" | "append" | "trim" | "stop" }>;

/** What would change a log though nobody asked. */
type Upkept = "retentionIntervalMs" | "retentionDiskPercent" | "cleaner" | "cleanerSecret";

export class AdoptedLogs {
  readonly #shard: Shard;
  readonly #find: FindLog;
  readonly #adopted = new Set<number>();

  constructor(options: Omit<ShardOptions, Upkept>, find: FindLog) {
    const never = { retentionIntervalMs: Number.MAX_SAFE_INTEGER, retentionDiskPercent: 100 };
    this.#shard = new Shard({ ...options, ...never });
    this.#find = find;
  }

  /** When `turn` wants to be called again though no input came. */
  get wakeMs(): number {
    return this.#shard.wakeMs;
  }

  /** Long polls waiting now. */
  get waiterCount(): number {
    return this.#shard.waiterCount;
  }

  /** Records of these were flushed: the next turn answers who waits for them. */
  flushed(handles: Iterable<number>): void {
    for (const handle of handles) this.#shard.flushed(handle);
  }

  /** As a shard's turn. */
  turn(inputs: readonly ShardInput[], nowMs: number): ShardOutput[] {
    for (const input of inputs) {
      assert(isReading(input), "an adopted log is only read");
      for (const handle of handlesIn(input)) this.#adopt(handle);
    }
    return this.#shard.turn(inputs, nowMs);
  }

  #adopt(handle: number): void {
    if (this.#adopted.has(handle)) return;
    const found = this.#find(handle);
    if (found === null) return;
    this.#shard.adopt(handle, found.name, found.log);
    this.#adopted.add(handle);
  }
}

function isReading(input: ShardInput): input is Reading {
  return !["open", "configure", "delete", "append", "trim", "stop"].includes(input.kind);
}

function handlesIn(input: Reading): readonly number[] {
  switch (input.kind) {
    case "fetch":
      return input.entries.map(({ handle }) => handle);
    case "describe":
      return input.handles;
    case "cancel":
      return [];
    default:
      return [input.handle];
  }
}
