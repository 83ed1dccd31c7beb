/**
 * Ctrl-C and SIGTERM: the first asks the command to finish what it began, the
 * second ends the process at once. Only the process's entry (`mod.ts`) calls it.
 */
import type { Output } from "./output.ts";

/** Status of a process ended by the second signal: 128 + SIGINT, as shells count. */
const FORCED_STATUS = 130;

/** A signal that aborts at the first Ctrl-C or SIGTERM, and a way to stop listening; `speaks` says so on standard error. */
export function listenForStop(
  output: Output,
  speaks = true,
): { readonly signal: AbortSignal; close(): void } {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) Deno.exit(FORCED_STATUS);
    controller.abort(new DOMException("Stopped by a signal", "AbortError"));
    if (speaks) output.note("Stopping, press Ctrl-C again to stop at once");
  };
  const names: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const name of names) Deno.addSignalListener(name, stop);
  return {
    signal: controller.signal,
    close() {
      for (const name of names) Deno.removeSignalListener(name, stop);
    },
  };
}
