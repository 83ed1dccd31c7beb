/**
 * Which groups a command of `kafka-consumer-groups` acts on: those of `--group`,
 * each once, or with `--all-groups` every group of consumers.
 */
import type { GroupListing, Weir } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import type { Context } from "../command.ts";

export async function groupsMeant(weir: Weir, given: Arguments, { signal }: Context): Promise<string[]> {
  if (!given.has("all-groups")) return [...new Set(given.all("group"))];
  return (await weir.admin.listGroups({ signal })).filter(isOfConsumers).map(({ group }) => group);
}

/** Not of another protocol, such as Kafka Connect's; a group that never had members has none yet. */
export function isOfConsumers({ protocolType }: GroupListing): boolean {
  return protocolType === "" || protocolType === "consumer";
}
