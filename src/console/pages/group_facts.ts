/** What the pages know of a group: its members, what they own, and how far it is behind. */
import type { GroupDescription } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import { type Lag, lagsOf } from "../groups.ts";
import type { ConsoleView } from "../view.ts";
import { rowsFrom } from "./paging.ts";
import { count } from "./words.ts";

export interface GroupFacts {
  readonly group: GroupDescription;
  readonly lags: readonly Lag[];
}

/** The group, or 404. */
export async function groupNamed(view: ConsoleView, name: string): Promise<GroupFacts> {
  const reply = await view.ask({ kind: "describe_groups", groups: [name] });
  if (reply.kind === "failed") throw failed(reply.fault);
  const group = reply.kind === "groups_described" ? reply.groups[0] : undefined;
  if (group === undefined || group.state === "Dead") {
    throw new RequestError(404, `Consumer group "${name}" does not exist`);
  }
  if (group.fault !== null) throw failed(group.fault);
  const lags = await lagsOf(view, group);
  if ("code" in lags) throw failed(lags);
  return { group, lags };
}

/** Records the group has still to read. */
export function totalLag(lags: readonly Lag[]): number {
  return lags.reduce((sum, { lag }) => sum + lag, 0);
}

/** The texts of a group's page that change; `first`: of a page of its partitions, not a number for none. */
export function lagNumbers({ group, lags }: GroupFacts, first: number): Record<string, string> {
  const numbers: Record<string, string> = {
    "group lag": count(totalLag(lags)),
    "group state": stateWords(group),
    "group members": count(group.members.length),
  };
  for (const { topic, partition, lag, committedOffset, endOffset } of rowsFrom(lags, first)) {
    numbers[`behind ${topic} ${partition}`] = count(lag);
    numbers[`committed ${topic} ${partition}`] = count(committedOffset);
    numbers[`end ${topic} ${partition}`] = count(endOffset < 0 ? NaN : endOffset);
  }
  return numbers;
}

/** A group's state in words: `Preparing rebalance`. */
export function stateWords({ state }: Pick<GroupDescription, "state">): string {
  const words = state.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Where a group's page lies: in the query, for an id may hold anything. */
export function groupPath(group: string, page: "" | "/reset" | "/delete" = ""): string {
  return `/group${page}?${new URLSearchParams({ id: group })}`;
}
