/** Consumer groups: all of them, and one with its members, what they own, and how far it is behind over time. */
import { html } from "hono/html";
import type { GroupDescription } from "../../model/mod.ts";
import { type Lag, membersOf } from "../groups.ts";
import { type GroupFacts, groupNamed, groupPath, stateWords, totalLag } from "./group_facts.ts";
import {
  chart,
  crumbs,
  empty,
  heading,
  type Html,
  mayChange,
  type PageContext,
  show,
  type Site,
  table,
  tile,
} from "./layout.ts";
import { numberOf } from "./live.ts";
import { pageOf, type PageOfRows } from "./paging.ts";
import { topicPath } from "./topics.ts";
import { count, counted } from "./words.ts";

/** Members shown of one group. */
const MEMBERS_MAX = 200;
/** Partitions named in a member's row. */
const NAMED_MAX = 12;

/** All groups. */
export async function groups(site: Site, context: PageContext): Promise<Response> {
  const { view, pulse } = site;
  await pulse.look();
  const wanted = (context.req.query("find") ?? "").trim();
  const all = [...await view.groups()].sort((a, b) => a.group < b.group ? -1 : 1);
  const found = all.filter(({ group }) => group.toLowerCase().includes(wanted.toLowerCase()));
  const { rows, foot } = pageOf(context, found, "group");
  const body = html`${heading("Consumer groups")}
<form class="line" method="get" role="search"><label>Find a group
<input type="search" name="find" value="${wanted}" placeholder="part of its id" autocomplete="off" spellcheck="false"></label>
<button type="submit">Find</button></form>
${all.length > 0 ? chart("lag", "Lag", "count", "Records the groups furthest behind have still to read") : ""}
${rows.length === 0 ? nothing(wanted) : html`${rowsOf(site, rows)}${foot}`}`;
  return await show(site, context, { title: "Groups", section: "Groups", body, scripts: ["charts.js"] });
}

function nothing(wanted: string): Html {
  return wanted === ""
    ? empty(
      "No consumer group yet",
      html`Start a consumer with a group id, for example <code>weir consume TOPIC --group my-group</code>.`,
    )
    : empty(`No group has "${wanted}" in its id`, html`<a href="/groups">Show all groups</a>`);
}

function rowsOf({ pulse }: Site, groups: readonly GroupDescription[]): Html {
  const rows = groups.map((group) =>
    html`
      <tr>
        <th scope="row"><a href="${groupPath(group.group)}" title="${group.group}">${nameOf(group)}</a></th>
        <td>${state(group)}</td>
        <td class="number">${count(group.members.length)}</td>
        <td class="number" data-live="lag ${group.group}">${numberOf(
          pulse,
          `lag ${group.group}`,
        )}</td>
        <td>${protocolOf(group)}</td>
      </tr>
    `
  );
  return table("Consumer groups", ["Group", "State", "#Members", "#Lag", "Protocol"], rows);
}

function nameOf({ group }: GroupDescription): string {
  return group === "" ? "(empty id)" : group;
}

function state(group: GroupDescription): Html {
  const kind = group.state === "Stable" ? "good" : group.state === "Empty" ? "" : "set";
  return html`<span class="badge ${kind}" data-live="group state">${stateWords(group)}</span>`;
}

function protocolOf(group: GroupDescription): string {
  const strategy = group.type === "Classic" ? group.protocol : group.assignor;
  return strategy === "" ? group.type : `${group.type}, ${strategy}`;
}

/** One group. */
export async function group(site: Site, context: PageContext): Promise<Response> {
  await site.pulse.look();
  const facts = await groupNamed(site.view, context.req.query("id") ?? "");
  const { group, lags } = facts;
  const name = group.group;
  const epoch = group.type === "Classic"
    ? `Generation ${count(group.generation)}`
    : `Epoch ${count(group.groupEpoch)}`;
  const page = pageOf(context, lags, "partition");
  const body = html`<div data-group-page="${name}" data-first-row="${page.first}">${
    heading(nameOf(group), actions(site, name), crumbs(["Groups", "/groups"]))
  }
<dl class="tiles small">
<div class="tile"><dt>State</dt><dd>${state(group)}<span class="words">${epoch}</span></dd></div>
${tile("Lag", count(totalLag(lags)), "group lag", "records still to be read")}
${tile("Members", count(group.members.length), "group members", protocolOf(group))}
</dl>
${chart(`lag ${name}`, "Lag over time", "count", "Records the group has still to read")}
<h2>Partitions</h2>${lagTable(facts, page)}
<h2>Members</h2>${members(site, facts)}</div>`;
  return await show(site, context, { title: nameOf(group), section: "Groups", body, scripts: ["charts.js"] });
}

function actions(site: Site, group: string): Html | "" {
  if (!mayChange(site)) return "";
  return html`<a class="button" href="${
    groupPath(group, "/reset")
  }">Reset offsets</a><a class="button danger" href="${groupPath(group, "/delete")}">Delete</a>`;
}

function lagTable({ lags }: GroupFacts, { rows, foot }: PageOfRows<Lag>): Html {
  if (lags.length === 0) {
    return empty("No committed offset", "The group has read nothing yet, or commits its offsets elsewhere.");
  }
  const most = lags.reduce((largest, { lag }) => Math.max(largest, lag), 1);
  const shown = table(
    "Lag by partition",
    [
      "Topic",
      "#Partition",
      "#Committed",
      "#End",
      "#Lag",
      html`<span class="hidden">How much of the largest</span>`,
      "Member",
    ],
    rows.map((lag) => lagRow(lag, most)),
  );
  return html`${shown}${foot}`;
}

function lagRow({ topic, partition, committedOffset, endOffset, lag, member }: Lag, most: number): Html {
  const key = `${topic} ${partition}`;
  return html`
    <tr>
      <th scope="row"><a href="${topicPath(topic)}" title="${topic}">${topic}</a></th>
      <td class="number">${partition}</td>
      <td
        class="number"><a href="${topicPath(
          topic,
        )}?partition=${partition}&from=offset&at=${committedOffset}" data-live="committed ${key}">${count(
          committedOffset,
        )}</a></td>
      <td class="number" data-live="end ${key}">${endOffset < 0 ? "–" : count(endOffset)}</td>
      <td class="number strong" data-live="behind ${key}">${count(lag)}</td>
      <td>
        <svg class="bar" viewBox="0 0 100 8" width="100" height="8" aria-hidden="true">
          <rect width="${(lag / most * 100).toFixed(1)}" height="8" rx="2" />
        </svg>
      </td>
      <td>${member === null
        ? html`<span class="words">none</span>`
        : html`<bdi>${member.clientId || member.memberId}</bdi>`}</td>
    </tr>
  `;
}

function members({ view }: Site, { group }: GroupFacts): Html {
  const all = membersOf(group, view.image());
  if (all.length === 0) {
    return empty("No member", "Offsets can be reset now; a consumer that joins goes on from them.");
  }
  const rows = all.slice(0, MEMBERS_MAX).map(({ memberId, instanceId, clientId, clientHost, partitions }) => {
    const named = partitions.slice(0, NAMED_MAX).map(({ topic, partition }) => `${topic}-${partition}`).join(
      ", ",
    );
    const more = partitions.length > NAMED_MAX
      ? ` and ${counted(partitions.length - NAMED_MAX, "more", "more")}`
      : "";
    return html`
      <tr>
        <th scope="row"><bdi>${clientId || "–"}</bdi></th>
        <td><code>${memberId}</code>${instanceId === null ? "" : html`
          <span class="badge" title="Static member">${instanceId}</span>
        `}</td>
        <td>${clientHost}</td>
        <td class="number">${count(partitions.length)}</td>
        <td>${named}${more}</td>
      </tr>
    `;
  });
  const left = all.length - rows.length;
  return html`${table("Members", ["Client", "Member", "Host", "#Partitions", "Assigned"], rows)}${
    left > 0 ? html`<p class="words">${counted(left, "member")} more, not shown</p>` : ""
  }`;
}
