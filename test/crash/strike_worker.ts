/**
 * Stops a process at a moment of its work on files, in a thread of its own, which
 * is not held up by the load. Stopped, not killed: then nobody else can be hit, and
 * whoever asked finds the files as they are, and kills.
 */
import { isMoment } from "./moments.ts";
import type { Strike } from "./strike.ts";

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Strike>) => void;
  postMessage: (message: boolean) => void;
};

scope.onmessage = ({ data: { pid, directories, moment, afterMs, withinMs, lateMs } }) => {
  wait(afterMs);
  const deadlineMs = performance.now() + withinMs;
  let isSeen = false;
  // Without a pause: some moments last for less than one.
  while (moment !== null && !isSeen && performance.now() < deadlineMs) {
    isSeen = directories.some((directory) => isMoment(directory, moment));
  }
  if (isSeen) wait(lateMs);
  Deno.kill(pid, "SIGSTOP");
  scope.postMessage(isSeen);
};

function wait(ms: number): void {
  if (ms > 0) Atomics.wait(sleeper, 0, 0, ms);
}
