/** The README's table of Kafka APIs, from the files that serve them. */
import { servedApis } from "../../src/kafka/mod.ts";

/** Rows of key, name and versions. */
export function apisTable(): string {
  const rows = servedApis().map(({ key, name, versions: [lowest, highest] }) => (
    `| ${key} | ${name} | ${lowest === highest ? lowest : `${lowest} to ${highest}`} |`
  ));
  return ["| key | API | versions |", "|--:|---|---|", ...rows].join("\n");
}
