/**
 * Programs of other languages, run to their end: bounded in time, killed by process id when they take longer,
 * every word they said kept. Called by the suites of this folder and by bench/peers.
 */

/** How a program ended. `code` is 137 when it took too long. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Extras {
  readonly input?: string | undefined;
  readonly environment?: Record<string, string>;
  readonly directory?: string;
  /** Two minutes unless told otherwise. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 120_000;

/** Runs `program WORDS...` and gives what it said. Throws `Deno.errors.NotFound` where it is not installed. */
export async function run(program: string, words: readonly string[], extras: Extras = {}): Promise<Ended> {
  const child = new Deno.Command(program, {
    args: [...words],
    stdin: extras.input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(extras.environment ? { env: extras.environment } : {}),
    ...(extras.directory ? { cwd: extras.directory } : {}),
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), extras.timeoutMs ?? TIMEOUT_MS);
  try {
    const [output] = await Promise.all([child.output(), feed(child, extras.input)]);
    const decoder = new TextDecoder();
    return {
      code: output.code,
      stdout: decoder.decode(output.stdout),
      stderr: decoder.decode(output.stderr),
    };
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a program is installed; it is asked with `words`, and must end well. */
export async function isInstalled(program: string, words: readonly string[]): Promise<boolean> {
  try {
    return (await run(program, words)).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function feed(child: Deno.ChildProcess, input: string | undefined): Promise<void> {
  if (input === undefined) return;
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch {
    // It ended before it read everything: its status tells.
  }
}
