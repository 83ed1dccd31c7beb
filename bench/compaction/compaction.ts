/**
 * A compacted topic under load: updates over a fixed set of keys at a fixed pace,
 * with a consumer at the end of the log. Windows in which the topic is compacted all
 * the time and windows in which it is not take turns, each with acks 1 and all, on
 * the same log of the same broker: what compaction costs a producer comes from one
 * run. Then how far the log shrank, that every key's last update is there, and what
 * memory it took.
 */
import { LoadConnection } from "../macro/load.ts";
import { cpuSeconds, inDirectory, runBroker } from "../macro/process.ts";
import { printReport, type Windows } from "./figures.ts";
import { LogFiles } from "./log_files.ts";
import { type Pace, sendPaced } from "./pacing.ts";
import { fetchOnce, TOPIC } from "./reading.ts";
import { Updates } from "./updates.ts";
import { watchMemory } from "./watch_memory.ts";

/** How much of everything. */
export interface Scale {
  readonly updates: number;
  readonly keys: number;
  readonly pace: Pace;
  readonly windowMs: number;
  /** Before the first window, not compacted: code is compiled, memory is taken. */
  readonly warmUpMs: number;
}

const BUFFER_BYTES = 4_194_304;
/** One worker gets the whole buffer; no pause between two cleanings. */
const BROKER_SETTINGS = [
  "partition.workers.max=1",
  `log.cleaner.dedupe.buffer.size=${BUFFER_BYTES}`,
  "log.cleaner.backoff.ms=10",
];
const TOPIC_SETTINGS = {
  "cleanup.policy": "delete",
  "retention.ms": "-1",
  "segment.bytes": "1048576",
  "min.cleanable.dirty.ratio": "0.01",
};
/** Of a window, at its start: what the switch itself costs is nobody's latency. */
const SWITCH_SHARE = 0.1;

/** Measures, prints one JSON line and a table; throws when a key's last update is not there in the end. */
export async function benchCompaction(directory: string, scale: Scale): Promise<void> {
  await inDirectory(directory, async (data) => {
    const broker = await runBroker(data, BROKER_SETTINGS);
    const tail = new Worker(new URL("./tail_worker.ts", import.meta.url).href, { type: "module" });
    try {
      const run = new CompactionRun(broker, new LogFiles(`${data}/${TOPIC}-0`), scale);
      await run.begin();
      tail.postMessage(broker.port);
      const windows = await run.measure();
      const consumed = await endTail(tail);
      printReport(scale, { ...await run.shrink(), consumed, bufferBytes: BUFFER_BYTES }, windows);
    } finally {
      tail.terminate();
      await broker.stop();
    }
  });
}

function endTail(tail: Worker): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  tail.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
  tail.postMessage("end");
  return promise;
}

class CompactionRun {
  readonly #broker: { readonly port: number; readonly pid: number };
  readonly #files: LogFiles;
  readonly #scale: Scale;
  readonly #updates: Updates;
  #producer!: LoadConnection;
  #operator!: LoadConnection;
  #warmUpMb = NaN;
  #maxBytes = 0;

  constructor(broker: { readonly port: number; readonly pid: number }, files: LogFiles, scale: Scale) {
    this.#broker = broker;
    this.#files = files;
    this.#scale = scale;
    this.#updates = new Updates(scale.keys);
  }

  async begin(): Promise<void> {
    this.#producer = await LoadConnection.open(this.#broker.port);
    this.#operator = await LoadConnection.open(this.#broker.port);
    const topics = [{ name: TOPIC, partitions: 1, settings: TOPIC_SETTINGS }];
    await this.#operator.ask({ k: "create_topics", topics });
  }

  /** All updates, in windows. */
  async measure(): Promise<Windows> {
    const { warmUpMs, updates } = this.#scale;
    const warmUp = await watchMemory(this.#broker.pid, () => this.#send(1, warmUpMs));
    this.#warmUpMb = warmUp.maxMb;
    const windows: Windows = { with: emptyWindow(), without: emptyWindow() };
    while (this.#updates.made < updates) {
      for (const acks of [1, -1] as const) {
        for (const kind of ["with", "without"] as const) await this.#window(windows[kind], kind, acks);
      }
    }
    return windows;
  }

  async #window(window: Windows["with"], kind: keyof Windows, acks: 1 | -1): Promise<void> {
    await this.#setPolicy(kind === "with" ? "compact" : "delete");
    const cpuBefore = cpuSeconds(this.#broker.pid);
    const startedMs = performance.now();
    const looks = this.#files.watchCleanings();
    const { result, maxMb } = await watchMemory(
      this.#broker.pid,
      () => this.#send(acks, this.#scale.windowMs),
    );
    const seen = looks.end();
    window.looks += seen.looks;
    window.cleanings += seen.cleanings;
    window.seconds += (performance.now() - startedMs) / 1_000;
    window.cpuSeconds += cpuSeconds(this.#broker.pid) - cpuBefore;
    window.maxMb = Math.max(window.maxMb, maxMb);
    this.#maxBytes = Math.max(this.#maxBytes, this.#files.bytes());
    window.tookMs[acks === 1 ? "1" : "all"].push(...result.slice(Math.floor(result.length * SWITCH_SHARE)));
  }

  #send(acks: 1 | -1, ms: number): Promise<number[]> {
    return sendPaced(this.#producer, this.#updates, acks, this.#scale.pace, ms);
  }

  async #setPolicy(policy: "compact" | "delete"): Promise<void> {
    const topics = [{ name: TOPIC, settings: { "cleanup.policy": policy } }];
    const reply = await this.#operator.ask({ k: "alter_topics", topics, validateOnly: false });
    const failure = (reply as unknown as { topics: { e?: unknown }[] }).topics[0]!.e;
    if (failure !== undefined) throw new Error(`The topic can't be changed: ${JSON.stringify(failure)}`);
  }

  /** Has the rest compacted, and reads what is left. */
  async shrink() {
    const updates = this.#updates;
    const backlogBytes = this.#files.bytes();
    const startedMs = performance.now();
    await this.#setPolicy("compact");
    const shrinkMs = await this.#files.untilSteady() - startedMs;
    const recordsAfter = await this.#readAll();
    if (updates.wrong > 0) throw new Error(`${updates.wrong} keys do not end with their last update`);
    this.#producer.close();
    this.#operator.close();
    return {
      updates: updates.made,
      keys: updates.live,
      writtenBytes: updates.bytes,
      maxBytes: this.#maxBytes,
      backlogBytes,
      bytesAfter: this.#files.bytes(),
      activeBytes: this.#files.activeBytes(),
      recordsAfter,
      shrinkMs,
      warmUpMb: this.#warmUpMb,
    };
  }

  async #readAll(): Promise<number> {
    let [offset, records] = [0, 0];
    for (;;) {
      const taken = await fetchOnce(this.#operator, offset, (batch) => {
        records += this.#updates.readBatch(batch);
      });
      offset = taken.nextOffset;
      if (offset >= taken.highWatermark) return records;
    }
  }
}

function emptyWindow(): Windows["with"] {
  return { tookMs: { "1": [], all: [] }, seconds: 0, cpuSeconds: 0, maxMb: 0, looks: 0, cleanings: 0 };
}
