/**
 * Where a consumer's partitions come from: it was given them, or a group's
 * coordinator deals them out. What both have in common, and what they are made of.
 */
import type { Connection } from "./connection.ts";
import type { Consumer } from "./consumer.ts";
import type { ConsumerOptions } from "./consumer_options.ts";
import type { Fetcher } from "./fetcher.ts";
import type { Metadata } from "./metadata.ts";
import type { Readers } from "./readers.ts";
import type { Turns } from "./turns.ts";

/** The parts of a consumer. */
export interface ConsumerParts {
  readonly options: ConsumerOptions;
  /** What the application sees of it all. */
  readonly consumer: Consumer;
  /** Shared by everything of one client: for questions that are answered at once. */
  readonly shared: Connection;
  readonly metadata: Metadata;
  readonly readers: Readers;
  readonly turns: Turns<unknown, unknown>;
  readonly fetcher: Fetcher;
  /** Ends the consumer: iteration throws `error`. */
  fail(error: unknown): void;
}

/** See the file's head. */
export interface Assignment {
  /** The first partitions are there and none is about to come or go. */
  readonly settled: boolean;
  /** Resolves when the first partitions are there. Throws what keeps them away. */
  start(): Promise<void>;
  /** Called before each fetch. */
  onRound(): void;
  /** Gives everything back. */
  close(): Promise<void>;
}
