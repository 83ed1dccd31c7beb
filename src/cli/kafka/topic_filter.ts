/**
 * Names of topics as Kafka's tools take them: a regular expression that must
 * match the whole name, several of them parted by commas. A plain name is one
 * too, so `my.topic` means `my-topic` besides; `my\.topic` does not. Pure.
 */
import { CommandError } from "../command.ts";

/**
 * The test for a list of names and patterns. Throws {@linkcode CommandError} for one that is no pattern.
 *
 * @example
 * ```ts
 * topicFilter("orders,audit-.*")("audit-2026"); // true
 * ```
 */
export function topicFilter(list: string): (name: string) => boolean {
  const alternatives = list.trim().replaceAll(",", "|").replaceAll(" ", "").replace(/^["']+|["']+$/g, "");
  return wholeMatch(alternatives);
}

/** The test for one pattern, taken as it is. */
export function wholeMatch(pattern: string): (name: string) => boolean {
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new CommandError(`${pattern} is an invalid regex.`);
  }
  return (name) => expression.test(name);
}
