/**
 * How consumer groups look on a terminal: the tables of `group list`, `group
 * describe` and `group reset`. Pure.
 */
import type { GroupDetail, GroupLag, GroupListing, GroupMember, GroupReset } from "../client/mod.ts";
import { type Column, countOf, formatTable } from "./format.ts";

const left = (heading: string): Column => ({ heading, align: "left" });
const right = (heading: string): Column => ({ heading, align: "right" });

/** A line a group. */
export function listGroupsText(groups: readonly GroupListing[]): string {
  const rows = groups.map(({ group, state, type }) => [group, state, protocolText(type)]);
  return formatTable([left("group"), left("state"), left("protocol")], rows);
}

/** The whole description: a line on the group, its partitions, its members. `width` is the terminal's, in characters. */
export function describeGroupText(
  detail: GroupDetail,
  lags: readonly GroupLag[],
  width: number,
): string {
  const { group, state, members, coordinator } = detail;
  const assignor = detail.assignor === "" ? "" : `, assignor ${detail.assignor}`;
  const epoch = detail.type === "Classic" ? "generation" : "epoch";
  const head = `${group}: ${state}, ${countOf(members.length, "member")}, ${lagText(lags)}\n` +
    `${protocolText(detail.type)} protocol, ${epoch} ${detail.epoch}${assignor}, ` +
    `coordinator ${coordinator.host}:${coordinator.port} (broker ${coordinator.node})\n`;
  const parts = [head];
  if (lags.length > 0) parts.push(fitted(LAG_COLUMNS, lags.map(lagCells), width, 2));
  if (members.length > 0) parts.push(membersTable(members, width));
  return parts.join("\n");
}

const LAG_COLUMNS = [
  left("topic"),
  right("partition"),
  right("committed"),
  right("end"),
  right("lag"),
  right("seconds"),
  left("member"),
  left("host"),
  left("client"),
];

function lagCells({ topic, partition, committed, end, records, behindMs, owner }: GroupLag): string[] {
  const offset = (value: number) => value < 0 ? "-" : String(value);
  return [
    topic,
    String(partition),
    offset(committed),
    offset(end),
    records === null ? "-" : String(records),
    behindMs === null ? "-" : secondsText(behindMs),
    owner?.memberId ?? "-",
    owner === null ? "-" : hostText(owner),
    owner?.clientId || "-",
  ];
}

const MEMBER_COLUMNS = [
  left("member"),
  left("instance"),
  right("partitions"),
  left("host"),
  left("client"),
  left("owns"),
];

/** Who is in the group; what each of them speaks is a column while they do not all speak the same. */
function membersTable(members: readonly GroupMember[], width: number): string {
  const isMixed = new Set(members.map(({ protocol }) => protocol)).size > 1;
  if (!isMixed) return fitted(MEMBER_COLUMNS, members.map(memberCells), width, 0);
  const rows = members.map((member) => memberCells(member).toSpliced(1, 0, member.protocol));
  return fitted(MEMBER_COLUMNS.toSpliced(1, 0, left("protocol")), rows, width, 0);
}

function memberCells(member: GroupMember): string[] {
  const { memberId, instanceId, clientId, assignment } = member;
  return [
    memberId,
    instanceId ?? "-",
    String(assignment.length),
    hostText(member),
    clientId || "-",
    ownedText(assignment),
  ];
}

/** `audit 0, orders 0-2,5`; `nothing` for a member that waits. */
function ownedText(assignment: GroupMember["assignment"]): string {
  const topics = [...Map.groupBy(assignment, ({ topic }) => topic)].sort(([one], [other]) =>
    one < other ? -1 : 1
  );
  const texts = topics.map(([topic, owned]) =>
    `${topic} ${rangesText(owned.map(({ partition }) => partition).sort((one, other) => one - other))}`
  );
  return texts.join(", ") || "nothing";
}

/** Sorted numbers, neighbours as ranges: `0-2,5`. */
export function rangesText(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range !== undefined && number === range[1] + 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => first === last ? `${first}` : `${first}-${last}`).join(",");
}

const RESET_COLUMNS = [left("topic"), right("partition"), right("before"), right("now")];

/** What a reset changes, partition by partition. */
export function resetGroupText(resets: readonly GroupReset[]): string {
  const rows = resets.map(({ topic, partition, before, offset }) => {
    return [topic, String(partition), before < 0 ? "-" : String(before), String(offset)];
  });
  return formatTable(RESET_COLUMNS, rows);
}

/** How far behind the group is in all, in records and in time, and where that cannot be said. */
function lagText(lags: readonly GroupLag[]): string {
  const unknown = lags.filter(({ records }) => records === null).length;
  if (unknown === lags.length) return "nothing committed";
  const records = lags.reduce((sum, lag) => sum + (lag.records ?? 0), 0);
  const behindMs = Math.max(...lags.map((lag) => lag.behindMs ?? 0));
  const text = records === 0
    ? "not behind"
    : `${countOf(records, "record")} and ${secondsText(behindMs)} s behind`;
  return unknown === 0 ? text : `${text}, ${countOf(unknown, "partition")} without a commit`;
}

function secondsText(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function protocolText(type: GroupDetail["type"]): string {
  return type.toLowerCase();
}

/** Kafka shows addresses with a slash before them. */
function hostText({ clientHost }: GroupMember): string {
  return clientHost.replace(/^\//, "") || "-";
}

const MEMBER_ID_WIDTH_MIN = 9;

/**
 * The table for a terminal: where it is too wide, member ids are shortened in the middle; where that is not enough,
 * the last columns are left out, `spare` of them at most.
 */
function fitted(columns: readonly Column[], rows: readonly string[][], width: number, spare: number): string {
  const text = formatTable(columns, rows);
  const over = widthOf(text) - width;
  if (over <= 0) return text;
  const at = columns.findIndex(({ heading }) => heading === "member");
  const longest = Math.max(...rows.map((row) => row[at]!.length));
  const room = Math.max(MEMBER_ID_WIDTH_MIN, longest - over);
  const shorter = formatTable(columns, rows.map((row) => row.with(at, shortened(row[at]!, room))));
  if (widthOf(shorter) <= width || spare === 0) return shorter;
  return fitted(columns.slice(0, -1), rows.map((row) => row.slice(0, -1)), width, spare - 1);
}

function widthOf(table: string): number {
  return Math.max(...table.split("\n").map((line) => line.length));
}

function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const tail = Math.floor((length - 1) / 2);
  return `${text.slice(0, length - 1 - tail)}…${text.slice(text.length - tail)}`;
}
