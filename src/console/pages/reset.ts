/**
 * Moves a group's committed offsets: chosen first, shown next as they would be,
 * and only then done, exactly as shown. A group with members is left alone, for
 * they would write over it.
 */
import { html } from "hono/html";
import { assert, type OffsetToCommit } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import { findPositions } from "../records/positions.ts";
import type { Lag } from "../groups.ts";
import { readOnly } from "./change_topic.ts";
import { field, goTo, readForm } from "./form.ts";
import { type GroupFacts, groupNamed, groupPath } from "./group_facts.ts";
import { crumbs, heading, type Html, mayChange, type PageContext, show, type Site, table } from "./layout.ts";
import { select } from "./messages.ts";
import { problem } from "./notices.ts";
import { count } from "./words.ts";

const TARGETS = [
  ["earliest", "The oldest record"],
  ["latest", "The end"],
  ["offset", "An offset"],
  ["time", "A time"],
  ["shift", "So many records on or back"],
] as const;
type Target = typeof TARGETS[number][0];

/** One partition's move. */
interface Move {
  readonly topic: string;
  readonly partition: number;
  /** −1: nothing was committed. */
  readonly before: number;
  readonly after: number;
  readonly end: number;
}

/** The form, and under it what would come of it. */
export async function resetPage(
  site: Site,
  context: PageContext,
  wrong: string | null = null,
): Promise<Response> {
  const facts = await groupNamed(site.view, context.req.query("id") ?? "");
  const query = new URL(context.req.url).searchParams;
  let moves: Move[] | null = null;
  try {
    if (query.has("to")) moves = await plan(site, facts, query);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    wrong ??= error.message;
  }
  const name = facts.group.group;
  const body = html`${heading("Reset offsets", "", crumbs(["Groups", "/groups"], [name, groupPath(name)]))}${
    problem(wrong)
  }
${
    facts.group.members.length > 0
      ? html`<p class="notice">The group has members, who would write over what is set here. Stop its consumers first.</p>`
      : ""
  }
${
    mayChange(site)
      ? html`${chooser(site, facts, query)}${moves === null ? "" : preview(facts, moves)}`
      : readOnly()
  }`;
  const status = wrong === null ? 200 : 400;
  return await show(site, context, { title: `Reset ${name}`, section: "Groups", body, status });
}

function chooser({ view }: Site, { group, lags }: GroupFacts, query: URLSearchParams): Html {
  const topics = [...view.image().topics.values()].filter(({ internal }) => !internal).map(({ name }) => name)
    .sort();
  const own = [...new Set(lags.map(({ topic }) => topic))];
  const choices = [
    ...(own.length > 0 ? [["", "All it has read"]] : []),
    ...own.map((name) => [name, name]),
    ...topics.filter((name) => !own.includes(name)).map((name) => [name, `${name} (nothing committed)`]),
  ];
  return html`
    <form method="get" action="/group/reset"
      class="controls card"><input type="hidden" name="id" value="${group.group}">
    <label>Topic ${select("topic", choices, query.get("topic") ?? "")}</label>
    <label>Partition <input name="partition" value="${query.get("partition") ??
      ""}" inputmode="numeric" placeholder="all" autocomplete="off"></label>
    <label>To ${select("to", TARGETS, query.get("to") ?? "earliest")}</label>
    <label>Offset, time or number <input name="at" value="${query.get("at") ??
      ""}" placeholder="0, 2026-01-31 or -100" autocomplete="off" spellcheck="false"></label>
    <button type="submit" class="primary">Preview</button></form>
  `;
}

/** Where each partition would go. */
async function plan({ view }: Site, { lags }: GroupFacts, query: URLSearchParams): Promise<Move[]> {
  const topicWanted = query.get("topic") ?? "";
  const partitionText = (query.get("partition") ?? "").trim();
  if (!/^\d{0,6}$/.test(partitionText)) {
    throw new RequestError(400, `Partition "${partitionText}" is no number`);
  }
  const names = topicWanted === "" ? [...new Set(lags.map(({ topic }) => topic))] : [topicWanted];
  const target = { to: (query.get("to") ?? "earliest") as Target, at: (query.get("at") ?? "").trim() };
  const moves: Move[] = [];
  for (const name of names) {
    const topic = view.image().topics.get(name);
    if (topic === undefined) throw new RequestError(40403, `Topic "${name}" does not exist`);
    const own = lags.filter(({ topic, partition }) =>
      topic === name && (partitionText === "" || partition === Number(partitionText))
    );
    const partitions = partitionText !== ""
      ? [Number(partitionText)]
      : topicWanted === "" || own.length > 0
      ? own.map(({ partition }) => partition)
      : topic.partitions.map(({ partition }) => partition);
    for (const partition of partitions) {
      const committed = own.find((lag) => lag.partition === partition);
      moves.push(await move({ view } as Site, name, partition, committed, target));
    }
  }
  if (moves.length === 0) {
    throw new RequestError(400, "The group has committed nothing there: choose a topic");
  }
  return moves;
}

async function move(
  { view }: Site,
  name: string,
  partition: number,
  committed: Lag | undefined,
  { to, at }: { to: Target; at: string },
): Promise<Move> {
  const topic = view.image().topics.get(name)!;
  const find = async (offset: string, time: string | null = null) => {
    const found = await findPositions(view, topic, { partition, offset, time, positions: null });
    return found.get(partition)!;
  };
  const [start, end] = [await find("earliest"), await find("latest")];
  const before = committed?.committedOffset ?? -1;
  const within = (offset: number) => Math.min(end, Math.max(start, offset));
  const number = /^[-+]?\d{1,15}$/.test(at) ? Number(at) : null;
  if (to === "earliest") return { topic: name, partition, before, after: start, end };
  if (to === "latest") return { topic: name, partition, before, after: end, end };
  if (to === "time") {
    if (at === "") throw new RequestError(400, "Type the time to go to, such as 2026-01-31T12:00Z");
    return { topic: name, partition, before, after: await find("earliest", at), end };
  }
  if (number === null) throw new RequestError(400, `"${at}" must be a whole number`);
  if (to === "offset") return { topic: name, partition, before, after: within(number), end };
  return { topic: name, partition, before, after: within((before < 0 ? start : before) + number), end };
}

function preview({ group }: GroupFacts, moves: readonly Move[]): Html {
  const rows = moves.map(({ topic, partition, before, after, end }) => {
    const change = before < 0
      ? "new"
      : after === before
      ? "stays"
      : `${after > before ? "+" : "−"}${count(Math.abs(after - before))}`;
    return html`
      <tr>
        <th scope="row">${topic}</th>
        <td class="number">${partition}</td>
        <td class="number">${before < 0 ? "–" : count(before)}</td>
        <td class="number strong">${count(after)}</td>
        <td class="number">${change}</td>
        <td class="number">${count(Math.max(0, end - after))}</td>
      </tr>
    `;
  });
  const again = moves.filter(({ before, after }) => before > after).reduce(
    (sum, { before, after }) => sum + before - after,
    0,
  );
  const passed = moves.filter(({ before, after }) => before >= 0 && after > before)
    .reduce((sum, { before, after }) => sum + after - before, 0);
  return html`<section class="card form" aria-label="Preview"><h2>What would change</h2>
${table("Preview of the reset", ["Topic", "#Partition", "#Now", "#Then", "#Change", "#Lag then"], rows)}
<p>${count(again)} records would be read again, ${count(passed)} would be passed over.</p>
<form method="post" action="${
    groupPath(group.group, "/reset")
  }"><input type="hidden" name="id" value="${group.group}">
<input type="hidden" name="moves" value="${
    JSON.stringify(moves.map(({ topic, partition, after }) => [topic, partition, after]))
  }">
<div class="line"><button type="submit" class="danger" ${
    group.members.length > 0 ? html`disabled` : ""
  }>Reset the offsets</button>
<a class="button" href="${groupPath(group.group)}">Leave them</a></div></form></section>`;
}

/** Does what the preview showed. */
export async function reset(site: Site, context: PageContext): Promise<Response> {
  const form = await readForm(site, context);
  const group = form.get("id") ?? "";
  try {
    const entries = movesOf(field(form, "moves"));
    const reply = await site.view.ask({
      kind: "commit_offsets",
      group,
      memberId: "",
      instanceId: null,
      generation: -1,
      retentionMs: -1,
      knowsMemberEpochs: true,
      entries,
    });
    if (reply.kind === "failed") throw failed(reply.fault);
    assert(reply.kind === "offsets_committed", "offsets are committed when they are told to be");
    const wrong = reply.entries.find(({ fault }) => fault !== null);
    if (wrong !== undefined) throw failed(wrong.fault!);
    return goTo(context, groupPath(group), "group-reset");
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return await resetPage(site, context, error.message);
  }
}

function movesOf(text: string): OffsetToCommit[] {
  let moves: unknown;
  try {
    moves = JSON.parse(text);
  } catch {
    moves = null;
  }
  const isMove = (move: unknown): move is [string, number, number] =>
    Array.isArray(move) && typeof move[0] === "string" && Number.isSafeInteger(move[1]) &&
    Number.isSafeInteger(move[2]);
  if (!Array.isArray(moves) || moves.length === 0 || !moves.every(isMove)) {
    throw new RequestError(400, "The form does not say what to reset: preview it first");
  }
  return moves.map(([topic, partition, offset]) => ({
    topic,
    partition,
    offset,
    leaderEpoch: -1,
    metadata: null,
  }));
}
