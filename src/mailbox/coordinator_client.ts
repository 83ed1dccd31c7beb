/**
 * The main thread's end of the coordinator's mailbox. Commands asked in one turn
 * of the event loop leave in one message, so that the coordinator flushes its
 * journal once for all of them. A coordinator that dies is started again and
 * replays its journal; whoever waited is told to try again, and the image it
 * comes back with replaces the old one. The logs the coordinator owns are read
 * through an outbox like any partition's, in messages of their own.
 */
import type { Clock, Logger } from "../host/mod.ts";
import { COORDINATOR_SHEET, Tally } from "../meter/mod.ts";
import {
  type CoordinatorCommand,
  type CoordinatorInput,
  type CoordinatorOutput,
  type CoordinatorStart,
  type Fault,
  fault,
  type GroupFigures,
  type GroupLogPosition,
  type Image,
  type MetadataEvent,
  NO_GROUPS,
  type Reply,
} from "../model/mod.ts";
import { answerOf } from "./answer.ts";
import { type FromPartitionWorker, openFromPartitionWorker } from "./envelope.ts";
import { Outbox } from "./outbox.ts";
import { type Spawn, spawn, type Spawned } from "./spawn.ts";

/** First pause before a dead coordinator is replaced; it doubles up to the maximum while none comes up. */
const RESTART_MS_MIN = 100;
const RESTART_MS_MAX = 5_000;

/** The coordinator cannot start; the message is for people. */
export class CoordinatorError extends Error {
  override name = "CoordinatorError";
}

/** What becomes of the coordinator's decisions. */
export interface CoordinatorListener {
  /** A whole image, after a start. */
  replaced(image: Image): void;
  /** Decided and journalled; `settled` is to be called once they are in force. */
  decided(events: readonly MetadataEvent[], settled: () => void): void;
}

/** What was counted of the coordinator. */
export interface CoordinatorCounts {
  readonly restarts: number;
  readonly isUp: boolean;
  /** Commands that wait for their answers. */
  readonly pending: number;
  /** How many of each kind were asked. */
  readonly commands: ReadonlyMap<CoordinatorCommand["kind"], number>;
  /** An array of `COORDINATOR_SHEET`. */
  readonly turns: Float64Array;
  /** All groups as they were then; as they were last while the coordinator is down. */
  readonly groups: GroupFigures;
}

type Waiting = (output: CoordinatorOutput | null) => void;

export class CoordinatorClient {
  readonly #start: CoordinatorStart;
  readonly #listener: CoordinatorListener;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #startWorker: Spawn;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Spawned | null = null;
  #inputs: CoordinatorInput[] = [];
  #flushScheduled = false;
  #nextId = 0;
  #stopping = false;
  /** The journal was replayed once: from then on a coordinator that dies is replaced. */
  #wasReady = false;
  #restartMs = RESTART_MS_MIN;
  /** Stop was asked: the coordinator takes nothing after it. */
  #isLast = false;
  #recoveryPoint: number | null = null;
  /** For reading the logs the coordinator owns. */
  readonly #reads = new Outbox();
  #isUp = false;
  /** Where the groups' logs stand, by partition. */
  readonly #groupLogs = new Map<number, GroupLogPosition>();
  readonly #tally = new Tally(COORDINATOR_SHEET);
  readonly #commands = new Map<CoordinatorCommand["kind"], number>();
  #groups: GroupFigures = NO_GROUPS;
  #restarts = 0;

  /** `startWorker` starts the coordinator's thread; the simulation hands in its own. */
  constructor(
    start: CoordinatorStart,
    listener: CoordinatorListener,
    clock: Clock,
    logger: Logger,
    startWorker: Spawn = spawn,
  ) {
    this.#start = start;
    this.#listener = listener;
    this.#clock = clock;
    this.#logger = logger;
    this.#startWorker = startWorker;
    this.#noteLogs(start.groupLogs);
  }

  /** Up to where the journal is known to be flushed; `null` before its first change. */
  get recoveryPoint(): number | null {
    return this.#recoveryPoint;
  }

  /** Where the groups' logs stand, those that are known. */
  get groupLogs(): readonly GroupLogPosition[] {
    return [...this.#groupLogs.values()];
  }

  /** Asks the coordinator what it counted; `counts` has it then. */
  async measure(): Promise<void> {
    if (this.#isUp) await answerOf(this.#reads, { kind: "describe", handles: [] });
  }

  /** What was counted until now, by the coordinator itself up to the last `measure`. */
  counts(): CoordinatorCounts {
    return {
      restarts: this.#restarts,
      isUp: this.#isUp,
      pending: this.#waiting.size,
      commands: this.#commands,
      turns: this.#tally.total(),
      groups: this.#groups,
    };
  }

  /** Where a partition of `__consumer_offsets` is read. Of no partition worker: number -1. */
  place(partition: number): { handle: number; worker: number; outbox: Outbox; fault: Fault | null } {
    const fault = this.#isUp ? null : notUp();
    return { handle: partition, worker: -1, outbox: this.#reads, fault };
  }

  /** Starts the worker; resolves once the journal is replayed. Throws CoordinatorError when it can't be. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => this.#spawn(this.#start, resolve, reject));
  }

  /** Has a command decided; the reply comes when what was decided is in force. */
  decide(command: CoordinatorCommand, reply: (reply: Reply) => void): void {
    if (this.#isLast) return reply({ kind: "failed", fault: gone() });
    this.#commands.set(command.kind, (this.#commands.get(command.kind) ?? 0) + 1);
    this.#ask({ kind: "decide", id: this.#nextId++, command }, (output) => {
      if (output?.kind !== "decided") return reply({ kind: "failed", fault: gone() });
      this.#listener.decided(output.events, () => reply(output.reply));
    });
  }

  /** Closes the journal; gives its recovery point, or `null` when the coordinator was not there to say it. */
  stop(): Promise<number | null> {
    return new Promise((resolve) => {
      this.#isLast = true;
      this.#closeReads();
      this.#ask({ kind: "stop", id: this.#nextId++ }, (output) => {
        this.#stopping = true;
        this.#worker?.end();
        if (output?.kind !== "stopped") return resolve(null);
        this.#noteLogs(output.groupLogs);
        resolve(output.recoveryPoint);
      });
    });
  }

  #ask(input: CoordinatorInput, waiting: Waiting): void {
    if (this.#worker === null) return waiting(null);
    this.#waiting.set(input.id, waiting);
    this.#inputs.push(input);
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushScheduled = false;
    const inputs = this.#inputs;
    this.#inputs = [];
    this.#worker?.post(inputs, []);
  }

  #spawn(start: CoordinatorStart, ready: () => void, refused: (error: Error) => void): void {
    this.#worker = this.#startWorker("coordinator", {
      message: (data) => {
        if (!Array.isArray(data)) return this.#hearRead(openFromPartitionWorker(data));
        // Only our own worker posts here: its outputs are typed on its side.
        for (const output of data as CoordinatorOutput[]) this.#hear(output, ready, refused);
      },
      died: (why) => {
        this.#bury(why);
        refused(new CoordinatorError(`The coordinator stopped: ${why}`));
      },
    });
    this.#worker.post(start, []);
  }

  #hear(output: CoordinatorOutput, ready: () => void, refused: (error: Error) => void): void {
    if (output.kind === "refused") {
      this.#worker?.end();
      this.#bury(output.message);
      return refused(new CoordinatorError(output.message));
    }
    if (output.kind === "ready") {
      for (const line of output.report) this.#logger.log("info", line);
      this.#wasReady = true;
      this.#restartMs = RESTART_MS_MIN;
      this.#isUp = true;
      this.#reads.connect((message, transfer) => this.#worker?.post(message, transfer));
      this.#listener.replaced(output.image);
      return ready();
    }
    if (output.kind === "changed") return this.#listener.decided(output.events, () => {});
    if (output.kind === "notice") return this.#logger.log("warning", output.text);
    if (output.kind === "flushed") {
      this.#recoveryPoint = output.recoveryPoint;
      return this.#noteLogs(output.groupLogs);
    }
    const waiting = this.#waiting.get(output.id);
    this.#waiting.delete(output.id);
    waiting?.(output);
  }

  #hearRead(message: FromPartitionWorker): void {
    if (message.kind !== "turned") return;
    if (message.counts !== undefined) this.#tally.heard(message.counts);
    if (message.groups !== undefined) this.#groups = message.groups;
    this.#reads.turned(message, (news) => {
      if (news.kind === "notice") this.#logger.log("warning", news.text);
    });
  }

  #closeReads(): void {
    this.#isUp = false;
    this.#reads.disconnect(notUp());
  }

  #noteLogs(positions: readonly GroupLogPosition[]): void {
    for (const position of positions) this.#groupLogs.set(position.partition, position);
  }

  #bury(why: string): void {
    if (this.#stopping) return;
    this.#worker = null;
    this.#inputs = [];
    this.#tally.ended();
    this.#closeReads();
    if (this.#wasReady) this.#logger.log("error", `the coordinator died: ${why}`);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const answer of waiting) answer(null);
    if (!this.#wasReady) return;
    this.#restarts++;
    const start = { ...this.#start, clean: false, groupLogs: this.groupLogs };
    this.#clock.after(this.#restartMs, () => {
      if (!this.#stopping) this.#spawn(start, () => {}, () => {});
    });
    this.#restartMs = Math.min(this.#restartMs * 2, RESTART_MS_MAX);
  }
}

/** For whoever reads: a partition's fault, not a coordinator's. */
function notUp(): Fault {
  return fault("NOT_LEADER_OR_FOLLOWER", "The coordinator, which has the partition, is restarting");
}

function gone(): ReturnType<typeof fault> {
  return fault("COORDINATOR_NOT_AVAILABLE", "The coordinator is restarting, retry in a moment");
}
