/**
 * The real program as a process: `deno run ... main.ts`, with the permissions of
 * the `start` task. Used by the tests of the command line.
 */
import assert from "node:assert/strict";
import { type Ready, spawnProgram, waitReady } from "../broker_process.ts";

const PERMISSIONS = ["net", "read", "write", "ffi", "env", "sys"];

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Uint8Array;
}

interface Extras {
  readonly input?: string | Uint8Array;
  readonly environment?: Record<string, string>;
}

/** Starts `weir WORDS...`. */
export function spawnWeir(words: readonly string[], extras: Extras = {}): Deno.ChildProcess {
  return spawnProgram(words, {
    permissions: PERMISSIONS,
    stdin: extras.input === undefined ? "null" : "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...extras.environment },
  });
}

/** A command that takes longer hangs: it is killed, and its status (137) fails the test. */
const COMMAND_MS_MAX = 60_000;

/** Runs `weir WORDS...` to its end. */
export async function runWeir(words: readonly string[], extras: Extras = {}): Promise<Ended> {
  const child = spawnWeir(words, extras);
  const timer = setTimeout(() => child.kill("SIGKILL"), COMMAND_MS_MAX);
  try {
    const [output] = await Promise.all([child.output(), feed(child, extras.input)]);
    return ended(output);
  } finally {
    clearTimeout(timer);
  }
}

async function feed(child: Deno.ChildProcess, input: string | Uint8Array | undefined): Promise<void> {
  if (input === undefined) return;
  const writer = child.stdin.getWriter();
  try {
    await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
    await writer.close();
  } catch {
    // The command ended before it read everything: its status tells.
  }
}

function ended(output: Deno.CommandOutput): Ended {
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
    stdoutBytes: output.stdout,
  };
}

/** A running `weir broker`. */
export class BrokerProcess {
  readonly readyLine: string;
  /** HOST:PORT of its native door. */
  readonly server: string;
  /** HOST:PORT of its Kafka door. */
  readonly kafka: string;
  readonly #child: Deno.ChildProcess;
  readonly #rest: Promise<string>;
  readonly #stderr: Promise<string>;

  private constructor(child: Deno.ChildProcess, ready: Ready, stderr: Promise<string>) {
    this.#child = child;
    this.#rest = ready.rest;
    this.#stderr = stderr;
    this.readyLine = ready.line;
    this.server = ready.native;
    this.kafka = ready.kafka;
  }

  /** Starts a broker on a free port and waits for its ready line; fails with its words when it ends first. */
  static async start(words: readonly string[]): Promise<BrokerProcess> {
    const doors = ["--kafka", "127.0.0.1:0", "--native", "127.0.0.1:0", "--http", "off"];
    const child = spawnWeir(["broker", ...doors, ...words]);
    const stderr = new Response(child.stderr).text();
    const ready = await waitReady(child);
    if (ready === null) throw new Error(`The broker ended before it was ready: ${await stderr}`);
    return new BrokerProcess(child, ready, stderr);
  }

  /** Runs a command against this broker. */
  run(words: readonly string[], input?: string | Uint8Array): Promise<Ended> {
    return runWeir([...words, "--server", this.server], input === undefined ? {} : { input });
  }

  /** Runs a command that must succeed. */
  async done(words: readonly string[], input?: string | Uint8Array): Promise<Ended> {
    const result = await this.run(words, input);
    assert.equal(result.code, 0, `weir ${words.join(" ")}: ${result.stderr}`);
    return result;
  }

  /** Ends it, by SIGTERM unless told otherwise; gives its status and what it said after the ready line. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<Ended> {
    try {
      this.#child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    const [status, stdout, stderr] = await Promise.all([this.#child.status, this.#rest, this.#stderr]);
    return { code: status.code, stdout, stderr, stdoutBytes: new TextEncoder().encode(stdout) };
  }
}

/** A broker on a directory of its own, for the tests of one `describe`: `beforeAll(fixture.start)` and so on. */
export class BrokerFixture {
  directory = "";
  #broker: BrokerProcess | null = null;

  get broker(): BrokerProcess {
    assert.ok(this.#broker !== null, "the broker was started");
    return this.#broker;
  }

  readonly start = async (): Promise<void> => {
    this.directory = await Deno.makeTempDir({ prefix: "weir-cli-" });
    this.#broker = await BrokerProcess.start(["--data", `${this.directory}/data`]);
  };

  /** Stops it, which must be clean and silent on standard output, and removes its directory. */
  readonly stop = async (): Promise<void> => {
    const ended = await this.broker.stop();
    await Deno.remove(this.directory, { recursive: true });
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stdout, "");
  };
}
