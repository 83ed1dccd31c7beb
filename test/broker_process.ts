/**
 * The real program as a process of its own, and the real broker on free ports, for
 * tests. How a process is started and its ready line read is here alone;
 * `clients/weir_process.ts` adds what tests of the command line want.
 */

const MAIN = new URL("../main.ts", import.meta.url).pathname;

/** `deno run` of `weir WORDS...`, with every permission unless told which. */
export function spawnProgram(
  words: readonly string[],
  options: Pick<Deno.CommandOptions, "stdin" | "stderr" | "env"> & { permissions?: readonly string[] } = {},
): Deno.ChildProcess {
  const { permissions = ["all"], ...rest } = options;
  const allowed = permissions.map((name) => `--allow-${name}`);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...allowed, MAIN, ...words],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    ...rest,
  }).spawn();
}

/** What a broker says on its standard output. */
export interface Ready {
  /** The line that says it is ready. */
  readonly line: string;
  /** `HOST:PORT` of its native door; "" when there is none. */
  readonly native: string;
  /** `HOST:PORT` of its Kafka door; `off` unless it has one. */
  readonly kafka: string;
  /** The same of its HTTP door. */
  readonly http: string;
  /** All that follows the line, once it ended. */
  readonly rest: Promise<string>;
}

/** Waits for a broker's ready line; `null` when it ends without one. */
export async function waitReady(child: Deno.ChildProcess): Promise<Ready | null> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) return null;
    text += value;
  }
  const end = text.indexOf("\n");
  const line = text.slice(0, end);
  const address = (door: string) => new RegExp(`${door}=(\\S+)`).exec(line)?.[1];
  const rest = drain(reader, text.slice(end + 1));
  const [kafka = "off", http = "off"] = [address("kafka"), address("http")];
  return { line, native: address("native") ?? "", kafka, http, rest };
}

async function drain(reader: ReadableStreamDefaultReader<string>, begun: string): Promise<string> {
  let text = begun;
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  return text;
}

/** A broker that was started. */
export interface BrokerProcess extends Pick<Ready, "native" | "kafka" | "http"> {
  readonly pid: number;
  /** SIGTERM; resolves with the exit code once it ended. */
  stop(): Promise<number>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
}

/** Starts a broker on `data` and does not wait for it. The Kafka door is off unless `kafka`, the HTTP door unless a setting says where. */
export function spawnProcess(
  data: string,
  settings: readonly string[] = [],
  kafka: string = "off",
): Deno.ChildProcess {
  const doors = ["--kafka", kafka, "--native", "127.0.0.1:0", "--http", "off"];
  const sets = settings.flatMap((setting) => ["--set", setting]);
  return spawnProgram(["broker", "--data", data, ...doors, ...sets]);
}

/** Starts a broker on `data` and waits for its ready line. Throws when it ends first; its words are on stderr. */
export async function startProcess(
  data: string,
  settings: readonly string[] = [],
  kafka: string = "off",
): Promise<BrokerProcess> {
  const child = spawnProcess(data, settings, kafka);
  const ready = await waitReady(child);
  if (ready === null) throw new Error("The broker ended before it was ready");
  const end = async (signal: Deno.Signal) => {
    child.kill(signal);
    const [{ code }] = await Promise.all([child.status, ready.rest]);
    return code;
  };
  return {
    native: ready.native,
    kafka: ready.kafka,
    http: ready.http,
    pid: child.pid,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL").then(() => {}),
  };
}
