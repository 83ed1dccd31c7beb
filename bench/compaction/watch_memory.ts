/** The broker's memory while something lasts, looked at several times a second. */
const LOOK_INTERVAL_MS = 100;

/**
 * Anonymous memory of a process in MB: all it allocated, without the pages of log files that it has mapped, which the
 * operating system may drop. NaN where /proc is missing.
 */
function anonymousMb(pid: number): number {
  try {
    return Number(/RssAnon:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]) / 1_024;
  } catch {
    return NaN;
  }
}

/** Runs `work` and gives the highest that was seen meanwhile, with what `work` gave. */
export async function watchMemory<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; maxMb: number }> {
  let maxMb = anonymousMb(pid);
  const timer = setInterval(() => maxMb = Math.max(maxMb, anonymousMb(pid)), LOOK_INTERVAL_MS);
  try {
    return { result: await work(), maxMb };
  } finally {
    clearInterval(timer);
  }
}
