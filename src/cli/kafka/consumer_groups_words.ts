/**
 * How `kafka-consumer-groups` lays out what it prints: the columns and widths of
 * Kafka 4.3's command, `-` where nothing is known, a line begun by a newline
 * where Kafka begins it so. Pure.
 */
import type { GroupStateName, GroupTypeName } from "../../model/mod.ts";

/** A group in a list. */
export interface ListedGroup {
  readonly group: string;
  readonly type: GroupTypeName;
  readonly state: GroupStateName;
}

/** One partition of a group; `null` is not known. */
export interface OffsetRow {
  readonly topic: string | null;
  readonly partition: number | null;
  readonly leaderEpoch: number | null;
  readonly offset: number | null;
  readonly end: number | null;
  /** Of the member that owns it. */
  readonly memberId: string | null;
  readonly clientHost: string | null;
  readonly clientId: string | null;
}

/** One member; what only the new protocol has is `null` in classic groups. */
export interface MemberRow {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientHost: string;
  readonly clientId: string;
  readonly memberEpoch: number | null;
  /** Epoch of the target assignment, of the whole group. */
  readonly targetEpoch: number | null;
  readonly assignment: readonly OwnedTopic[];
  readonly targetAssignment: readonly OwnedTopic[];
  /** False for a classic member of a group that speaks the new protocol. */
  readonly isUpgraded: boolean | null;
}

/** Partitions of one topic. */
export interface OwnedTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** A group as a whole. */
export interface StateRow {
  readonly group: string;
  /** `HOST:PORT  (ID)`. */
  readonly coordinator: string;
  readonly assignor: string;
  readonly state: GroupStateName;
  readonly groupEpoch: number | null;
  readonly assignmentEpoch: number | null;
  readonly memberCount: number;
}

const UNKNOWN = "-";
const WIDTH_MIN = 15;

/** Names alone, or with the columns asked for and a heading. */
export function listText(
  groups: readonly ListedGroup[],
  columns: { readonly type: boolean; readonly state: boolean },
): string {
  if (!columns.type && !columns.state) return groups.map(({ group }) => `${group}\n`).join("");
  const nameWidth = widest(WIDTH_MIN, groups.map(({ group }) => group)) + 10;
  const lineOf = (group: string, type: string, state: string) =>
    group.padEnd(nameWidth) + (columns.type ? ` ${type.padEnd(20)}` : "") +
    (columns.state ? ` ${state.padEnd(20)}` : "") + "\n";
  return lineOf("GROUP", "TYPE", "STATE") +
    groups.map(({ group, type, state }) => lineOf(group, type, state)).join("");
}

/** `--describe --offsets`. */
export function offsetsText(group: string, rows: readonly OffsetRow[], verbose: boolean): string {
  const widths = [
    widest(WIDTH_MIN, [group]),
    widest(WIDTH_MIN, rows.map(({ topic }) => textOf(topic))),
    10,
    ...(verbose ? [15] : []),
    15,
    15,
    15,
    widest(WIDTH_MIN, rows.map(({ memberId }) => textOf(memberId))),
    widest(WIDTH_MIN, rows.map(({ clientHost }) => textOf(clientHost))),
    0,
  ];
  const heading = ["GROUP", "TOPIC", "PARTITION", ...(verbose ? ["LEADER-EPOCH"] : []), "CURRENT-OFFSET"]
    .concat("LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID");
  const lines = rows.map((row) => offsetCells(group, row, verbose));
  return [heading, ...lines].map((cells) => `\n${padded(cells, widths)}`).join("") + "\n";
}

function offsetCells(group: string, row: OffsetRow, verbose: boolean): string[] {
  const lag = row.offset === null || row.end === null ? null : row.end - row.offset;
  const epoch = verbose ? [textOf(row.leaderEpoch)] : [];
  return [group, textOf(row.topic), textOf(row.partition), ...epoch, textOf(row.offset), textOf(row.end)]
    .concat(textOf(lag), textOf(row.memberId), textOf(row.clientHost), textOf(row.clientId));
}

/** `--describe --members`; the column of instance ids is there when a member has one. */
export function membersText(group: string, rows: readonly MemberRow[], verbose: boolean): string {
  const hasInstances = rows.some(({ instanceId }) => instanceId !== null);
  const isMixed = rows.some(({ isUpgraded }) => isUpgraded === true) &&
    rows.some(({ isUpgraded }) => isUpgraded === false);
  const widths = [
    widest(WIDTH_MIN, [group]),
    widest(WIDTH_MIN, rows.map(({ memberId }) => memberId)),
    ...(hasInstances ? [widest(17, rows.map(({ instanceId }) => instanceId ?? ""))] : []),
    widest(WIDTH_MIN, rows.map(({ clientHost }) => clientHost)),
    widest(WIDTH_MIN, rows.map(({ clientId }) => clientId)),
    15,
  ];
  const assigned = (owned: (row: MemberRow) => readonly OwnedTopic[]) =>
    widest(20, rows.map((row) => assignmentText(owned(row))));
  const detailWidths = [15, assigned((row) => row.assignment), 15, assigned((row) => row.targetAssignment)];
  const heading = ["GROUP", "CONSUMER-ID", ...(hasInstances ? ["GROUP-INSTANCE-ID"] : []), "HOST"]
    .concat("CLIENT-ID", "#PARTITIONS");
  const details = ["CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT"]
    .concat(isMixed ? ["UPGRADED"] : []);
  const lineOf = (cells: readonly string[], more: readonly string[]) =>
    `${padded(cells, widths)} ${verbose ? padded(more, detailWidths) : ""}\n`;
  return "\n" + lineOf(heading, details) +
    rows.map((row) => lineOf(memberCells(group, row, hasInstances), memberDetails(row, isMixed))).join("");
}

function memberCells(group: string, row: MemberRow, hasInstances: boolean): string[] {
  const count = row.assignment.reduce((sum, { partitions }) => sum + partitions.length, 0);
  const instance = hasInstances ? [row.instanceId ?? ""] : [];
  return [group, row.memberId, ...instance, row.clientHost, row.clientId, String(count)];
}

function memberDetails(row: MemberRow, isMixed: boolean): string[] {
  const upgraded = isMixed ? [textOf(row.isUpgraded)] : [];
  const targetEpoch = textOf(row.targetEpoch);
  return [
    textOf(row.memberEpoch),
    assignmentText(row.assignment),
    targetEpoch,
    assignmentText(row.targetAssignment),
    ...upgraded,
  ];
}

/** `audit:0;orders:0,1,2`, or `-` for nothing. */
function assignmentText(owned: readonly OwnedTopic[]): string {
  const topics = owned.filter(({ partitions }) => partitions.length > 0).map(({ topic, partitions }) =>
    `${topic}:${partitions.toSorted((a, b) => a - b).join(",")}`
  );
  return topics.length === 0 ? UNKNOWN : topics.sort().join(";");
}

/** `--describe --state`. */
export function stateText(row: StateRow, verbose: boolean): string {
  const widths = [widest(WIDTH_MIN, [row.group]), widest(25, [row.coordinator]), 20, 20]
    .concat(verbose ? [15, 25] : [], 0);
  const heading = ["GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE"]
    .concat(verbose ? ["GROUP-EPOCH", "TARGET-ASSIGNMENT-EPOCH"] : [], "#MEMBERS");
  const cells = [row.group, row.coordinator, row.assignor || UNKNOWN, row.state]
    .concat(
      verbose ? [textOf(row.groupEpoch), textOf(row.assignmentEpoch)] : [],
      String(row.memberCount),
    );
  return `\n${padded(heading, widths)}\n${padded(cells, widths)}\n`;
}

/** What is said of a group's state beside the table, or `null`. */
export function stateWarning(group: string, state: GroupStateName): string | null {
  if (state === "Empty") return `\nConsumer group '${group}' has no active members.`;
  if (state === "Stable" || state === "Dead") return null;
  return `\nWarning: Consumer group '${group}' is rebalancing.`;
}

function textOf(value: string | number | boolean | null): string {
  return value === null ? UNKNOWN : String(value);
}

/** The length of the longest text, at least `minimum`. */
export function widest(minimum: number, texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), minimum);
}

/** Cells one blank apart; one without a width, or with 0, stands as it is. */
export function padded(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" ");
}
