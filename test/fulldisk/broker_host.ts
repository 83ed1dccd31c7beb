/**
 * The broker as a process of its own that ends only when it is told to: stopped,
 * killed and started anew on the same ports and data. An end that nobody asked for
 * is what no round may see.
 */
import { spawnProcess, waitReady } from "../broker_process.ts";
import { atSignal } from "./ending.ts";

const READY_MS_MAX = 20_000;
/** Small segments, so that all of it rolls and trims all the time; `log.dirs` is given apart. */
const SETTINGS = ["log.index.size.max.bytes=65536", "offsets.topic.num.partitions=4"];

export class BrokerHost {
  readonly broken: string[] = [];
  native = "127.0.0.1:0";
  kafka = "127.0.0.1:0";
  readonly #data: string;
  readonly #settings: readonly string[];
  #child: Deno.ChildProcess | null = null;
  #rest: Promise<string> = Promise.resolve("");

  constructor(data: string, settings: readonly string[] = []) {
    this.#data = data;
    this.#settings = settings;
  }

  /** Starts it and waits until it serves. Throws when it ends instead, or takes too long. */
  async start(settings: readonly string[] = []): Promise<void> {
    const all = [...SETTINGS, ...this.#settings, ...settings, `native.listener=${this.native}`];
    const child = spawnProcess(this.#data, all, this.kafka);
    this.#child = child;
    const calledOff = atSignal(() => child.kill("SIGKILL"));
    const tooLong = setTimeout(() => child.kill("SIGKILL"), READY_MS_MAX);
    const ready = await waitReady(child);
    clearTimeout(tooLong);
    if (ready === null) throw new Error("The broker did not come up");
    this.native = ready.native;
    this.kafka = ready.kafka;
    this.#rest = ready.rest;
    void child.status.then(({ code, signal }) => {
      calledOff();
      if (this.#child === child) {
        this.broken.push(`the broker ended by itself: code ${code}, signal ${signal}`);
      }
    });
  }

  /** Ends it; gives its exit code. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<number> {
    const child = this.#child;
    if (child === null) return 0;
    this.#child = null;
    try {
      child.kill(signal);
    } catch {
      // It ended by itself, which is noted.
    }
    const [{ code }] = await Promise.all([child.status, this.#rest]);
    return code;
  }
}
