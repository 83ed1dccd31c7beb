/**
 * What the matrix knows of a Kafka client: whether it is here, what it can't do
 * and why, and one session that does the rest. One file per client implements
 * it; `rows.ts` calls it.
 */
import type { CodecName } from "../../../src/record/mod.ts";

/** A record as it is written and as it must come back. Timestamps in milliseconds; `null`: the client's choice. */
export interface MatrixRecord {
  readonly partition: number;
  readonly timestamp: number | null;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[];
}

/** A record that was read. */
export interface FoundRecord extends MatrixRecord {
  readonly offset: number;
}

export interface ProduceOptions {
  readonly acks: 0 | 1 | -1;
  readonly codec: CodecName;
  readonly isIdempotent: boolean;
}

/** Where a fetch begins; a number is an offset. */
export type FetchStart = "earliest" | "latest" | number | { readonly timestampMs: number };

/** One client, connected. */
export interface ClientSession {
  createTopic(topic: string, partitions: number, settings: Readonly<Record<string, string>>): Promise<void>;
  produce(topic: string, records: readonly MatrixRecord[], options: ProduceOptions): Promise<void>;
  /** The first `count` records of a partition from there; waits for them. */
  fetch(topic: string, partition: number, from: FetchStart, count: number): Promise<FoundRecord[]>;
  describe(topic: string): Promise<Record<string, string | null>>;
  alter(topic: string, settings: Readonly<Record<string, string>>): Promise<void>;
  /** Drops the records before an offset. */
  deleteRecords(topic: string, partition: number, before: number): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  close(): Promise<void>;
}

export interface MatrixClient {
  readonly name: string;
  /** What of a row's needs this client lacks, each with its reason: its own limit, not the broker's. */
  readonly lacks: Readonly<Partial<Record<Need, string>>>;
  /** Its version, or why it is not here. */
  readonly found: { readonly version: string } | { readonly missing: string };
  open(broker: string): Promise<ClientSession>;
}

/** What rows ask of a client. */
export type Need =
  | "create topic"
  | "timestamps"
  | "idempotence"
  | "fetch"
  | "describe settings"
  | "alter settings"
  | "delete records"
  | "delete topic"
  | CodecName;

/** For what `lacks` names: rows never call it. */
export function never(): Promise<never> {
  return Promise.reject(new Error("The matrix called what this client cannot do"));
}

/** Runs a program to its end. Throws with what it wrote to stderr, or when it takes longer than `timeoutMs`. */
export async function runProgram(
  command: string,
  args: readonly string[],
  input: Uint8Array<ArrayBuffer> | null = null,
  timeoutMs = 30_000,
): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(timeoutMs);
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: input === null ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  const feeding = input === null ? null : feed(child, input);
  const { success, stdout, stderr } = await child.output();
  await feeding;
  if (success) return stdout;
  const words = signal.aborted ? `no end within ${timeoutMs} ms` : new TextDecoder().decode(stderr);
  throw new Error(`${command} ${args.join(" ")}: ${words}`);
}

async function feed(child: Deno.ChildProcess, input: Uint8Array<ArrayBuffer>): Promise<void> {
  const writer = child.stdin.getWriter();
  await writer.write(input);
  await writer.close();
}
