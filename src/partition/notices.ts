/**
 * What logs have to say to the operator: that something was repaired, or found to
 * be damaged. Taken after whatever may have brought it up, told once.
 */
import type { ShardInput, ShardOutput } from "../model/mod.ts";
import type { HostedLog } from "./hosted_log.ts";

/** The sentences of one log since it was last asked. */
export function noticesOf({ handle, log }: HostedLog): ShardOutput[] {
  return log.takeNotices().map((text) => ({ kind: "notice", handle, text }));
}

/** The sentences of the logs that `inputs` were about: a read may repair an index. */
export function noticesOfRead(
  inputs: readonly ShardInput[],
  hosts: ReadonlyMap<number, HostedLog>,
): ShardOutput[] {
  const notices: ShardOutput[] = [];
  for (const input of inputs) {
    const read = input.kind === "fetch" ? input.entries : "handle" in input ? [input] : [];
    for (const { handle } of read) {
      const host = hosts.get(handle);
      if (host !== undefined) notices.push(...noticesOf(host));
    }
  }
  return notices;
}
