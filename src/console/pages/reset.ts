/**
 * Moves a group's committed offsets: chosen first, shown next as they would be,
 * and only then done, exactly as shown. A group with members is left alone, for
 * they would write over it.
 */
import { html } from "hono/html";
import { assert } from "../../model/mod.ts";
import { failed } from "../failure.ts";
import type { ConsoleView } from "../view.ts";
import { select, topicChoice } from "./choices.ts";
import { field, goTo, labelled, readForm, type Wrong, wrongOf } from "./form.ts";
import { type GroupFacts, groupNamed, groupPath } from "./group_facts.ts";
import {
  crumbs,
  heading,
  type Html,
  mayChange,
  type PageContext,
  readOnly,
  show,
  type Site,
  table,
} from "./layout.ts";
import { problem } from "./notices.ts";
import { type Move, movesText, planMoves, readMoves, TARGETS } from "./reset_plan.ts";
import { count, counted } from "./words.ts";

/** Rows of a preview; what is left out is counted all the same. */
const ROWS_MAX = 200;

/** The form, and under it what would come of it. */
export async function resetPage(
  site: Site,
  context: PageContext,
  refusal: Wrong | null = null,
): Promise<Response> {
  const query = new URL(context.req.url).searchParams;
  const facts = await groupNamed(site.view, query.get("id") ?? "");
  let wrong = refusal;
  let moves: Move[] | null = null;
  try {
    if (query.has("to")) moves = await planMoves(site.view, facts, query);
  } catch (error) {
    wrong ??= wrongOf(error);
  }
  const name = facts.group.group;
  const body = html`${heading("Reset offsets", "", crumbs(["Groups", "/groups"], [name, groupPath(name)]))}${
    problem(wrong)
  }
${facts.group.members.length > 0 ? hasMembers() : ""}
${
    mayChange(site)
      ? html`${chooser(site, facts, query, wrong)}${moves === null ? "" : preview(facts, moves, query)}`
      : readOnly()
  }`;
  const status = wrong?.status ?? 200;
  return await show(site, context, { title: `Reset ${name}`, section: "Groups", body, status });
}

function hasMembers(): Html {
  return html`
    <p class="notice">The group has members, who would write over what is set here. Stop its consumers first.</p>
  `;
}

function chooser({ view }: Site, facts: GroupFacts, query: URLSearchParams, wrong: Wrong | null): Html {
  const given = (name: string, other = "") => query.get(name) ?? other;
  const { choices, none } = topicsOf(view, facts);
  return html`
    <form method="get" action="/group/reset"
      class="controls card"><input type="hidden" name="id" value="${facts.group.group}">
    ${labelled(
      { label: "Topic", name: "topic", wrong },
      (attributes) => topicChoice(choices, none, given("topic"), attributes),
    )}
    ${labelled({ label: "Partition", name: "partition", wrong }, (attributes) =>
      html`
        <input name="partition" value="${given(
          "partition",
        )}" inputmode="numeric" placeholder="all" autocomplete="off"
          ${attributes}>
      `)}
    <label>To ${select("to", TARGETS, given("to", "earliest"))}</label>
    ${labelled({ label: "Offset, time or number", name: "at", wrong }, (attributes) =>
      html`
        <input name="at" value="${given(
          "at",
        )}" placeholder="0, 2026-01-31 or -100" autocomplete="off" spellcheck="false"
          ${attributes}>
      `)}
    <button type="submit" class="primary">Preview</button></form>
  `;
}

/** The topics to choose from: those the group has read, then all others. */
function topicsOf(view: ConsoleView, { lags }: GroupFacts): { choices: string[][]; none: string } {
  const own = [...new Set(lags.map(({ topic }) => topic))];
  const others = [...view.image().topics.values()]
    .filter(({ name, internal }) => !internal && !own.includes(name)).map(({ name }) => name).sort();
  const choices = [
    ...own.map((name) => [name, name]),
    ...others.map((name) => [name, `${name} (nothing committed)`]),
  ];
  return { choices, none: own.length > 0 ? "All it has read" : "" };
}

function preview({ group }: GroupFacts, moves: readonly Move[], query: URLSearchParams): Html {
  const left = moves.length - ROWS_MAX;
  const head = ["Topic", "#Partition", "#Now", "#Then", "#Change", "#Lag then"];
  return html`<section class="card form" aria-label="Preview"><h2>What would change</h2>
${table("Preview of the reset", head, moves.slice(0, ROWS_MAX).map(rowOf))}
${left > 0 ? html`<p class="words">${counted(left, "partition")} more, not shown</p>` : ""}
<p>${summary(moves)}</p>
<form method="post" action="/group/reset?${query.toString()}">
<input type="hidden" name="moves" value="${movesText(moves)}">
<div class="line"><button type="submit" class="danger" ${
    group.members.length > 0 ? html`disabled` : ""
  }>Reset the offsets</button>
<a class="button" href="${groupPath(group.group)}">Leave them</a></div></form></section>`;
}

function rowOf({ topic, partition, before, after, end }: Move): Html {
  const step = `${after > before ? "+" : "−"}${count(Math.abs(after - before))}`;
  const change = before < 0 ? "new" : after === before ? "stays" : step;
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
}

function summary(moves: readonly Move[]): string {
  let [again, passed] = [0, 0];
  for (const { before, after } of moves) {
    if (before < 0) continue;
    again += Math.max(0, before - after);
    passed += Math.max(0, after - before);
  }
  return `${counted(again, "record")} would be read again, ${count(passed)} would be passed over.`;
}

/** Does what the preview showed. */
export async function reset(site: Site, context: PageContext): Promise<Response> {
  const form = await readForm(site, context);
  const group = context.req.query("id") ?? "";
  try {
    const reply = await site.view.ask({
      kind: "commit_offsets",
      group,
      memberId: "",
      instanceId: null,
      generation: -1,
      retentionMs: -1,
      knowsMemberEpochs: true,
      entries: readMoves(field(form, "moves")),
    });
    if (reply.kind === "failed") throw failed(reply.fault);
    assert(reply.kind === "offsets_committed", "offsets are committed when they are told to be");
    const wrong = reply.entries.find(({ fault }) => fault !== null);
    if (wrong !== undefined) throw failed(wrong.fault!);
    return goTo(context, groupPath(group), "group-reset");
  } catch (error) {
    return await resetPage(site, context, wrongOf(error));
  }
}
