/**
 * Child processes of a macro benchmark, and what the operating system says of
 * them: CPU seconds and memory from /proc, where there is one.
 */

/** A child that printed its ready line. */
export interface Child {
  readonly pid: number;
  /** The first line it printed. */
  readonly ready: string;
  /** Milliseconds from the spawn to that line. */
  readonly readyMs: number;
  /** SIGTERM, then waits; gives the exit code. */
  stop(): Promise<number>;
}

const REPOSITORY = new URL("../../", import.meta.url);

/** Runs a module of this repository with `args` and waits for its first line. */
export async function runModule(path: string, args: readonly string[]): Promise<Child> {
  const startedMs = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-all",
      "--unstable-net",
      new URL(path, REPOSITORY).pathname,
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  let ready = "";
  while (!ready.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`"${path}" ended before it was ready`);
    ready += new TextDecoder().decode(value);
  }
  const readyMs = performance.now() - startedMs;
  return {
    pid: child.pid,
    ready: ready.slice(0, ready.indexOf("\n")),
    readyMs,
    async stop() {
      child.kill("SIGTERM");
      const { code } = await child.status;
      await reader.cancel();
      return code;
    },
  };
}

/** A broker on free ports with its data in `data`; gives the native port, too, and others where `kafka` and `http` say so. */
export async function runBroker(
  data: string,
  settings: readonly string[] = [],
  kafka = "off",
  http = "off",
): Promise<Child & { port: number; kafkaPort: number }> {
  const sets = settings.flatMap((setting) => ["--set", setting]);
  const doors = ["--kafka", kafka, "--native", "127.0.0.1:0", "--http", http];
  const child = await runModule("main.ts", ["broker", "--data", data, ...doors, ...sets]);
  const portOf = (door: string) =>
    Number(new RegExp(`${door}=127\\.0\\.0\\.1:(\\d+)`).exec(child.ready)?.[1]);
  return { ...child, port: portOf("native"), kafkaPort: portOf("kafka") };
}

/**
 * Runs one case in a directory of its own below `directory`, which goes when it is over; what it wrote is on
 * the device then, so that no case pays for the one before.
 */
export async function inDirectory<Result>(
  directory: string,
  run: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await Deno.makeTempDir({ dir: directory });
  try {
    return await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
    if (Deno.build.os !== "windows") await new Deno.Command("sync").output();
  }
}

/** The same machine's bare TCP <-> file pump; see pump.ts for its modes. */
export async function runPump(
  mode: string,
  directory: string,
  bytes: number,
): Promise<Child & { port: number }> {
  const child = await runModule("bench/macro/pump.ts", [mode, directory, String(bytes)]);
  return { ...child, port: Number(child.ready) };
}

/** CPU seconds a process has used so far, user and system; NaN where /proc is missing. */
export function cpuSeconds(pid: number): number {
  try {
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return NaN;
  }
}

/** Resident memory of a process in MB, now and at its highest; NaN where /proc is missing. */
export function memoryMb(pid: number): { now: number; peak: number } {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/status`);
    const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1]) / 1024;
    return { now: read("VmRSS"), peak: read("VmHWM") };
  } catch {
    return { now: NaN, peak: NaN };
  }
}

/** Memory of a process that is its own, in MB: no file's pages; NaN where /proc is missing. */
export function anonymousMb(pid: number): number {
  return numberIn(`/proc/${pid}/status`, /RssAnon:\s+(\d+)/) / 1_024;
}

/** What the kernel holds for the sockets of the whole machine, in MB; NaN where /proc is missing. */
export function socketMb(): number {
  return numberIn("/proc/net/sockstat", /TCP: .* mem (\d+)/) * 4_096 / 1e6;
}

function numberIn(path: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(Deno.readTextFileSync(path))?.[1]);
  } catch {
    return NaN;
  }
}
