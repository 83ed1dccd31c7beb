/** The real broker as a process of its own, on free ports, for tests. */

export interface BrokerProcess {
  /** `HOST:PORT` of the native door. */
  readonly native: string;
  /** `HOST:PORT` of the Kafka door; `off` unless asked for. */
  readonly kafka: string;
  readonly pid: number;
  /** SIGTERM; resolves with the exit code once it ended. */
  stop(): Promise<number>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
}

const MAIN = new URL("../main.ts", import.meta.url);

/** Starts a broker on `data` and does not wait for it. The Kafka door is off unless `kafka` says where. */
export function spawnProcess(
  data: string,
  settings: readonly string[] = [],
  kafka: string = "off",
): Deno.ChildProcess {
  const doors = ["--kafka", kafka, "--native", "127.0.0.1:0", "--http", "off"];
  const sets = settings.flatMap((setting) => ["--set", setting]);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-all", MAIN.pathname, "broker", "--data", data, ...doors, ...sets],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Starts a broker on `data` and waits for its ready line. Throws with what it wrote when it ends first. */
export async function startProcess(
  data: string,
  settings: readonly string[] = [],
  kafka: string = "off",
): Promise<BrokerProcess> {
  const child = spawnProcess(data, settings, kafka);
  const reader = child.stdout.getReader();
  let words = "";
  while (!words.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The broker ended before it was ready: ${words}`);
    words += new TextDecoder().decode(value);
  }
  const native = /native=(\S+)/.exec(words)?.[1];
  if (native === undefined) throw new Error(`No native address in "${words}"`);
  const end = async (signal: Deno.Signal) => {
    child.kill(signal);
    const { code } = await child.status;
    await reader.cancel();
    return code;
  };
  return {
    native,
    kafka: /kafka=(\S+)/.exec(words)?.[1] ?? "off",
    pid: child.pid,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL").then(() => {}),
  };
}
