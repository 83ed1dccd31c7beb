/**
 * What works behind a consumer: readers filled by a fetcher, handed out in turns,
 * for partitions that were given or that a group deals out; and how it begins,
 * fails and ends. `consumer.ts` is its face.
 */
import type { Assignment, ConsumerParts } from "./assignment.ts";
import { Commits, commitSettings } from "./commits.ts";
import type { Connection, RequestOptions } from "./connection.ts";
import type { Consumer } from "./consumer.ts";
import { checkSources, type ConsumerOptions, fetcherSettings } from "./consumer_options.ts";
import { abortedError, asWeirError, ignore, throwIfAborted, type WeirError } from "./error.ts";
import { Fetcher } from "./fetcher.ts";
import { GivenPartitions } from "./given_partitions.ts";
import { GroupPartitions } from "./group_partitions.ts";
import type { Metadata } from "./metadata.ts";
import { Readers } from "./readers.ts";
import { abortable } from "./runtime.ts";
import { Turns } from "./turns.ts";

/** What a consumer needs of its client. */
export interface ConsumerPorts {
  /** Makes a connection of the consumer's own. */
  connect(): Connection;
  readonly shared: Connection;
  readonly metadata: Metadata;
  /** Called once, when the consumer is closed. */
  onClose(): void;
}

/** See the file's head. */
export class Reading<Key, Value> {
  readonly options: ConsumerOptions;
  readonly readers: Readers;
  readonly turns: Turns<Key, Value>;
  readonly fetcher: Fetcher;
  /** With a group. */
  readonly commits: Commits | null = null;
  /** As a member of a group. */
  readonly member: GroupPartitions | null = null;
  readonly #ports: ConsumerPorts;
  readonly #connection: Connection;
  readonly #assignment: Assignment;
  readonly #started: Promise<void>;
  #failure: WeirError | null = null;
  #closing: Promise<void> | null = null;
  #stopListening: () => void = ignore;

  /** Begins to read. Throws INVALID_ARGUMENT. */
  constructor(ports: ConsumerPorts, options: ConsumerOptions, consumer: Consumer) {
    checkSources(options);
    this.#ports = ports;
    this.options = options;
    this.readers = new Readers(options);
    this.turns = new Turns((reader) => this.fetcher.hasRoom(reader) && this.fetcher.wake());
    const settings = fetcherSettings(options, {
      onArrival: (reader) => this.turns.add(reader),
      onRound: () => this.#assignment.onRound(),
      onPositions: () => this.turns.arrive(),
    });
    this.#connection = ports.connect();
    this.fetcher = new Fetcher(this.#connection, this.readers.all, settings);
    const parts = this.#parts(consumer);
    const { group, assignments } = options;
    if (group !== undefined) {
      const committer = () => this.member?.committer ?? null;
      this.commits = new Commits(parts, commitSettings(group, options, committer));
    }
    if (group !== undefined && assignments === undefined) {
      this.member = new GroupPartitions(ports.connect(), parts, this.commits!, group);
    }
    this.#assignment = this.member ?? new GivenPartitions(parts, this.commits);
    this.#listen(options.signal);
    this.#started = this.#start();
    this.#started.catch(ignore);
  }

  get shared(): Connection {
    return this.#ports.shared;
  }

  /** See `Consumer.ready`. */
  async ready(options: RequestOptions): Promise<void> {
    await abortable(this.#started, options.signal, "Getting ready");
    while ([...this.readers.all.values()].some((reader) => reader.place !== null && reader.error === null)) {
      this.#throwFailure();
      await this.turns.wait(options.signal);
    }
    this.#throwFailure();
  }

  /** What `take` gives, at once or when it comes; done when the consumer is closed or at its end. */
  async next<Item>(
    take: () => Item | null,
    signal: AbortSignal | undefined,
  ): Promise<IteratorResult<Item>> {
    this.turns.release();
    for (;;) {
      throwIfAborted(signal, "Consuming");
      this.#throwFailure();
      if (this.#closing !== null) return { done: true, value: undefined };
      const item = take();
      if (item !== null) return { done: false, value: item };
      if (this.#atEnd()) return { done: true, value: undefined };
      await this.turns.wait(signal);
    }
  }

  /** See `Consumer.close`. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #parts(consumer: Consumer): ConsumerParts {
    return {
      consumer,
      options: this.options,
      shared: this.#ports.shared,
      metadata: this.#ports.metadata,
      readers: this.readers,
      turns: this.turns,
      fetcher: this.fetcher,
      fail: (error) => this.#fail(error),
    };
  }

  #listen(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    throwIfAborted(signal, "Consuming");
    const abort = () => {
      this.#failure ??= abortedError(signal, "Consuming");
      void this.close();
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#stopListening = () => signal.removeEventListener("abort", abort);
  }

  async #start(): Promise<void> {
    const run = () => this.fetcher.run().catch((error) => this.#fail(error));
    if (this.member !== null) void run();
    try {
      await this.#assignment.start();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    if (this.member === null) void run();
  }

  async #close(): Promise<void> {
    this.#stopListening();
    this.fetcher.stop();
    this.turns.arrive();
    this.commits?.stop();
    await this.#assignment.close();
    this.#connection.close();
    this.#ports.onClose();
  }

  #fail(error: unknown): void {
    if (this.#closing === null) this.#failure ??= asWeirError(error, "NETWORK_EXCEPTION", "Consuming");
    this.turns.arrive();
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #atEnd(): boolean {
    if (this.options.until !== "end" || !this.#assignment.settled) return false;
    for (const reader of this.readers.all.values()) if (!reader.finished) return false;
    return true;
  }
}
