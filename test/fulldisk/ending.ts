/** What is left behind must not be when the run is stopped from outside: brokers are killed, disks unmounted. */

const actions = new Set<() => void>();

/** `action` is run if a signal ends the process; the result takes that back. */
export function atSignal(action: () => void): () => void {
  actions.add(action);
  return () => void actions.delete(action);
}

/** Listens for Ctrl-C and SIGTERM from now on. Newest first: a broker goes before the disk it is on. */
export function listenForSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      for (const action of [...actions].reverse()) action();
      Deno.exit(1);
    });
  }
}
